import { jest } from '@jest/globals';
import type { Reading } from '@mcpstack/read-models';
import { Peppers } from '@mcpstack/service-kit';
import { ParsingVerifier } from '../test/parsed.ts';
import { DIGEST, found, NOW, reading, serviceKey, UNTRUSTED } from '../test/records.ts';
import type { FoundKey } from './evaluate.ts';
import { HeldReadings, type LookAgain } from './held-readings.ts';

const DELTA_MS = 60_000;
const STORED = new Peppers(1, { 1: Buffer.alloc(32) }).credential(DIGEST).digest;
const PERMISSIONS = ['servers:read'] as const;

/** What Redis would show now. */
let shown: FoundKey;
let reads: number;
let verifier: ParsingVerifier;
beforeEach(() => {
  shown = service();
  reads = 0;
  verifier = verifierThat({ holds: true });
});

function service(change: Parameters<typeof serviceKey>[0] = {}): FoundKey {
  const credentials = [{ version: 1, digest: STORED }];
  return {
    ...found(),
    key: serviceKey({ permissions: PERMISSIONS, credentials, ...change }),
    digest: STORED,
  };
}

function verifierThat({ holds }: { holds: boolean }): ParsingVerifier {
  const findMany = (tokens: readonly unknown[]) => {
    reads += 1;
    const beganAtMs = performance.now();
    const times = { beganAtMs, freshUntilMs: beganAtMs + DELTA_MS };
    return Promise.resolve(
      reading(
        tokens.map(() => shown),
        { ...times, freshForMs: (nowMs) => times.freshUntilMs - nowMs },
      ),
    );
  };
  const unused = () => Promise.reject(new Error('not asked for'));
  return new ParsingVerifier({
    models: {
      findMany,
      areUnchanged: unused,
      waitFor: () => Promise.resolve(true),
      take: unused,
      giveBack: unused,
    },
    peppers: new Peppers(1, { 1: Buffer.alloc(32) }),
    tokenPrefix: 'mcpstack',
    holds,
  });
}

const ask = (more: object = {}) => verifier.verify(Buffer.from(JSON.stringify({ digest: DIGEST, ...more })));

describe('a reading that made a check VALID', () => {
  it('decides the checks that follow, each by what it asks; control: without it each check reads', async () => {
    for (let n = 0; n < 3; n += 1) expect((await ask({ permission: 'servers:read' })).code).toBe('VALID');
    expect(reads).toBe(1);
    verifier = verifierThat({ holds: false });
    for (let n = 0; n < 3; n += 1) await ask();
    expect(reads).toBe(4);
  });

  it('leaves what remains of Δ to whoever asked, counted from its beginning', async () => {
    const first = await ask();
    const second = await ask();
    expect(second.freshForMs).toBeLessThanOrEqual(first.freshForMs);
    expect(second.freshForMs).toBeGreaterThan(DELTA_MS / 5);
  });

  it('refuses nobody: a check that it would refuse is decided on a new one', async () => {
    await ask();
    expect((await ask({ permission: 'servers:write' })).code).toBe('FORBIDDEN');
    expect(reads).toBe(2);
    // As after a write that was just answered.
    shown = service({ permissions: ['servers:read', 'servers:write'] });
    expect((await ask({ permission: 'servers:write' })).code).toBe('VALID');
  });

  it('serves neither who waited for a position nor who renews an answer', async () => {
    await ask();
    await ask({ position: '7' });
    await ask({ refresh: true });
    expect(reads).toBe(3);
  });
});

describe('a reading that is held', () => {
  const times = (beganAtMs: number) => ({ beganAtMs, freshUntilMs: beganAtMs + 100 });
  let asked: string[][];
  let changed: Set<string>;
  let held: HeldReadings;
  beforeEach(() => {
    jest.useFakeTimers();
    asked = [];
    changed = new Set();
    held = new HeldReadings((found) => {
      asked.push(found.map(({ key }) => key.id));
      const same = found.map(({ key }) => !changed.has(key.id));
      return Promise.resolve(reading(same, times(performance.now())));
    });
  });
  afterEach(() => jest.useRealTimers());
  const DIGESTS = ['1', '2', '3'].map((digit) => digit.repeat(64));
  const holdAll = () =>
    DIGESTS.forEach((digest, n) =>
      held.hold(digest, reading(service({ id: `key_${n + 1}` }), times(performance.now()))),
    );
  const decides = (n: number, monotonicMs = performance.now()) =>
    held.answer({ digest: DIGESTS[n]! }, { monotonicMs, wallMs: NOW.wallMs }) !== undefined;

  it('decides for nine tenths of its time', () => {
    holdAll();
    expect(decides(0, performance.now() + 89)).toBe(true);
    expect(decides(0, performance.now() + 90)).toBe(false);
  });

  it('is looked at again in time while it decides checks, with others at once; then it is let go', async () => {
    holdAll();
    for (let n = 0; n < 10; n += 1) {
      await jest.advanceTimersByTimeAsync(20);
      expect([decides(0), decides(1)]).toEqual([true, true]);
    }
    expect(asked.length).toBeGreaterThanOrEqual(2);
    expect(asked.every((ids) => ids.join() === 'key_1,key_2')).toBe(true);
    expect(decides(2)).toBe(false);
    await jest.advanceTimersByTimeAsync(300);
    const before = asked.length;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(before);
    expect(decides(0)).toBe(false);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is let go once it has changed, and the others stay', async () => {
    holdAll();
    expect([decides(0), decides(1)]).toEqual([true, true]);
    changed.add('key_1');
    await jest.advanceTimersByTimeAsync(80);
    expect([decides(0), decides(1)]).toEqual([false, true]);
  });

  it('is not held again where a hint came while it was looked at', async () => {
    let answer!: (reading: Reading<readonly boolean[]>) => void;
    held = new HeldReadings(() => new Promise((resolve) => (answer = resolve)));
    holdAll();
    expect([decides(0), decides(1)]).toEqual([true, true]);
    const { beganAtMs } = reading([], times(performance.now()));
    await jest.advanceTimersByTimeAsync(80);
    held.drop(['key_1']);
    answer(reading([true, true], times(beganAtMs + 70)));
    await jest.advanceTimersByTimeAsync(1);
    expect([decides(0), decides(1)]).toEqual([false, true]);
  });

  it.each<[string, LookAgain]>([
    ['fails', () => Promise.reject(new Error('away'))],
    [
      'is not trusted',
      (found) =>
        Promise.resolve(
          reading(
            found.map(() => true),
            UNTRUSTED,
          ),
        ),
    ],
  ])('ends by itself when the look %s', async (_, lookAgain) => {
    held = new HeldReadings(lookAgain);
    holdAll();
    for (let n = 0; n < 4; n += 1) {
      expect(decides(0)).toBe(true);
      await jest.advanceTimersByTimeAsync(20);
    }
    await jest.advanceTimersByTimeAsync(20);
    expect(decides(0)).toBe(false);
  });
});

describe('nothing is held', () => {
  it.each<[string, FoundKey]>([
    ['of a key that was refused', service({ state: 'suspended' })],
    ['of a secret that has ended', service({ secrets: [] })],
    [
      'of a key with limits, which pays for each use',
      service({ limits: [{ name: 'a', limit: 1, windowMs: 1 }] }),
    ],
  ])('%s', async (_, value) => {
    shown = value;
    await ask();
    await ask();
    expect(reads).toBe(2);
  });
});

describe('a hint of what has changed', () => {
  const digests = ['1'.repeat(64), '2'.repeat(64)] as const;
  const of = (id: string): Reading<FoundKey> =>
    reading({ ...found(), key: serviceKey({ id }) }, { beganAtMs: 0, freshUntilMs: 1_000 });
  const held = new HeldReadings(() => Promise.reject(new Error('not asked for')));
  const inForce = () =>
    digests.map((digest) => held.answer({ digest }, { ...NOW, monotonicMs: 1 }) !== undefined);
  beforeEach(() => digests.forEach((digest, n) => held.hold(digest, of(`key_${n + 1}`))));

  it('lets go of a key, and of no other', () => {
    held.drop(['key_1', 'key_of_nobody']);
    expect(inForce()).toEqual([false, true]);
  });

  it.each(['org_1', 'agent_1'])('lets go of everything for %s', (id) => {
    held.drop([id]);
    expect(inForce()).toEqual([false, false]);
  });

  it('is looked at no further once everything is let go of: each time costs as much as all', () => {
    const ids = Object.assign([] as string[], {
      *[Symbol.iterator]() {
        yield 'org_1';
        throw new Error('looked at further');
      },
    });
    held.drop(ids);
    expect(inForce()).toEqual([false, false]);
  });
});
