/** What becomes of a session, by its record alone; the clock is a number. */
import fc from 'fast-check';
import {
  BROWSER_LIFE_MS,
  DEVICE_LIFE_MS,
  judgeRefresh,
  letsIn,
  newRecord,
  noted,
  REPEAT_MS,
  rotated,
  SessionRecord,
} from './session-record.ts';
import { secretDigest } from './session-tokens.ts';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const ACCESS_LIFE_MS = 900_000;
const family = secretDigest('family');
const token = (at: number | string) => ({ digest: secretDigest(`refresh ${at}`), family });
const access = (at: number) => secretDigest(`access ${at}`);

const device = (): SessionRecord =>
  newRecord(
    { kind: 'device', label: 'x', accessDigest: access(0), refresh: token(0), accessLifeMs: ACCESS_LIFE_MS },
    T0,
  );
const browser = (): SessionRecord =>
  newRecord({ kind: 'browser', label: 'x', accessDigest: access(0), accessLifeMs: ACCESS_LIFE_MS }, T0);
const rotate = (record: SessionRecord, to: number, nowMs: number): SessionRecord =>
  rotated(
    record,
    {
      accessDigest: access(to),
      accessLifeMs: ACCESS_LIFE_MS,
      refreshDigest: token(to).digest,
      salt: `salt ${to}`,
    },
    nowMs,
  );

describe('an access token', () => {
  it('of a browser lets in for 12 hours; of a device for its own time', () => {
    expect(letsIn(browser(), access(0), T0 + BROWSER_LIFE_MS - 1)).toBe(true);
    expect(letsIn(browser(), access(0), T0 + BROWSER_LIFE_MS)).toBe(false);
    expect(letsIn(device(), access(0), T0 + ACCESS_LIFE_MS - 1)).toBe(true);
    expect(letsIn(device(), access(0), T0 + ACCESS_LIFE_MS)).toBe(false);
    expect(letsIn(device(), access(1), T0)).toBe(false);
  });

  it('goes on until its own end beside its successor, and the one before it does not', () => {
    const second = rotate(device(), 1, T0 + 1_000);
    expect(letsIn(second, access(0), T0 + ACCESS_LIFE_MS - 1)).toBe(true);
    expect(letsIn(second, access(0), T0 + ACCESS_LIFE_MS)).toBe(false);
    const third = rotate(second, 2, T0 + 2_000);
    expect([0, 1, 2].map((at) => letsIn(third, access(at), T0 + 3_000))).toEqual([false, true, true]);
  });
});

describe('a refresh token', () => {
  it('is current, then may come again for 30 seconds, then ends its session', () => {
    const first = device();
    expect(judgeRefresh(first, token(0), T0)).toBe('current');
    const second = noted(rotate(first, 1, T0), access(1), T0)!;
    expect(judgeRefresh(second, token(0), T0 + REPEAT_MS - 1)).toBe('repeated');
    expect(judgeRefresh(second, token(0), T0 + REPEAT_MS)).toBe('reused');
    expect(judgeRefresh(second, token(1), T0 + REPEAT_MS)).toBe('current');
  });

  it('may come again whenever none of its successors was used: its reply was lost', () => {
    const second = rotate(device(), 1, T0);
    const later = T0 + DEVICE_LIFE_MS - 1;
    expect(judgeRefresh(second, token(0), later)).toBe('repeated');
    // The access token before is no sign of it.
    const used = noted(second, access(0), T0 + REPEAT_MS + 300_000)!;
    expect(judgeRefresh(used, token(0), later)).toBe('repeated');
    expect(judgeRefresh(noted(used, access(1), later)!, token(0), later)).toBe('reused');
  });

  it('ends its session at once when its successor was used: then the reply was not lost', () => {
    const third = rotate(rotate(device(), 1, T0), 2, T0);
    expect(judgeRefresh(third, token(0), T0)).toBe('reused');
  });

  it('that was never ours changes nothing, whoever knows the name of the session', () => {
    const forged = { digest: secretDigest('forged'), family: secretDigest('forged family') };
    expect(judgeRefresh(device(), forged, T0)).toBe('unknown');
    expect(judgeRefresh(browser(), token(0), T0)).toBe('unknown');
  });

  it('is good for 30 days, and each use begins them anew', () => {
    expect(judgeRefresh(device(), token(0), T0 + DEVICE_LIFE_MS - 1)).toBe('current');
    expect(judgeRefresh(device(), token(0), T0 + DEVICE_LIFE_MS)).toBe('unknown');
    const second = rotate(device(), 1, T0 + DEVICE_LIFE_MS - 1);
    expect(judgeRefresh(second, token(1), T0 + 2 * DEVICE_LIFE_MS - 2)).toBe('current');
  });

  it('whatever is shown in whatever order: one token at most is current, and nobody who is out of date gets in', () => {
    const shown = fc.record({
      back: fc.nat({ max: 3 }),
      waitMs: fc.constantFrom(0, 1_000, REPEAT_MS),
      used: fc.constantFrom('none', 'newest', 'before'),
    });
    fc.assert(
      fc.property(fc.array(shown, { maxLength: 30 }), (steps) => {
        let [record, nowMs, newest]: [SessionRecord, number, number] = [device(), T0, 0];
        let [rotatedAtMs, hasArrived] = [-Infinity, false];
        for (const { back, waitMs, used } of steps) {
          nowMs += waitMs;
          const known = Array.from({ length: newest + 1 }, (_, at) => at);
          const current = known.filter((at) => judgeRefresh(record, token(at), nowMs) === 'current');
          expect(current).toEqual([newest]);
          const at = Math.max(0, newest - back);
          const verdict = judgeRefresh(record, token(at), nowMs);
          if (at === newest) {
            newest += 1;
            [rotatedAtMs, hasArrived] = [nowMs, false];
            record = rotate(record, newest, nowMs);
          } else {
            const may = at === newest - 1 && (!hasArrived || nowMs < rotatedAtMs + REPEAT_MS);
            expect(verdict).toBe(may ? 'repeated' : 'reused');
          }
          if (used === 'newest') hasArrived = true;
          if (used !== 'none') {
            const digest = access(used === 'newest' ? newest : newest - 1);
            record = noted(record, digest, nowMs) ?? record;
          }
          expect(SessionRecord.parse(record)).toEqual(record);
        }
      }),
    );
  });
});

describe('a use that is noted', () => {
  it('is written every five minutes', () => {
    expect(noted(browser(), access(0), T0 + 299_999)).toBeUndefined();
    expect(noted(browser(), access(0), T0 + 300_000)!.lastUsedAt).toBe('2026-01-01T00:05:00.000Z');
  });

  it('is written at the first use of a successor, once', () => {
    const second = rotate(device(), 1, T0);
    expect(noted(second, access(0), T0)).toBeUndefined();
    const arrived = noted(second, access(1), T0)!;
    expect(JSON.stringify(arrived)).toContain('salt 1');
    expect(noted(arrived, access(1), T0)).toBeUndefined();
    // Late, it is the same write that drops what may come again no more.
    const late = noted(second, access(1), T0 + REPEAT_MS)!;
    expect(JSON.stringify(late)).not.toContain('salt 1');
    expect(noted(late, access(1), T0 + REPEAT_MS)).toBeUndefined();
  });

  it('drops what the successors of a refresh token were made with, once it may not come again', () => {
    const second = noted(rotate(device(), 1, T0), access(1), T0)!;
    expect(noted(second, access(1), T0 + REPEAT_MS - 1)).toBeUndefined();
    const after = noted(second, access(0), T0 + REPEAT_MS)!;
    expect(JSON.stringify(after)).not.toContain('salt 1');
    expect(judgeRefresh(after, token(1), T0 + REPEAT_MS)).toBe('current');
    expect(judgeRefresh(after, token(0), T0 + REPEAT_MS)).toBe('reused');
  });
});
