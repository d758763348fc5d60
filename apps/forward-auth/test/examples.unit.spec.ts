/** The examples in deploy/proxies are what users copy: they name every identity header, and demand what can be. */
import { parse } from 'yaml';
import { demandsOfQuery, readDemands } from '../src/demands.ts';
import { IDENTITY_HEADERS } from '../src/identity.ts';
import { readSettings } from '../src/settings.ts';
import { example } from './proxies.ts';

const { CHECK_TIMEOUT_MS } = readSettings({ NATS_URL: 'nats://h:4222', TRUSTED_PROXIES: '10.0.0.0/8' });

/** The value of the one field of this name, wherever it stands in a document. */
function fieldsOf(document: unknown, name: string): unknown[] {
  if (typeof document !== 'object' || document === null) return [];
  return Object.entries(document).flatMap(([key, value]) => [
    ...(key === name ? [value as unknown] : []),
    ...fieldsOf(value, name),
  ]);
}

describe('the example for', () => {
  it('nginx takes every identity header from the answer, and sets it', () => {
    const text = example('nginx-keys.conf');
    for (const name of IDENTITY_HEADERS) {
      const variable = name.toLowerCase().replaceAll('-', '_');
      expect(text).toContain(`auth_request_set $${variable} $upstream_http_${variable};\n`);
      expect(text).toContain(`proxy_set_header ${name} $${variable};\n`);
    }
    expect(text.match(/^proxy_set_header Mcpstack-/gm)).toHaveLength(IDENTITY_HEADERS.length);
  });

  it('nginx demands what can be demanded, and waits longer than the check takes', () => {
    const text = example('nginx.conf');
    const demanded = [...text.matchAll(/set \$mcpstack_demands "([^"]*)"/g)].map(([, query]) => query!);
    expect(demanded.map((query) => demandsOfQuery(query, undefined).permission)).toEqual([
      'servers:read',
      'telemetry:write',
    ]);
    const [, seconds] = /proxy_read_timeout (\d+)s;/.exec(text)!;
    expect(Number(seconds) * 1_000).toBeGreaterThan(CHECK_TIMEOUT_MS);
  });

  it('Caddy copies every identity header, demands what can be, and waits long enough', () => {
    const text = example('Caddyfile');
    expect(/copy_headers (.*)/.exec(text)![1]!.split(' ')).toEqual([...IDENTITY_HEADERS]);
    expect(demandsOfQuery(/uri \/check\?(.*)/.exec(text)![1]!, undefined)).toEqual({
      permission: 'servers:read',
    });
    expect(Number(/response_header_timeout (\d+)s/.exec(text)![1]) * 1_000).toBeGreaterThan(CHECK_TIMEOUT_MS);
  });

  it('Traefik removes whatever looks like ours, believes no client, and drops the key last', () => {
    const document = parse(example('traefik.yaml')) as unknown;
    const [pattern] = fieldsOf(document, 'authResponseHeadersRegex') as string[];
    // Go spells the flag inside the pattern.
    const regex = new RegExp(pattern!.replace('(?i)', ''), 'i');
    for (const name of [...IDENTITY_HEADERS, 'Mcpstack_key_id', 'Mcpstack-Tenant'])
      expect(name).toMatch(regex);
    expect('X-Mcpstack').not.toMatch(regex);
    expect(fieldsOf(document, 'trustForwardHeader')).toEqual([false]);
    expect(fieldsOf(document, 'customRequestHeaders')).toEqual([{ Authorization: '', 'X-API-Key': '' }]);
    const middlewares = fieldsOf(document, 'middlewares')[0] as object;
    expect(Object.values(middlewares)).toEqual(['mcpstack-keys', 'mcpstack-drop-key']);
    const [address] = fieldsOf(document, 'address') as string[];
    expect(demandsOfQuery(new URL(address!).search.slice(1), undefined)).toEqual({
      permission: 'servers:read',
    });
  });

  it('Envoy fails closed, demands what can be on every route, and waits long enough', () => {
    const document = parse(example('envoy.yaml')) as unknown;
    const demanded = fieldsOf(document, 'context_extensions') as Record<string, string>[];
    expect(demanded.map((extensions) => readDemands(Object.entries(extensions)).permission)).toEqual([
      'telemetry:write',
      'servers:read',
    ]);
    expect((fieldsOf(document, 'routes')[0] as unknown[]).length).toBe(demanded.length);
    expect(fieldsOf(document, 'failure_mode_allow')).toEqual([false]);
    expect(fieldsOf(document, 'headers_with_underscores_action')).toEqual(['DROP_HEADER']);
    // All headers go to the check, which has the forged ones removed.
    expect(fieldsOf(document, 'allowed_headers')).toEqual([]);
    const [timeout] = fieldsOf(document, 'timeout') as string[];
    expect(Number(timeout!.replace('s', '')) * 1_000).toBeGreaterThan(CHECK_TIMEOUT_MS);
  });
});
