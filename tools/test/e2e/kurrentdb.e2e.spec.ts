/**
 * The whole product with KurrentDB as its log; the wire double stands for the server. Of two tries at once of
 * one create KurrentDB leaves one without an answer for about 2.5 s, as recorded: these rounds take their time.
 */
// eslint-disable-next-line no-restricted-imports -- a peer for tests, which no room shows
import { KurrentDbDouble } from '../../../libs/event-store/test/kurrentdb-double/start-double.ts';
import { chainFaults, waitFor } from '@mcpstack/testing';
import { compareWithLog } from './audit.ts';
import { FAST, Product, WHOLE } from './product.ts';

let double: KurrentDbDouble;
let product: Product;
beforeAll(async () => {
  double = await KurrentDbDouble.start();
  const env = { ...FAST, CHECKPOINT_INTERVAL_MS: '300' };
  product = await Product.start({ instances: WHOLE, eventStoreUrl: double.url(), env });
}, 600_000);
afterAll(async () => {
  await product?.stop();
  await double?.stop();
});

it('create, VALID, rename, revoke, refused; retried once; the read model is the fold of the log', async () => {
  for (let round = 0; round < 10; round += 1) {
    const idempotencyKey = crypto.randomUUID();
    const body = { name: `round ${round}`, role: 'developer' };
    const [first, again] = await Promise.all(
      [1, 2].map(() => product.insist('POST', product.keysPath, { body, idempotencyKey })),
    );
    const { id, secret } = first!.body as { id: string; secret: string };
    expect(again!.body).toMatchObject({ id, secret });
    expect((await product.verify({ key: secret })).code).toBe('VALID');
    const path = `${product.keysPath}/${id}`;
    expect((await product.http('PATCH', path, { body: { name: 'renamed' } })).status).toBe(200);
    expect((await product.http('DELETE', path)).status).toBe(204);
    expect((await product.verify({ key: secret })).code).toBe('REVOKED');
  }
  const events = await product.log();
  expect(events.filter(({ stream }) => stream.startsWith('key-'))).toHaveLength(30);
  expect(await compareWithLog(product)).toEqual({ exitCode: 0, differences: [], stderr: '' });
}, 600_000);

it('the log killed and restarted: checks go on, changes come back without a restart', async () => {
  const key = await product.create('steady');
  await double.kill();
  expect((await product.verify({ key: key.secret })).code).toBe('VALID');
  await double.restart();
  expect((await product.insist('DELETE', `${product.keysPath}/${key.id}`)).status).toBe(204);
  expect((await product.verify({ key: key.secret })).code).toBe('REVOKED');
}, 600_000);

it('the log is signed on it too, also after it was away (G9)', async () => {
  const covered = async () => {
    const answer = await fetch(`${product.stack.service('checkpointer').url}/health/checkpoints`);
    return ((await answer.json()) as { size: number }).size;
  };
  const log = await product.log();
  const length = log.findLastIndex(({ type }) => type !== 'CheckpointSigned') + 1;
  await waitFor(async () => (await covered()) >= length, { timeoutMs: 90_000, what: 'all to be covered' });
  expect(chainFaults(log)).toEqual([]);
}, 600_000);
