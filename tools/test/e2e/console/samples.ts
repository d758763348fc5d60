/** An organization as it might be, for looking at the pages: people, agents, keys that were used, webhooks. */
import { waitFor } from '@mcpstack/local-servers';
// eslint-disable-next-line no-restricted-imports -- a peer for tests, which no room shows
import type { DnsServer } from '../../../../apps/scheduler/test/dns-server.ts';
import { newMember } from '../people.ts';
import type { Product } from '../product.ts';

const DAY_MS = 86_400_000;

/** Ids of what has a page of its own. */
export interface Samples {
  keyId: string;
  publicKeyId: string;
  agentId: string;
  webhookId: string;
}

/** @param receiverPort of what takes webhooks on this machine. */
export async function makeSamples(product: Product, dns: DnsServer, receiverPort: number): Promise<Samples> {
  const base = `/api/v1/organizations/${product.organizationId}`;
  const make = async (path: string, body: object): Promise<Record<string, string>> => {
    const answer = await product.insist('POST', `${base}/${path}`, { body });
    if (answer.status > 201) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as Record<string, string>;
  };
  await product.http('PATCH', '/api/v1/me/profile', {
    body: { name: 'Ada Owner', email: 'ada@example.com' },
  });
  // One after the other: they stand in one file of passwords.
  await newMember(product, 'grace', 'admin');
  await newMember(product, 'linus', 'developer');
  await newMember(product, 'barbara', 'viewer');
  await make('invitations', { email: 'margaret@example.com', role: 'developer' });
  await make('servers', { name: 'billing', url: 'https://billing.example.com/mcp' });
  await make('servers', { name: 'search' });

  const agent = await make('agents', { name: 'Support assistant' });
  await make('agents', { name: 'Docs assistant' });
  const domains = `agents/${agent['id']}/domains`;
  const shop = await make(domains, { domain: 'shop.example.com' });
  const { dns: record } = shop['proof'] as unknown as { dns: { name: string; value: string } };
  dns.set('TXT', record.name, [record.value]);
  await make(`${domains}/${shop['id']}/check`, {});
  await make(domains, { domain: 'help.example.com' });
  const publicKey = await make('public-keys', {
    name: 'Shop, production',
    agentId: agent['id'],
    origins: ['https://shop.example.com'],
  });
  for (let times = 0; times < 12; times += 1)
    await product.verify({ key: publicKey['value']!, origin: 'https://shop.example.com' });

  const expiresAt = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
  const keys = [
    {
      name: 'ci-smoke-prod',
      role: 'developer',
      expiresAt: expiresAt(90),
      environment: 'production',
      tags: ['ci'],
    },
    { name: 'telemetry', role: 'developer', permissions: ['telemetry:write'], environment: 'production' },
    { name: 'nightly-report', role: 'viewer', expiresAt: expiresAt(6), allowedIps: ['10.0.0.0/8'] },
    { name: 'old-deploy', role: 'admin' },
  ];
  const made = [];
  for (const key of keys) made.push(await make('api-keys', key));
  const [used] = made;
  for (let times = 0; times < 40; times += 1) await product.verify({ key: used!['secret']! });
  await product.http('POST', `${base}/api-keys/${made[2]!['id']}/suspend`);
  await product.http('DELETE', `${base}/api-keys/${made[3]!['id']}`);
  await waitFor(
    async () =>
      (await product.http('GET', `${base}/api-keys/${used!['id']}`)).body['lastUsedAt'] !== undefined,
    { what: 'the use to be counted' },
  );
  dns.set('A', 'siem.example.com', ['127.0.0.1']);
  const url = `http://siem.example.com:${receiverPort}/mcpstack`;
  const webhook = await make('webhooks', { name: 'SIEM', url });
  await make(`webhooks/${webhook['id']}/test`, {});
  return {
    keyId: used!['id']!,
    publicKeyId: publicKey['id']!,
    agentId: agent['id']!,
    webhookId: webhook['id']!,
  };
}
