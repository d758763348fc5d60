/** `npm run drill -- restore`: keys are made, the log is backed up, everything is destroyed, and brought back. */
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats, startRedis, type LocalServer } from '@mcpstack/testing';
import { Product } from '../e2e/product.ts';
import { codesAre, command, makeSample, signed, type Ran } from '../e2e/sample.ts';

/** Creations in flight. */
const LANES = 16;

export interface RestoreResult {
  keys: number;
  events: number;
  bytes: number;
  /** What each step took; milliseconds. */
  steps: Record<string, number>;
  /** Of what went wrong. */
  faults: string[];
}

/** @param say told of each step as it begins. */
export async function restoreDrill(keys: number, say: (step: string) => void): Promise<RestoreResult> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-drill-'));
  const [file, kept] = [join(folder, 'log.jsonl'), join(folder, 'kept.txt')];
  const result: RestoreResult = { keys, events: 0, bytes: 0, steps: {}, faults: [] };
  const step = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    say(name);
    const begunMs = performance.now();
    const value = await act();
    result.steps[name] = Math.round(performance.now() - begunMs);
    return value;
  };
  const fine = (what: string, { exitCode, stdout, stderr }: Ran): string => {
    if (exitCode !== 0) result.faults.push(`${what} ended with ${exitCode}: ${stderr || stdout}`);
    return stdout;
  };
  let [nats, redis] = await servers();
  let product: Product | undefined;
  const start = () =>
    Product.start({
      ...{ instances: { checkpointer: 1 }, dataDir: folder, natsUrl: nats.url, redisUrl: redis.url },
      env: { CHECKPOINT_INTERVAL_MS: '1000' },
    });
  const audit = (...args: string[]) => command('audit', [...args, '--log', nats.url]);
  const log = (...args: string[]) =>
    command('log', [...args, '--json', '--quiet'], { EVENT_STORE_URL: nats.url });
  try {
    const before = (product = await start());
    const sample = await makeSample(before);
    await step('make keys', () => makeKeys(before, keys));
    await step('sign', () => signed(before));
    cpSync(join(folder, 'checkpoint.txt'), kept);
    const told = JSON.parse(fine('backup', await step('back up', () => log('backup', '--to', file)))) as {
      events: number;
    };
    [result.events, result.bytes] = [told.events, statSync(file).size];
    await step('destroy', async () => {
      await before.stop();
      await Promise.all([nats.stop(), redis.stop()]);
    });
    product = undefined;
    [nats, redis] = await servers();
    fine('restore', await step('restore', () => log('restore', '--from', file)));
    fine('compare', await step('compare', () => log('compare', '--from', file)));
    const after = (product = await step('start and rebuild', start));
    await step('check', () => codesAre(after, sample));
    const vkeys = join(folder, 'checkpoint-vkeys.txt');
    fine('verify', await step('audit verify', () => audit('verify', '--key', vkeys, '--witness', kept)));
    const compared = ['replay', '--compare', '--redis', redis.url];
    fine('replay', await step('audit replay --compare', () => audit(...compared)));
    return result;
  } finally {
    await product?.stop();
    await Promise.all([nats.stop(), redis.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function servers(): Promise<[LocalServer, LocalServer]> {
  return Promise.all([startNats(), startRedis()]);
}

async function makeKeys(product: Product, keys: number): Promise<void> {
  let made = 0;
  const lane = async () => {
    while (made < keys) await product.create(`key ${(made += 1)}`);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
