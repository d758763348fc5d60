import type { KeyLookup, ReadModels, Reading, Taking } from '@mcpstack/read-models';
import { ParsingVerifier } from '../test/parsed.ts';
import { found, reading, serviceKey } from '../test/records.ts';
import type { Uses } from './verifier.ts';

const KEY = serviceKey({ limits: [{ name: 'burst', limit: 5, windowMs: 1_000 }] });
const STATES = [{ name: 'burst', limit: 5, remaining: 4, resetMs: 10 }];

interface World {
  /** Of the first read, the second, …; the last one stays. */
  keys?: KeyLookup[];
  /** Whether readings go stale while something is taken. */
  isSlow?: boolean;
  take?: ReadModels['take'];
  deadlineMs?: number;
}

function world({ keys = [found(KEY)], isSlow = false, take, deadlineMs = 2_000 }: World = {}) {
  const seen = { calls: [] as Taking[][], givenBack: [] as Taking[], uses: [] as Uses[], reads: 0 };
  let staleBeforeMs = -Infinity;
  const verifier = new ParsingVerifier({
    models: {
      findMany: (tokens) => {
        const value = keys[Math.min(seen.reads, keys.length - 1)]!;
        seen.reads += 1;
        const beganAtMs = performance.now();
        const answer: Reading<readonly KeyLookup[]> = reading(
          tokens.map(() => value),
          { beganAtMs },
        );
        Object.defineProperty(answer, 'freshUntilMs', { enumerable: true, value: Infinity });
        if (isSlow && seen.reads === 1) {
          staleBeforeMs = beganAtMs + 30;
          Object.defineProperty(answer, 'freshUntilMs', { enumerable: true, value: staleBeforeMs });
        }
        return Promise.resolve(answer);
      },
      areUnchanged: () => Promise.reject(new Error('not looked at')),
      waitFor: () => Promise.resolve(true),
      take: async (takings) => {
        seen.calls.push([...takings]);
        while (isSlow && performance.now() < staleBeforeMs) await new Promise(setImmediate);
        return take ? take(takings) : takings.map(() => ({ granted: true, states: STATES }));
      },
      giveBack: (takings) => {
        seen.givenBack.push(...takings);
        return Promise.resolve();
      },
    },
    peppers: { candidates: (digest) => [digest] },
    tokenPrefix: 'mcpstack',
    onUse: (_, uses) => seen.uses.push(uses),
    deadlineMs,
  });
  return { verifier, seen };
}
const bytes = (more: object = {}) => Buffer.from(JSON.stringify({ digest: 'a'.repeat(64), ...more }));
const refused = (refusedBy: 'limit' | 'quota') => () =>
  Promise.resolve([{ granted: false, refusedBy, states: STATES }]);

it('a key with limits is charged once for each check, and its answer is nobody else’s', async () => {
  const { verifier, seen } = world();
  expect(await verifier.verify(bytes({ cost: 2 }))).toMatchObject({
    code: 'VALID',
    freshForMs: 0,
    rateLimits: STATES,
  });
  await verifier.verify(bytes());
  expect(seen.calls.flat().map(({ cost }) => cost)).toEqual([2, 1]);
  expect(seen.givenBack).toEqual([]);
});

it('many checks of one message are charged in one call', async () => {
  const { verifier, seen } = world();
  const requests = Array.from({ length: 200 }, () => ({ digest: 'a'.repeat(64) }));
  await verifier.verifyBatch(Buffer.from(JSON.stringify({ requests })));
  expect(seen.calls.map(({ length }) => length)).toEqual([200]);
  expect(seen.reads).toBe(1);
});

it.each([
  ['RATE_LIMITED', 'limit'],
  ['QUOTA_EXCEEDED', 'quota'],
] as const)('%s, with where the bounds stand', async (code, by) => {
  const { verifier, seen } = world({ take: refused(by) });
  expect(await verifier.verify(bytes())).toMatchObject({
    valid: false,
    code,
    keyId: 'key_1',
    rateLimits: STATES,
  });
  expect(seen.uses).toEqual([]);
});

it('a refused key is not charged', async () => {
  const { verifier, seen } = world({ keys: [found(serviceKey({ ...KEY, state: 'suspended' }))] });
  expect(await verifier.verify(bytes())).toMatchObject({ code: 'SUSPENDED' });
  expect(seen.calls).toEqual([]);
});

it('UNAVAILABLE while nothing can be taken; what was told of other uses counts all the same', async () => {
  const { verifier, seen } = world({
    take: () => Promise.reject(Object.assign(new Error('away'), { code: 'unavailable' })),
  });
  expect(await verifier.verify(bytes({ reused: 3 }))).toMatchObject({ code: 'UNAVAILABLE', message: 'away' });
  expect(seen.uses).toMatchObject([{ count: 3, isOwn: false }]);
});

describe('G3: a taking that uses up Δ', () => {
  const revoked = found(serviceKey({ ...KEY, state: 'revoked' }));

  it('the key is read again; revoked meanwhile, it is refused and nothing stays taken', async () => {
    const { verifier, seen } = world({ keys: [found(KEY), revoked], isSlow: true });
    expect(await verifier.verify(bytes())).toMatchObject({ code: 'REVOKED' });
    expect(seen.givenBack).toEqual(seen.calls.flat());
    expect(seen.reads).toBe(2);
  });

  it('control: in time, it is not read again, and the revoked key is VALID still', async () => {
    const { verifier, seen } = world({ keys: [found(KEY), revoked] });
    expect(await verifier.verify(bytes())).toMatchObject({ code: 'VALID' });
    expect(seen.givenBack).toEqual([]);
  });
});

it('what was taken for an answer that came too late is given back, and is no use', async () => {
  let release!: () => void;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const { verifier, seen } = world({
    deadlineMs: 20,
    take: (takings) => gate.then(() => takings.map(() => ({ granted: true, states: STATES }))),
  });
  expect(await verifier.verify(bytes())).toMatchObject({ code: 'UNAVAILABLE' });
  release();
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen.givenBack).toHaveLength(1);
  expect(seen.uses).toEqual([]);
});

it('G7: reused answers count whatever the answer is; a refresh is no use and costs nothing', async () => {
  const { verifier, seen } = world();
  await verifier.verify(bytes({ reused: 3, ip: '10.0.0.1', userAgent: 'curl/8' }));
  await verifier.verify(bytes({ reused: 2, refresh: true }));
  await verifier.verify(bytes({ refresh: true }));
  const suspended = world({ keys: [found(serviceKey({ state: 'suspended' }))] });
  await suspended.verifier.verify(bytes({ reused: 5 }));
  expect(seen.uses).toMatchObject([
    { count: 4, isOwn: true, ip: '10.0.0.1', userAgent: 'curl/8' },
    { count: 2, isOwn: false },
  ]);
  expect(suspended.seen.uses).toMatchObject([{ count: 5, isOwn: false }]);
  expect(seen.calls.flat().map(({ cost }) => cost)).toEqual([1, 0, 0]);
});
