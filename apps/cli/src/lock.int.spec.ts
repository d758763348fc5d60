import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { Credentials } from './credentials.ts';
import { take, withLock } from './lock.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcpstack-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Counts up in a file, with a pause between reading and writing. */
async function countUp(): Promise<void> {
  const file = join(folder, 'count');
  let count = 0;
  try {
    count = Number(readFileSync(file, 'utf8'));
  } catch {
    // The first.
  }
  await new Promise((resolve) => setImmediate(resolve));
  writeFileSync(file, String(count + 1));
}
const counted = () => Number(readFileSync(join(folder, 'count'), 'utf8'));
const locks = () => readdirSync(folder).filter((name) => name.startsWith('lock.'));

describe('withLock', () => {
  it('lets in one at a time; one file is left', async () => {
    await Promise.all(Array.from({ length: 40 }, () => withLock(path, countUp)));
    expect(counted()).toBe(40);
    expect(locks()).toEqual(['lock.40']);
  });

  it('control: without it counts are lost', async () => {
    await Promise.all(Array.from({ length: 40 }, countUp));
    expect(counted()).toBeLessThan(40);
  });

  it('an error lets go; what is settled meanwhile needs no lock', async () => {
    await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(path, () => Promise.resolve(1))).toBe(1);
    const held = withLock(path, () => new Promise<number>((resolve) => setTimeout(resolve, 200, 2)));
    let looks = 0;
    const settled = () => ((looks += 1) > 2 ? 3 : undefined);
    expect(await withLock(path, () => Promise.resolve(4), { settled })).toBe(3);
    expect(await held).toBe(2);
  });

  it('passes by a holder of this machine that is dead, at once', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await withLock(path, () => Promise.resolve());
    const { where } = await whereOf();
    writeFileSync(`${path}.5`, JSON.stringify({ pid, where }));
    const beganMs = performance.now();
    expect(await withLock(path, () => Promise.resolve(1))).toBe(1);
    expect(performance.now() - beganMs).toBeLessThan(5_000);
    expect(locks()).toEqual(['lock.6']);
  });

  it('waits for one that lives, and for one elsewhere as long as it gives signs of life', async () => {
    const { where } = await whereOf();
    writeFileSync(`${path}.5`, JSON.stringify({ pid: process.pid, where }));
    const lives = () => utimesSync(`${path}.5`, new Date(), new Date());
    const life = setInterval(lives, 50);
    const waits = { mostMs: 600, deadAfterMs: 300 };
    await expect(withLock(path, () => Promise.resolve(), waits)).rejects.toThrow('was not free');
    writeFileSync(`${path}.5`, JSON.stringify({ pid: 1, where: 'elsewhere' }));
    await expect(withLock(path, () => Promise.resolve(), waits)).rejects.toThrow('was not free');
    clearInterval(life);
    expect(await withLock(path, () => Promise.resolve(1), { deadAfterMs: 300 })).toBe(1);
  });

  it('a credentials file that another process holds for longer than the command may take: unavailable', async () => {
    const credentials = new Credentials(folder, { mostMs: 100 });
    const waiting = withLock(join(folder, 'credentials.lock'), () => credentials.change('a', () => ({})));
    await expect(waiting).rejects.toMatchObject({
      outcome: 'unavailable',
      message: 'Another mcpstack is still renewing this login.',
    });
  });

  it('a number that is low, because others came and went meanwhile, is no lock', () => {
    writeFileSync(`${path}.5`, 'free');
    expect(take(path, 3)).toBe(false);
    expect(locks()).toEqual(['lock.5']);
    expect(take(path, 6)).toBe(true);
    // Nor is one that somebody has.
    expect(take(path, 6)).toBe(false);
  });

  it('one that was cut off while it was made is passed by in time', async () => {
    writeFileSync(`${path}.1`, '');
    expect(await withLock(path, () => Promise.resolve(1), { deadAfterMs: 200 })).toBe(1);
  });

  /** What a holder of this process writes. */
  async function whereOf(): Promise<{ where: string }> {
    return withLock(path, () => {
      const [own] = locks();
      return Promise.resolve(JSON.parse(readFileSync(join(folder, own!), 'utf8')) as { where: string });
    });
  }
});
