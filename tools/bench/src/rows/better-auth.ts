/** How fast Better Auth's api-key plugin checks a key on the same machine: measured in a process of its own. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startRedis } from '@mcpstack/local-servers';
import type { Verifier } from '@mcpstack/verify';
import type { Fleet } from '../fleet.ts';
import { closedLoop, ratioOf } from '../measure.ts';
import type { Result } from '../result.ts';
import type { Rounds } from './verify.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'better-auth');
const TIMEOUT_MS = 180_000;
const run = promisify(execFile);

interface Measured {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Installs what it compares with, outside of the workspace: nobody else needs it. */
async function install(): Promise<void> {
  if (existsSync(join(FOLDER, 'node_modules'))) return;
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: FOLDER, timeout: TIMEOUT_MS });
}

export async function betterAuthRow(
  { fleet, ours }: { fleet: Fleet; ours: Verifier },
  inFlight: number,
  { rounds, durationMs }: Rounds,
): Promise<Result[]> {
  await install();
  const redis = await startRedis();
  const results: Result[] = [];
  try {
    for (const storage of ['memory', 'redis'] as const) {
      const theirs = async (): Promise<Measured> => {
        const args = [join(FOLDER, 'measure.mjs'), storage, redis.url, `${inFlight}`, `${durationMs}`];
        const { stdout } = await run(process.execPath, args, { cwd: FOLDER, timeout: TIMEOUT_MS });
        return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
      };
      const mine = (): Promise<Measured> =>
        closedLoop({ inFlight, durationMs }, async (number) => {
          const reply = await ours.verify({ digest: fleet.digest(number % 1_000) });
          if (!reply.valid) throw new Error(`a check answered ${reply.code}`);
        });
      const pairs: { ours: Measured; baseline: Measured }[] = [];
      for (let round = 0; round < rounds; round += 1)
        pairs.push({ ours: await mine(), baseline: await theirs() });
      results.push({
        row: 'verify over NATS',
        variant: `1,000 keys, 1 authorizer, ${inFlight} in flight`,
        figure: 'throughput',
        unit: '/s',
        baseline: `Better Auth's api-key plugin, ${storage}, in process`,
        lowerIsBetter: false,
        ratio: ratioOf(pairs, ({ perSecond }) => perSecond),
        note: `p50 ${pairs[0]!.ours.p50Ms.toFixed(2)} ms against ${pairs[0]!.baseline.p50Ms.toFixed(2)} ms`,
      });
    }
  } finally {
    await redis.stop();
  }
  return results;
}
