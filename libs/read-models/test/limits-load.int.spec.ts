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

const IS_LONG = process.env['LIMIT_WINDOWS'] !== undefined;
const WINDOWS = Number(process.env['LIMIT_WINDOWS'] ?? 3);
const WINDOW_MS = Number(process.env['LIMIT_WINDOW_MS'] ?? 640);
const LIMIT = WINDOW_MS / 2;
const BOUNDS = { limits: [{ name: 'requests', limit: LIMIT, windowMs: WINDOW_MS }] };
const [CLIENTS, AUTHORIZERS] = [64, 3];

type Take = (taking: Taking) => Promise<boolean>;
interface Asked {
  beganAtMs: number;
  endedAtMs: number;
  granted: boolean;
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

/** Whether a client asks, this long after the beginning and after so many askings. */
type Demand = (elapsedMs: number, askings: number) => boolean;
/** Evenly in the first window, so that no burst repeats itself and rounds the measure up; then all they can. */
const always: Demand = (elapsedMs, askings) =>
  elapsedMs > WINDOW_MS || askings < (LIMIT * elapsedMs) / WINDOW_MS;
/** Only from half a window before an edge of the server's clock to half a window after. */
const aroundEdges: Demand = () => Math.floor(Date.now() / WINDOW_MS + 0.5) % 2 === 0;

/** What was answered to clients that ask one taking after another, for one window and then as many more. */
async function saturate(takes: readonly Take[], demand: Demand, windows = 2): Promise<Asked[]> {
  const taking = keyWith(BOUNDS);
  const asked: Asked[] = [];
  let askings = 0;
  const startMs = performance.now();
  const client = async (take: Take): Promise<void> => {
    for (;;) {
      const beganAtMs = performance.now();
      const elapsedMs = beganAtMs - startMs;
      if (elapsedMs >= (1 + windows) * WINDOW_MS) return;
      if (!demand(elapsedMs, askings)) {
        await sleep(1);
        continue;
      }
      askings++;
      const granted = await take(taking());
      asked.push({ beganAtMs, endedAtMs: performance.now(), granted });
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(takes[n % takes.length]!)));
  return asked;
}

/** Grants that surely lie in one window: asked for after its beginning, and answered before its end. */
function mostInOneWindow(asked: readonly Asked[]): number {
  const byBeginning = asked.filter(({ granted }) => granted).sort((a, b) => a.beganAtMs - b.beganAtMs);
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
  it('is never exceeded, and in the long form at least 95 % of it is granted', async () => {
    const asked = await saturate(throughReadModels(), always, WINDOWS);
    const most = mostInOneWindow(asked);
    expect(most).toBeLessThanOrEqual(LIMIT);
    const fromMs = asked[0]!.endedAtMs + WINDOW_MS;
    const later = asked.filter(({ granted, endedAtMs }) => granted && endedAtMs >= fromMs).length;
    // Over a few windows a machine that is busy otherwise asks too little; limits-model does it on a clock of its own.
    if (!IS_LONG) return;
    const share = later / (LIMIT * WINDOWS);
    process.stdout.write(
      `${asked.length} asked, ${100 * share} % of the limit granted, at most ${most} in a window\n`,
    );
    expect(share).toBeGreaterThanOrEqual(0.95);
  });

  it('is not exceeded by demand that comes around the edges of a clock', async () => {
    const asked = await saturate(throughReadModels(), aroundEdges);
    expect(asked.filter(({ granted }) => granted).length).toBeGreaterThan(LIMIT);
    expect(mostInOneWindow(asked)).toBeLessThanOrEqual(LIMIT);
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
