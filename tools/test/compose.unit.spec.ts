import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { parse } from 'yaml';
import { Stack } from '@mcpstack/local-servers';

const ROOT = join(import.meta.dirname, '..', '..');
const FIXTURES = join(import.meta.dirname, 'fixtures');

interface ComposeService {
  image?: string;
  command?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[]; disable?: boolean };
  volumes?: string[];
  profiles?: string[];
  network_mode?: string;
  ports?: string[];
  read_only?: boolean;
}
interface Compose {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  configs: Record<string, { file: string }>;
}

const read = (path: string) => parse(readFileSync(path, 'utf8'), { merge: true }) as Compose;

/** What the schema of the Compose Specification objects to. */
function objections(compose: Compose): ErrorObject[] {
  const path = join(FIXTURES, 'compose-spec', 'compose-spec.json');
  const schema = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  // It names draft 07 by an address that the validator does not know it by.
  delete schema.$schema;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(schema);
  validate(compose);
  return validate.errors ?? [];
}

describe('docker-compose.yml', () => {
  const compose = read(join(ROOT, 'docker-compose.yml'));
  const { services } = compose;
  const ours = [
    ...['issuance', 'projection', 'authorizer', 'scheduler', 'checkpointer', 'webhooks'],
    ...['identity-provider', 'gateway', 'forward-auth'],
  ];

  it('follows the schema of the Compose Specification', () => {
    expect(objections(compose)).toEqual([]);
  });

  it('control: the schema objects to each mistake in a broken file', () => {
    const found = objections(read(join(FIXTURES, 'broken-compose.yml')));
    expect(found.map(({ instancePath }) => instancePath)).toEqual(
      expect.arrayContaining([
        '/services/gateway',
        '/services/gateway/ports',
        '/services/gateway/depends_on/nats/condition',
      ]),
    );
  });

  it('has the log, NATS, Redis, the nine services from one image, and their setup', () => {
    expect(Object.keys(services).sort()).toEqual(
      [...ours, 'kurrentdb', 'nats', 'redis', 'secrets', 'setup'].sort(),
    );
    expect(new Set([...ours, 'secrets', 'setup'].map((name) => services[name]!.image)).size).toBe(1);
    for (const name of [...ours, 'setup', 'secrets']) expect(services[name]!.read_only).toBe(true);
  });

  it('starts forward-auth only where it is asked for, and needs nothing that is', () => {
    const asked = Object.keys(services).filter((name) => services[name]!.profiles);
    expect(asked).toEqual(['forward-auth']);
    const needed = Object.values(services).flatMap(({ depends_on: needs = {} }) => Object.keys(needs));
    expect(needed).not.toContain('forward-auth');
  });

  it('has an identity provider at one address for browsers and the gateway, on this machine alone', () => {
    const [gateway, provider] = [services.gateway!, services['identity-provider']!];
    const { ISSUER: issuer, PORT: port, NODE_ENV: mode, REDIRECT_URIS: redirects } = provider.environment!;
    expect(provider.network_mode).toBe('service:gateway');
    expect(gateway.ports).toContain(`127.0.0.1:${port}:${port}`);
    expect(issuer).toBe(`http://localhost:${port}`);
    expect(gateway.environment!.OIDC_ISSUER).toBe(`\${OIDC_ISSUER:-${issuer}}`);
    expect(redirects).toBe(`${gateway.environment!.PUBLIC_URL}/auth/callback`);
    // The image says production, where it would not start.
    expect(mode).toBe('development');
  });

  it('hands the gateway the proxies that are named, and needs no password where no setup runs', () => {
    expect(services.gateway!.environment!.TRUSTED_PROXIES).toBe('${TRUSTED_PROXIES:-}');
    expect(services.setup!.environment!.OWNER_PASSWORD).toBe('${OWNER_PASSWORD:-}');
    // `${NAME:?…}` stops every command, also one that leaves the service out.
    expect(JSON.stringify(compose)).not.toContain(':?');
  });

  it('pins every image to a version', () => {
    for (const [name, { image }] of Object.entries(services)) {
      expect(`${name} ${image}`).toMatch(/:\d+\.\d+(\.\d+)?(-\w+)?$/);
    }
  });

  it('waits only for services that exist, and for health only where there is a check', () => {
    for (const { depends_on: needs = {} } of Object.values(services)) {
      for (const [other, { condition }] of Object.entries(needs)) {
        expect(Object.keys(services)).toContain(other);
        // Our own image brings its health check along.
        const checked = services[other]!.healthcheck?.test ?? ours.includes(other);
        expect(condition === 'service_healthy' ? Boolean(checked) : true).toBe(true);
      }
    }
  });

  it('mounts only volumes and configuration that it names', () => {
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.map((v) => v.split(':')[0]!),
    );
    expect([...new Set(mounted)].sort()).toEqual(Object.keys(compose.volumes).sort());
    for (const { file } of Object.values(compose.configs)) expect(existsSync(join(ROOT, file))).toBe(true);
  });

  it('runs programs that are built from sources that exist', () => {
    for (const name of [...ours, 'setup', 'secrets']) {
      const [node, program] = services[name]!.command!;
      expect(node).toBe('node');
      const source = program!
        .replace('/dist/service.js', '/src/main.ts')
        .replace('/dist/', '/src/')
        .replace(/\.js$/, '.ts');
      expect(`${source} ${existsSync(join(ROOT, source))}`).toBe(`${source} true`);
    }
  });

  it('gives each service the settings that npm start gives it', () => {
    const stack = new Stack();
    const given = Object.keys(stack.env).filter(
      (name) => /_(URL|FILE)$/.test(name) && name in services.gateway!.environment!,
    );
    expect(given.sort()).toEqual(
      [
        ...['CHECKPOINT_FILE', 'CHECKPOINT_KEY_FILE', 'CHECKPOINT_VKEY_FILE', 'EVENT_STORE_URL'],
        ...['LOCAL_LOGIN_FILE', 'NATS_URL', 'PEPPER_FILE', 'REDIS_URL', 'WEBHOOK_KEY_FILE'],
      ].sort(),
    );
    return stack.stop();
  });
});
