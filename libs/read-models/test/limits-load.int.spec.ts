/**
 * A limit under 64 clients of three authorizers: never exceeded, and nearly all of it granted. In CI over a few
 * short windows; LIMIT_WINDOWS=100 LIMIT_WINDOW_MS=1000 is the long form.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis, type LocalServer } from '@mcpstack/local-servers';
import { Connection } from '../src/connection.ts';
import { openReadModels, type ReadModels, type Taking } from '../src/index.ts';
import { LIMIT_SCRIPTS, takeScript } from '../src/limit-scripts.ts';
import { limitTakings } from '../src/limits.ts';
import { FIXED_WINDOW, keyWith, spoiled } from './limit-world.ts';
import { FRESHNESS, until } from './world.ts';

const WINDOWS = Number(process.env['LIMIT_WINDOWS'] ?? 3);
const WINDOW_MS = Number(process.env['LIMIT_WINDOW_MS'] ?? 640);
const LIMIT = WINDOW_MS / 2;
const BOUNDS = { limits: [{ name: 'requests', limit: LIMIT, windowMs: WINDOW_MS }] };
const [CLIENTS, AUTHORIZERS] = [64, 3];

type Take = (taking: Taking) => Promise<boolean>;
interface Grant {
  beganAtMs: number;
  endedAtMs: number;
}

let redis: LocalServer;
let authorizers: ReadModels[];
beforeAll(async () => {
  redis = await startRedis();
  const open = () => openReadModels({ url: redis.url, freshness: FRESHNESS });
  authorizers = Array.from({ length: AUTHORIZERS }, open);
  await until('connected', () => Promise.resolve(authorizers.every((one) => one.state().connected)));
});
afterAll(async () => {
  await Promise.all(authorizers.map((one) => one.close()));
  await redis.stop();
});

const throughReadModels = (): Take[] =>
  authorizers.map((one) => async (taking) => (await one.take([taking]))[0]!.granted);

/** Whether clients ask, this long after the beginning and with so many grants. */
type Demand = (elapsedMs: number, grants: number) => boolean;
/** Evenly in the first window, so that no burst repeats itself and rounds the measure up; then all they can. */
const always: Demand = (elapsedMs, grants) =>
  elapsedMs > WINDOW_MS || grants < (LIMIT * elapsedMs) / WINDOW_MS;
/** Only from half a window before an edge of the server's clock to half a window after. */
const aroundEdges: Demand = () => Math.floor(Date.now() / WINDOW_MS + 0.5) % 2 === 0;

/** What was granted to clients that ask one taking after another, for one window and then as many more. */
async function saturate(takes: readonly Take[], demand: Demand, windows = 2): Promise<Grant[]> {
  const taking = keyWith(BOUNDS);
  const grants: Grant[] = [];
  const startMs = performance.now();
  const client = async (take: Take): Promise<void> => {
    for (;;) {
      const beganAtMs = performance.now();
      const elapsedMs = beganAtMs - startMs;
      if (elapsedMs >= (1 + windows) * WINDOW_MS) return;
      if (!demand(elapsedMs, grants.length)) await sleep(1);
      else if (await take(taking())) grants.push({ beganAtMs, endedAtMs: performance.now() });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(takes[n % takes.length]!)));
  return grants;
}

/** Grants that surely lie in one window: asked for after its beginning, and answered before its end. */
function mostInOneWindow(grants: readonly Grant[]): number {
  const byBeginning = [...grants].sort((a, b) => a.beganAtMs - b.beganAtMs);
  let most = 0;
  byBeginning.forEach(({ beganAtMs: from }, first) => {
    let count = 0;
    for (let n = first; n < byBeginning.length && byBeginning[n]!.beganAtMs < from + WINDOW_MS; n++)
      if (byBeginning[n]!.endedAtMs < from + WINDOW_MS) count++;
    most = Math.max(most, count);
  });
  return most;
}

describe(`a limit of ${LIMIT} in ${WINDOW_MS} ms under ${CLIENTS} clients of ${AUTHORIZERS} authorizers`, () => {
  it('is never exceeded, and at least 95 % of it is granted', async () => {
    const grants = await saturate(throughReadModels(), always, WINDOWS);
    const most = mostInOneWindow(grants);
    const afterFirst = grants.filter((one) => one.beganAtMs >= grants[0]!.beganAtMs + WINDOW_MS);
    const share = afterFirst.length / (LIMIT * WINDOWS);
    if (process.env['LIMIT_WINDOWS'])
      process.stdout.write(`${grants.length} granted, ${100 * share} %, at most ${most} in a window\n`);
    expect(most).toBeLessThanOrEqual(LIMIT);
    expect(share).toBeGreaterThanOrEqual(0.95);
  });

  it('is not exceeded by demand that comes around the edges of a clock', async () => {
    const grants = await saturate(throughReadModels(), aroundEdges);
    expect(grants.length).toBeGreaterThan(LIMIT);
    expect(mostInOneWindow(grants)).toBeLessThanOrEqual(LIMIT);
  });

  it('control: a fixed window is exceeded by that demand', async () => {
    const fixed = spoiled(takeScript(), [FIXED_WINDOW]);
    const options = { url: redis.url, scripts: [fixed], timeoutMs: 5_000, name: 'fixed' };
    const connections = await Promise.all(
      Array.from({ length: AUTHORIZERS }, () => Connection.make(options)),
    );
    const takes = connections.map((connection): Take => {
      const { take } = limitTakings({
        run: async (asked, args) => {
          expect(asked).toBe(LIMIT_SCRIPTS.take);
          const [[, identity], body] = (await connection.run(fixed, args)) as [string[], number[]];
          return { identity: identity!, body };
        },
      });
      return async (taking) => (await take([taking]))[0]!.granted;
    });
    expect(mostInOneWindow(await saturate(takes, aroundEdges))).toBeGreaterThan(LIMIT);
    connections.forEach((one) => one.drop(new Error('the spec is done')));
  });

  it('control: looking first and taking then exceeds it', async () => {
    const unlimited = { limits: [{ ...BOUNDS.limits[0]!, limit: 1e9 }] };
    const takes = authorizers.map((one): Take => async (taking) => {
      const [look] = await one.take([{ ...taking, cost: 0 }]);
      if (look!.states[0]!.remaining < taking.cost) return false;
      return (await one.take([{ ...taking, bounds: unlimited }]))[0]!.granted;
    });
    expect(mostInOneWindow(await saturate(takes, always))).toBeGreaterThan(LIMIT);
  });
});
