import type { WatchedDomain } from '@mcpstack/read-models';
import { changesSomething, nextLookMs, PENDING_WATCHED_MS } from './rhythm.ts';

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;
const RHYTHM = { recheckMs: DAY_MS, pendingRecheckMs: HOUR_MS };
const NOW_MS = Date.parse('2026-06-01T00:00:00.000Z');
const at = (ms: number): string => new Date(NOW_MS + ms).toISOString();

const domain = (more: Partial<WatchedDomain> = {}): WatchedDomain => ({
  id: 'dom_1',
  organizationId: 'org_1',
  agentId: 'agent_1',
  domain: 'app.example.com',
  state: 'verified',
  challenge: 'mcpstack-verify=x',
  createdAt: at(-10 * DAY_MS),
  verifiedAt: at(-5 * DAY_MS),
  agentState: 'active',
  ...more,
});
const next = (one: WatchedDomain, lookedAtMs?: number) => nextLookMs(one, lookedAtMs, RHYTHM, NOW_MS);

describe('the next look at a domain', () => {
  it('is a day after the last for a verified one, earlier or later by a tenth at most', () => {
    const looks = Array.from(
      { length: 500 },
      (_, index) => next(domain({ id: `dom_${index}` }), NOW_MS)! - NOW_MS,
    );
    expect(Math.min(...looks)).toBeGreaterThanOrEqual(0.9 * DAY_MS);
    expect(Math.max(...looks)).toBeLessThanOrEqual(1.1 * DAY_MS);
    // Spread over the whole of it, not in a heap.
    expect(Math.max(...looks) - Math.min(...looks)).toBeGreaterThan(0.18 * DAY_MS);
  });

  it('is the same for every scheduler, and another after another look', () => {
    expect(next(domain(), NOW_MS)).toBe(next(domain(), NOW_MS));
    expect(next(domain(), NOW_MS)! - NOW_MS).not.toBe(next(domain(), NOW_MS - 1)! - NOW_MS + 1);
  });

  it('counts from the proof that was found where no look is known', () => {
    expect(next(domain())! - (NOW_MS - 5 * DAY_MS)).toBeLessThanOrEqual(1.1 * DAY_MS);
    expect(next(domain())! - (NOW_MS - 5 * DAY_MS)).toBeGreaterThanOrEqual(0.9 * DAY_MS);
  });

  it('is the end of the grace where that comes first, and not again and again after it', () => {
    const stale = domain({ state: 'stale', graceEndsAt: at(HOUR_MS) });
    expect(next(stale, NOW_MS)).toBe(NOW_MS + HOUR_MS);
    expect(next(stale, NOW_MS + 2 * HOUR_MS)).toBeGreaterThan(NOW_MS + 22 * HOUR_MS);
    expect(next({ ...stale, graceEndsAt: at(7 * DAY_MS) }, NOW_MS)).toBeLessThan(NOW_MS + 1.1 * DAY_MS);
  });

  it('is an hour after the last for a pending one, for a week after its challenge was made', () => {
    const { verifiedAt: _, ...bare } = domain({ state: 'pending', createdAt: at(-DAY_MS) });
    expect(next(bare, NOW_MS)! - NOW_MS).toBeLessThanOrEqual(1.1 * HOUR_MS);
    expect(next({ ...bare, createdAt: at(-PENDING_WATCHED_MS) }, NOW_MS)).toBeUndefined();
    const contested = { ...bare, createdAt: at(-100 * DAY_MS), contestedAt: at(-DAY_MS) };
    expect(next(contested, NOW_MS)! - NOW_MS).toBeLessThanOrEqual(1.1 * HOUR_MS);
  });

  it('never comes for a lapsed one, nor for one of an agent that is removed', () => {
    expect(next(domain({ state: 'lapsed' }), NOW_MS)).toBeUndefined();
    expect(next(domain({ agentState: 'removed' }), NOW_MS)).toBeUndefined();
  });
});

describe('what a look showed', () => {
  const [before, after] = [at(-1), at(1)];
  it.each([
    ['pending', true, {}, true],
    ['pending', false, {}, false],
    ['verified', true, {}, false],
    ['verified', false, {}, true],
    ['stale', true, { graceEndsAt: after }, true],
    ['stale', false, { graceEndsAt: after }, false],
    ['stale', false, { graceEndsAt: before }, true],
    ['lapsed', true, {}, true],
    ['lapsed', false, {}, false],
  ] as const)('of a %s domain (found: %s, %j) changes something: %s', (state, isFound, more, changes) => {
    expect(changesSomething(domain({ state, ...more }), isFound, NOW_MS)).toBe(changes);
  });
});
