import type { Reading } from '@mcpstack/read-models';
import { Peppers } from '@mcpstack/service-kit';
import { DIGEST, found, reading, serviceKey } from '../test/records.ts';
import type { FoundKey } from './evaluate.ts';
import { HeldReadings } from './held-readings.ts';
import { Verifier } from './verifier.ts';

const DELTA_MS = 60_000;
const STORED = new Peppers(1, { 1: Buffer.alloc(32) }).credential(DIGEST).digest;
const PERMISSIONS = ['servers:read'] as const;

/** What Redis would show now. */
let shown: FoundKey;
let reads: number;
let held: HeldReadings;
let verifier: Verifier;
beforeEach(() => {
  shown = service();
  reads = 0;
  held = new HeldReadings();
  verifier = withHeld(held);
});

function service(change: Parameters<typeof serviceKey>[0] = {}): FoundKey {
  const credentials = [{ version: 1, digest: STORED }];
  return {
    ...found(),
    key: serviceKey({ permissions: PERMISSIONS, credentials, ...change }),
    digest: STORED,
  };
}

function withHeld(holding?: HeldReadings): Verifier {
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
  return new Verifier({
    models: { findMany, waitFor: () => Promise.resolve(true), take: unused, giveBack: unused },
    peppers: new Peppers(1, { 1: Buffer.alloc(32) }),
    tokenPrefix: 'mcpstack',
    ...(holding && { held: holding }),
  });
}

const ask = (more: object = {}) => verifier.verify(Buffer.from(JSON.stringify({ digest: DIGEST, ...more })));

describe('a reading that made a check VALID', () => {
  it('decides the checks that follow, each by what it asks; control: without it each check reads', async () => {
    for (let n = 0; n < 3; n += 1) expect((await ask({ permission: 'servers:read' })).code).toBe('VALID');
    expect(reads).toBe(1);
    verifier = withHeld();
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

  it('is renewed once while it decides, and decides for four fifths of its time', () => {
    const beganAtMs = 1_000;
    held.hold(DIGEST, reading(service(), { beganAtMs, freshUntilMs: beganAtMs + 100 }));
    const renewals: number[] = [];
    for (const nowMs of [1_039, 1_040, 1_060, 1_079])
      expect(held.find(DIGEST, nowMs, () => renewals.push(nowMs))).toBeDefined();
    expect(renewals).toEqual([1_040]);
    expect(held.find(DIGEST, 1_080)).toBeUndefined();
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
  const inForce = () => digests.map((digest) => held.find(digest, 1) !== undefined);
  beforeEach(() => digests.forEach((digest, n) => held.hold(digest, of(`key_${n + 1}`))));

  it('lets go of a key, and of no other', () => {
    held.drop(['key_1', 'key_of_nobody']);
    expect(inForce()).toEqual([false, true]);
  });

  it.each(['org_1', 'agent_1'])('lets go of everything for %s', (id) => {
    held.drop([id]);
    expect(inForce()).toEqual([false, false]);
  });
});
