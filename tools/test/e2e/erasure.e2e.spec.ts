/** A person erases their profile: nobody has it any more, on no disk, and the product goes on as before. */
import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventDigest } from '@mcpstack/event-store';
import { askRedis, filesWith, signIn, waitFor } from '@mcpstack/testing';
import { expectedAnswers } from './expected-answers.ts';
import { newMember, PASSWORD, type Person } from './people.ts';
import { FAST, Product } from './product.ts';

const SECRET = `planted${randomBytes(10).toString('hex')}`;
const AUDIT = join(import.meta.dirname, '../../../apps/audit/dist/main.js');
const PROFILE = '/api/v1/me/profile';

let product: Product;
let ada: Person;
beforeAll(async () => {
  product = await Product.start({
    instances: { checkpointer: 1 },
    env: { ...FAST, CHECKPOINT_INTERVAL_MS: '1000' },
  });
  ada = await newMember(product, 'ada', 'developer');
}, 600_000);
afterAll(() => product?.stop());

const asAda = (method: string, path: string, body?: unknown) =>
  product.http(method, path, { token: ada.token, ...(body !== undefined && { body }) });
const memberOf = async (userId: string) => {
  const { body } = await product.http('GET', `/api/v1/organizations/${product.organizationId}/members`);
  return (body['data'] as Record<string, unknown>[]).find((one) => one['userId'] === userId);
};
/** Where a text stands: all that the product keeps on this machine, but for the provider's own list of accounts. */
const places = (text: string) => {
  const { dataDir, nats, redis } = product.stack;
  const folders = readdirSync(dataDir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const all = [nats!.dataDir, redis!.dataDir, ...folders.map(({ name }) => join(dataDir, name))];
  return new Set(all.flatMap((folder) => filesWith(folder, text)));
};

it('their name and address are gone from the answers, the log, Redis and every file of them', async () => {
  const before = await product.log();
  const changed = await asAda('PATCH', PROFILE, { name: SECRET, email: `${SECRET}@example.com` });
  expect([changed.status, changed.body['detail']]).toEqual([200, undefined]);
  // Controls: until now it is shown, and found where it is searched for.
  expect(await waitFor(() => memberOf(ada.userId), { what: 'the member' })).toMatchObject({ name: SECRET });
  const { nats, redis } = product.stack;
  await waitFor(() => filesWith(redis!.dataDir, SECRET).length > 0, { what: 'it in the files of Redis' });
  expect(filesWith(nats!.dataDir, SECRET)).not.toEqual([]);
  const stood = (await product.log()).filter(({ stream }) => stream === `user-${ada.userId}`);
  expect(stood.length).toBeGreaterThan(0);

  expect((await asAda('DELETE', PROFILE)).status).toBe(204);
  expect(filesWith(nats!.dataDir, SECRET)).toEqual([]);
  expect((await asAda('GET', PROFILE)).body['name']).toBeUndefined();
  expect(await memberOf(ada.userId)).not.toHaveProperty('name');
  // Redis keeps a file of all commands until it writes it anew: docs/erasure.md says when.
  await askRedis(redis!.port, 'BGREWRITEAOF');
  await waitFor(() => filesWith(redis!.dataDir, SECRET).length === 0, { what: 'a new file of commands' });
  expect([...places(SECRET)]).toEqual([]);

  const after = await product.log();
  const left = after.filter(({ stream }) => stream === `user-${ada.userId}`);
  expect(left.map(({ type }) => type)).toEqual(['UserProfileErased']);
  expect(left[0]!.data['erased']).toEqual(
    stood.map((event) => ({
      position: String(event.position),
      digest: eventDigest(event).toString('hex'),
    })),
  );
  // Everything else stands as it stood, but for profiles of people who were invited.
  const kept = before.filter(({ stream }) => !stream.startsWith('user-'));
  expect(after.filter((event) => kept.some(({ id }) => id === event.id))).toEqual(kept);
});

it('the log that is left replays to the answers of the product, now and after a rebuild', async () => {
  const told = expectedAnswers(await product.log(), Date.now());
  const mine = told.members.get(product.organizationId)!.get(ada.userId)!;
  expect(mine).not.toHaveProperty('name');
  const live = await memberOf(ada.userId);
  expect(live).toMatchObject({ role: mine['role'], state: mine['state'] });
  // Emptied, Redis is filled from the log alone.
  await askRedis(product.stack.redis!.port, 'FLUSHALL');
  await waitFor(async () => (await memberOf(ada.userId).catch(() => undefined)) !== undefined, {
    timeoutMs: 90_000,
    what: 'the read models to be built anew',
  });
  expect(await memberOf(ada.userId)).toEqual(live);
  expect((await asAda('GET', PROFILE)).body).toEqual({ userId: ada.userId });
});

it('the next login leaves it erased; the person may fill it again, and erase it again', async () => {
  const { accessToken } = await signIn(product.stack.gatewayUrl, { email: ada.email, password: PASSWORD });
  ada.token = accessToken;
  expect((await asAda('GET', PROFILE)).body).toEqual({ userId: ada.userId });
  expect((await asAda('PATCH', PROFILE, { name: `${SECRET}again` })).body).toMatchObject({
    name: `${SECRET}again`,
  });
  expect((await asAda('DELETE', PROFILE)).status).toBe(204);
  expect(filesWith(product.stack.nats!.dataDir, `${SECRET}again`)).toEqual([]);
  const left = (await product.log()).filter(({ stream }) => stream === `user-${ada.userId}`);
  expect(left).toHaveLength(1);
  // Named is all that ever stood there, what went with the first erasure included.
  expect(left[0]!.data['erased']).toHaveLength(Number(left[0]!.revision));
});

it('an auditor finds the log whole, twice erased and signed meanwhile (control: not without the record)', async () => {
  const { stack } = product;
  const { dataDir, eventStoreUrl } = stack;
  const audit = (url: string) => {
    const args = [
      'verify',
      '--log',
      url,
      '--key',
      join(dataDir, 'checkpoint-vkeys.txt'),
      '--json',
      '--no-progress',
    ];
    const { status, stdout } = spawnSync(process.execPath, [AUDIT, ...args], { encoding: 'utf8', env: {} });
    return { status, found: JSON.parse(stdout) as Record<string, unknown> };
  };
  expect(audit(eventStoreUrl)).toMatchObject({ status: 0 });
  // The control: the record too is taken out, as somebody with the rights of issuance could.
  const record = (await product.log()).find(({ stream }) => stream === `user-${ada.userId}`)!;
  const isSigned = async () =>
    (await product.log()).some(
      ({ type, data }) =>
        type === 'CheckpointSigned' && BigInt(data['position'] as string) >= record.position,
    );
  await waitFor(isSigned, { what: 'a checkpoint that covers the record' });
  const sequence = Number(record.position / 1024n);
  const deletion = `$JS.API.STREAM.MSG.DELETE.mcpstack_log`;
  await product.nats.request(deletion, JSON.stringify({ seq: sequence }), { timeout: 5_000 });
  expect(audit(eventStoreUrl)).toMatchObject({ status: 1 });
});
