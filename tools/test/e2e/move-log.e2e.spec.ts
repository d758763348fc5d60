/**
 * The product's log moved from JetStream to KurrentDB (the wire double stands for the server) as docs/log-backup.md says:
 * checks and auditors answer as before, and keys that were made before are revoked after.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats, startRedis, type LocalServer } from '@mcpstack/testing';
// eslint-disable-next-line no-restricted-imports -- a peer for tests, which no room shows
import { KurrentDbDouble } from '../../../libs/event-store/test/kurrentdb-double/start-double.ts';
import { compareWithLog } from './audit.ts';
import { FAST, Product } from './product.ts';
import { codesAre, command, makeSample, signed, type SampleKey } from './sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'mcpstack-move-'));
const vkeys = join(folder, 'checkpoint-vkeys.txt');
const kept = join(folder, 'kept.txt');
const env = { ...FAST, CHECKPOINT_INTERVAL_MS: '300' };
let nats: LocalServer;
let redis: LocalServer;
let double: KurrentDbDouble;
let product: Product;
let sample: SampleKey[];
let told: string;

const start = (eventStoreUrl: string) =>
  Product.start({
    ...{ instances: { checkpointer: 1 }, dataDir: folder, natsUrl: nats.url, redisUrl: redis.url },
    ...{ eventStoreUrl, env },
  });

const audit = (...args: string[]) => command('audit', [...args, '--log', product.stack.eventStoreUrl]);

/** What an auditor learns of the time before the move. */
async function toldBy(until: string): Promise<string> {
  const asOf = await audit('as-of', until, '--json');
  const exported = await audit(
    'export',
    '--format',
    'cloudevents',
    '--to',
    until,
    '--personal-data',
    '--usage',
  );
  expect([asOf, exported]).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
  // How many events came since is told, too.
  return asOf.stdout.replace(/"laterEvents": \d+/, '') + exported.stdout;
}

let moment: string;
beforeAll(async () => {
  [nats, redis, double] = await Promise.all([startNats(), startRedis(), KurrentDbDouble.start()]);
  product = await start(nats.url);
  sample = await makeSample(product);
  expect((await product.insist('DELETE', '/api/v1/me/profile')).status).toBeLessThan(300);
  await signed(product);
  moment = new Date().toISOString();
  told = await toldBy(moment);
  cpSync(join(folder, 'checkpoint.txt'), kept);
}, 600_000);
afterAll(async () => {
  await product?.stop();
  await Promise.all([nats?.stop(), redis?.stop(), double?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const places = () => ({ EVENT_STORE_URL: nats.url, TARGET_EVENT_STORE_URL: double.url() });

it('copied under load, finished once nothing writes, and started on the other log', async () => {
  let isDone = false;
  const load = (async () => {
    for (let n = 0; !isDone || n < 10; n += 1)
      sample.push({ ...(await product.create(`load ${n}`)), code: 'VALID' });
  })();
  expect(await command('log', ['copy'], places())).toMatchObject({ exitCode: 0 });
  isDone = true;
  await load;
  await product.stop();
  expect(await command('log', ['copy', '--finish'], places())).toMatchObject({ exitCode: 0 });
  expect(await command('log', ['compare'], places())).toMatchObject({ exitCode: 0 });
  product = await start(double.url());
  await codesAre(product, sample);
}, 600_000);

it('the read models were built anew from it, and equal its fold', async () => {
  expect(await compareWithLog(product)).toEqual({ exitCode: 0, differences: [], stderr: '' });
}, 300_000);

it('a key of before is revoked, and one is made; the tree of checkpoints goes on', async () => {
  const old = sample.find(({ code }) => code === 'VALID')!;
  expect((await product.insist('DELETE', `${product.keysPath}/${old.id}`)).status).toBe(204);
  old.code = 'REVOKED';
  sample.push({ ...(await product.create('made after')), code: 'VALID' });
  await codesAre(product, sample);
  await signed(product);
  const verified = await audit('verify', '--key', vkeys, '--witness', kept);
  expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringContaining('fits') as string]);
  const consistency = await audit('consistency', kept, 'latest', '--output', join(folder, 'proof.txt'));
  expect(consistency.exitCode).toBe(0);
}, 600_000);

it('auditors are told the same of the time before', async () => {
  expect(await toldBy(moment)).toBe(told);
}, 300_000);
