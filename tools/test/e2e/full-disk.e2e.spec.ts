/** Disks and memory that are full: what is refused meanwhile, that nothing acknowledged is lost, and how it goes on. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askRedis, startNats, waitFor, type LocalServer } from '@mcpstack/local-servers';
import { FAST, Product } from './product.ts';

const DISK = '24m';
const ROUNDS = 3;

/** A file system of its own that is soon full. Undefined where this machine lets nobody mount one. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-small-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'mcpstack-small-disk', folder]);
  if (status === 0) return folder;
  rmSync(folder, { recursive: true });
  return undefined;
}

const disk = smallDisk();
let log: LocalServer;
let product: Product;
let key: { id: string; secret: string };

beforeAll(async () => {
  log = await startNats(disk === undefined ? {} : { dataDir: join(disk, 'nats') });
  product = await Product.start({ eventStoreUrl: log.url, env: { ...FAST, FINAL_TIMEOUT_MS: '4000' } });
  key = await product.create('checked');
}, 600_000);
afterAll(async () => {
  await product?.stop();
  await log?.stop();
  if (disk === undefined) return;
  execFileSync('umount', ['--lazy', disk]);
  rmSync(disk, { recursive: true });
});

const code = async (): Promise<string> => (await product.verify({ key: key.secret })).code;
const post = (name: string) =>
  product.http('POST', product.keysPath, { body: { name, role: 'viewer' } }).then(({ status }) => status);

/** Names of the keys that the log holds. */
async function named(): Promise<string[]> {
  const made = (await product.log()).filter(({ type }) => type === 'KeyCreated');
  return made.map(({ data }) => data['name'] as string);
}

describe(`the log's disk${disk === undefined ? ' (skipped: nobody may mount one here)' : ''}`, () => {
  (disk === undefined ? it.skip : it)(
    'full: changes are refused, checks go on; with room again, and its server started anew, all goes on',
    async () => {
      const filler = join(disk!, 'filler');
      const { bavail, bsize } = statfsSync(disk!);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
      const answers: [string, number][] = [];
      const isRefused = async (): Promise<boolean> => {
        const name = `key ${answers.length}`;
        answers.push([name, await post(name)]);
        return answers.at(-1)![1] === 503;
      };
      // What fits into blocks that were taken before is still written.
      await waitFor(isRefused, { timeoutMs: 240_000, intervalMs: 0, what: 'the disk to be full' });
      for (let round = 0; round < ROUNDS; round += 1) {
        expect(await code()).toBe('VALID');
        expect(await isRefused()).toBe(true);
      }
      rmSync(filler);
      await log.restart();
      const { secret } = await product.create('after');
      await waitFor(async () => (await product.verify({ key: secret })).valid);
      const kept = await named();
      const acknowledged = answers.filter(([, status]) => status === 201).map(([name]) => name);
      expect(kept).toEqual(expect.arrayContaining(['checked', ...acknowledged, 'after']));
      expect(new Set(kept).size).toBe(kept.length);
    },
    600_000,
  );
});

describe("Redis' memory", () => {
  it('full: nothing is proven for longer than the last stamp; with room again, all goes on', async () => {
    await waitFor(async () => (await code()) === 'VALID');
    const { port } = product.stack.redis!;
    await askRedis(port, 'CONFIG', 'SET', 'maxmemory', '1');
    await waitFor(async () => (await code()) === 'UNAVAILABLE', { what: 'the last stamp to run out' });
    // Recorded in the log, and not yet final: the same request again says when it is.
    const path = `${product.keysPath}/${key.id}`;
    expect((await product.http('DELETE', path)).status).toBe(503);
    expect(await code()).toBe('UNAVAILABLE');
    await askRedis(port, 'CONFIG', 'SET', 'maxmemory', '0');
    expect((await product.insist('DELETE', path)).status).toBe(204);
    expect(await code()).toBe('REVOKED');
  }, 600_000);
});
