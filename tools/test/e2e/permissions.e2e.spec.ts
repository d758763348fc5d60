/** The whole product on a NATS server and a Redis where each service may do what deploy/nats and deploy/redis say, and nothing else. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REBUILD_SUBJECT, VERIFY_BATCH_SUBJECT } from '@mcpstack/contracts';
import { repositoryRoot } from '@mcpstack/local-servers';
import { createVerifier } from '@mcpstack/verify';
import { waitFor } from '@mcpstack/testing';
import { connect } from '@nats-io/transport-node';
import { createClient } from '@redis/client';
import { loginAs, loginSettings } from '../nats/logins.ts';
import { startGuardedNats, type GuardedNats } from '../nats/server.ts';
import { startGuardedRedis, type GuardedRedis } from '../redis/server.ts';
import { newMember } from './people.ts';
import { FAST, Product, WHOLE } from './product.ts';

let nats: GuardedNats;
let redis: GuardedRedis;
let product: Product;
let receiver: Server;
const received: string[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    received.push(request.url!);
    request.resume().on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  nats = await startGuardedNats();
  redis = await startGuardedRedis();
  product = await Product.start({
    natsUrl: `nats://${nats.address}`,
    redisUrl: redis.server.url,
    envOf: (service) => ({ ...loginSettings(nats, service), ...redis.settings(service) }),
    nats: loginAs(nats, 'verifier'),
    instances: { ...WHOLE, 'forward-auth': 1 },
    env: {
      ...FAST,
      CHECKPOINT_INTERVAL_MS: '300',
      WEBHOOK_ALLOW_PRIVATE: 'true',
      TRUSTED_PROXIES: '127.0.0.1/32',
    },
  });
}, 180_000);
afterAll(async () => {
  await product?.stop();
  await nats?.stop();
  await redis?.stop();
  receiver?.close();
});

const inOrganization = (path: string) => `/api/v1/organizations/${product.organizationId}${path}`;

/** A request that must succeed. */
async function done(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await product.http(method, path, body === undefined ? {} : { body });
  expect([answer.status < 300, answer.status, answer.body['detail']]).toEqual([
    true,
    answer.status,
    undefined,
  ]);
  return answer.body;
}

it('keys are made, checked by a service and a proxy, explained, rotated, counted, and refused once revoked', async () => {
  const key = await product.create('guarded');
  expect(await product.verify({ key: key.secret })).toMatchObject({ code: 'VALID' });
  const verifier = await createVerifier({ nats: loginAs(nats, 'verifier') });
  const questions = [{}, { permission: 'servers:read' }, { permission: 'servers:write' }] as const;
  const checks = await Promise.all(questions.map((one) => verifier.verify({ key: key.secret, ...one })));
  expect(checks.map(({ code }) => code)).toEqual(['VALID', 'VALID', 'VALID']);
  const proxy = `${product.stack.service('forward-auth').url}/check?any-key=true`;
  const asked = () => fetch(proxy, { headers: { authorization: `Bearer ${key.secret}` } });
  expect((await asked()).status).toBe(200);
  const at = `${product.keysPath}/${key.id}`;
  expect(await done('POST', `${at}/explain`, { permission: 'servers:read' })).toBeDefined();
  const { secret } = await done('POST', `${at}/rotate`, {});
  expect(await product.verify({ key: secret as string })).toMatchObject({ code: 'VALID' });
  await waitFor(async () => Boolean((await product.http('GET', at)).body['lastUsedAt']), {
    what: 'uses in the log',
  });

  await done('DELETE', at);
  expect((await verifier.verify({ key: key.secret })).code).toBe('REVOKED');
  expect((await asked()).status).toBe(401);
  await verifier.close();
});

it('what a key may do is bounded and counted', async () => {
  const { body } = await product.http('POST', product.keysPath, {
    body: {
      name: 'bounded',
      role: 'viewer',
      limits: [{ name: 'burst', limit: 2, windowMs: 3_600_000 }],
      quotas: [{ name: 'monthly', limit: 100, interval: 'month' }],
    },
  });
  const key = body['secret'] as string;
  const codes: string[] = [];
  for (let count = 0; count < 3; count += 1) codes.push((await product.verify({ key })).code);
  expect(codes).toEqual(['VALID', 'VALID', 'RATE_LIMITED']);
});

it('leaks are reported, keys of a member who leaves are found, and a profile is erased', async () => {
  const leaked = await product.create('leaked');
  await done('POST', '/api/v1/credentials/revoke', { credentials: [leaked.secret] });
  await waitFor(async () => (await product.verify({ key: leaked.secret })).code === 'REVOKED', {
    what: 'the end',
  });
  await done('PUT', inOrganization('/policy'), { onMakerLoss: 'revoke' });
  const member = await newMember(product, 'leaving', 'admin');
  const { body } = await product.http('POST', product.keysPath, {
    body: { name: 'of a member', role: 'viewer' },
    token: member.token,
  });
  await done('DELETE', inOrganization(`/members/${member.userId}`));
  expect((await product.verify({ key: body['secret'] as string })).code).toBe('REVOKED');
  expect((await product.http('DELETE', '/api/v1/me/profile', { token: member.token })).status).toBe(204);
  expect((await product.http('POST', '/api/v1/auth/logout', { token: member.token })).status).toBeLessThan(
    300,
  );
});

it('webhooks are told, domains are looked at', async () => {
  const { port } = receiver.address() as AddressInfo;
  const webhook = await done('POST', inOrganization('/webhooks'), {
    name: 'siem',
    url: `http://127.0.0.1:${port}/told`,
  });
  const at = inOrganization(`/webhooks/${webhook['id'] as string}`);
  await done('POST', `${at}/test`, {});
  await product.create('told of');
  await waitFor(() => received.length > 1, { what: 'deliveries' });
  expect(await done('GET', `${at}/deliveries`)).toHaveProperty('progress');
  await done('DELETE', at);
  const agent = await done('POST', inOrganization('/agents'), { name: 'Agent' });
  const domains = inOrganization(`/agents/${agent['id'] as string}/domains`);
  const domain = await done('POST', domains, { domain: 'nowhere.example' });
  await done('POST', `${domains}/${domain['id'] as string}/check`, {});
});

it('the log is checkpointed, and the auditor proves it with rights to read alone', async () => {
  const covered = async () => {
    const answer = await fetch(`${product.stack.service('checkpointer').url}/health/checkpoints`);
    return ((await answer.json()) as { size: number }).size;
  };
  const before = await covered();
  await product.create('to be covered');
  await waitFor(async () => (await covered()) > Math.max(1, before), { what: 'a checkpoint' });
  const main = join(repositoryRoot(), 'apps', 'audit', 'dist', 'main.js');
  const keys = join(product.stack.dataDir, 'checkpoint-vkeys.txt');
  const env = { ...process.env, NODE_OPTIONS: '', EVENT_STORE_URL: nats.url('auditor') };
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'verify', '--key', keys], { env });
  expect(stdout).toMatch(/\S/);
});

it('the operator rebuilds the read models, and sees who is there', async () => {
  const operator = await connect(loginAs(nats, 'operator'));
  const answer = await operator.request(REBUILD_SUBJECT, '{}', { timeout: 10_000 });
  expect(answer.json()).not.toHaveProperty('error');
  const main = join(repositoryRoot(), 'apps', 'audit', 'dist', 'main.js');
  const urls = { EVENT_STORE_URL: nats.url('auditor'), REDIS_URL: redis.url('auditor') };
  const env = { ...process.env, NODE_OPTIONS: '', ...urls };
  const compared = promisify(execFile)(process.execPath, [main, 'replay', '--compare'], { env });
  expect((await compared).stdout).toMatch(/\S/);
  const there = await operator.requestMany('$SRV.PING', '', { maxWait: 1_000 });
  const names: string[] = [];
  for await (const one of there) names.push(one.json<{ name: string }>().name);
  expect(new Set(names)).toEqual(new Set(['mcpstack-authorizer', 'mcpstack-scheduler']));
  await operator.close();
});

it('nothing of all this was refused by the server, and no service says so', async () => {
  const logs = () =>
    [...product.stack.services.values()].flatMap(({ name, logPath }) =>
      readFileSync(logPath, 'utf8')
        .split('\n')
        .filter((line) => /permissions? violation|not allowed|authoriz\w+ violation/i.test(line))
        .map((line) => `${name}: ${line}`),
    );
  expect(nats.refusals()).toEqual([]);
  expect(await redis.refusals()).toEqual([]);
  expect(logs()).toEqual([]);
  // Negative control: one thing that nobody may, and the server's log says it.
  product.nats.publish(VERIFY_BATCH_SUBJECT.replace('verify-batch', 'identify'), '{}');
  await product.nats.flush();
  await waitFor(() => nats.refusals().length > 0, { what: 'the refusal in the log' });
  expect(nats.refusals()).toEqual([expect.stringContaining('identify')]);
  const gateway = createClient({ url: redis.url('gateway') });
  await gateway.connect();
  await expect(gateway.sendCommand(['DEL', 'mcpstack:{p0}:control'])).rejects.toThrow('NOPERM');
  gateway.destroy();
  expect(await redis.refusals()).toEqual(['gateway: del (command)']);
});
