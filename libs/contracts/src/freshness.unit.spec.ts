import { ConnectionTrust, decidableUntilMs, mayReuse, reusableForMs, reusableUntilMs } from './freshness.ts';

const T = 1_000;

/** Tells the reads and answers until when they are trusted. `s:3` is a stamp, `-` is none. */
function trustedUntil(reads: readonly [beganAtMs: number, stamp: string, identity?: string][]): number {
  const trust = new ConnectionTrust({ stampLifeMs: T });
  for (const [beganAtMs, stamp, identity = 'i'] of reads) {
    const [session, counter] = stamp.split(':');
    trust.observe({
      beganAtMs,
      identity,
      stamp: counter === undefined ? undefined : { session: session!, counter: Number(counter), identity },
    });
  }
  return trust.trustedUntilMs;
}

describe('G4: a connection is trusted until T after the last read before the stamp before the current one', () => {
  it.each<[string, Parameters<typeof trustedUntil>[0], number]>([
    ['nothing read', [], -Infinity],
    ['no stamp', [[0, '-']], -Infinity],
    ['one stamp, seen at once', [[0, 's:7']], -Infinity],
    [
      'one step seen',
      [
        [0, 's:7'],
        [1, 's:8'],
      ],
      -Infinity,
    ],
    [
      'two steps seen',
      [
        [0, 's:7'],
        [1, 's:7'],
        [2, 's:8'],
        [3, 's:9'],
      ],
      1 + T,
    ],
    [
      'a step skipped',
      [
        [0, 's:7'],
        [1, 's:7'],
        [2, 's:9'],
      ],
      1 + T,
    ],
    [
      'a step skipped, then the next',
      [
        [0, 's:7'],
        [2, 's:9'],
        [3, 's:9'],
        [4, 's:10'],
      ],
      0 + T,
    ],
    [
      'reads of one stamp extend nothing',
      [
        [0, 's:7'],
        [2, 's:8'],
        [3, 's:9'],
        [400, 's:9'],
      ],
      0 + T,
    ],
    [
      'a session seen from its start',
      [
        [0, '-'],
        [1, 's:0'],
        [2, 's:0'],
        [3, 's:1'],
      ],
      0 + T,
    ],
    [
      'counter 0',
      [
        [0, '-'],
        [1, 's:0'],
      ],
      -Infinity,
    ],
    [
      'another session, met at its counter 4',
      [
        [0, 'r:9'],
        [1, 'r:9'],
        [2, 's:4'],
      ],
      1 + T,
    ],
    [
      'another session, met at its counter 0',
      [
        [0, 'r:8'],
        [1, 'r:9'],
        [2, 'r:10'],
        [3, 's:0'],
      ],
      0 + T,
    ],
    [
      'another session, that stamps',
      [
        [0, 'r:8'],
        [1, 'r:9'],
        [2, 'r:10'],
        [3, 's:0'],
        [4, 's:0'],
        [5, 's:1'],
      ],
      2 + T,
    ],
    [
      'sessions that do not get to stamp extend nothing',
      [
        [0, 'r:8'],
        [1, 'r:9'],
        [2, 'r:10'],
        [500, 's:0'],
        [600, 't:0'],
      ],
      0 + T,
    ],
    [
      'another session after nothing',
      [
        [0, 'r:8'],
        [1, 'r:9'],
        [2, 'r:10'],
        [3, '-'],
        [4, 's:0'],
      ],
      -Infinity,
    ],
    [
      'emptied',
      [
        [0, 's:7'],
        [1, 's:8'],
        [2, 's:9'],
        [3, '-'],
      ],
      -Infinity,
    ],
    [
      'another identity',
      [
        [0, 's:7'],
        [1, 's:8'],
        [2, 's:9'],
        [3, 's:9', 'j'],
      ],
      -Infinity,
    ],
    [
      'back at the old identity',
      [
        [0, 's:7'],
        [1, 's:8'],
        [2, '-', 'j'],
        [3, 's:9'],
      ],
      -Infinity,
    ],
    [
      'a counter that goes back',
      [
        [0, 's:7'],
        [1, 's:8'],
        [2, 's:9'],
        [3, 's:8'],
        [4, 's:9'],
      ],
      -Infinity,
    ],
    [
      'replies out of order',
      [
        [0, 's:7'],
        [5, 's:8'],
        [4, 's:9'],
      ],
      -Infinity,
    ],
  ])('%s', (_, reads, expected) => expect(trustedUntil(reads)).toBe(expected));

  it('says why not', () => {
    const trust = new ConnectionTrust({ stampLifeMs: T });
    expect(trust.whyNot(0)).toMatch(/nothing was read/);
    trust.observe({ beganAtMs: 0, identity: 'i' });
    expect(trust.whyNot(0)).toMatch(/no stamp/);
    trust.observe({ beganAtMs: 1, identity: 'i', stamp: { session: 's', counter: 0, identity: 'i' } });
    expect(trust.whyNot(1)).toMatch(/up to date/);
    trust.observe({ beganAtMs: 2, identity: 'i', stamp: { session: 's', counter: 1, identity: 'i' } });
    expect(trust.whyNot(2)).toBeUndefined();
    expect(trust.whyNot(T)).toMatch(/run out/);
  });
});

describe('G3: what an answer rests on, and who may have it', () => {
  const settings = { deltaMs: 250 };

  it('a read that began while it was trusted is good for Δ, though the trust ends before', () => {
    expect(decidableUntilMs(100, 101, settings)).toBe(350);
    expect(decidableUntilMs(100, 100, settings)).toBe(-Infinity);
    expect(decidableUntilMs(100, -Infinity, settings)).toBe(-Infinity);
  });

  it('what is left of Δ goes with the answer, rounded down', () => {
    expect(reusableForMs(100, 101, 120.5, settings)).toBe(229);
    expect(reusableForMs(100, 101, 350, settings)).toBe(0);
    expect(reusableForMs(100, 100, 100, settings)).toBe(0);
  });

  it('checks that began before the sending and that time may have it', () => {
    const untilMs = reusableUntilMs(1_000, 100);
    expect([990, 1_099, 1_100].map((beganAtMs) => mayReuse(beganAtMs, untilMs))).toEqual([true, true, false]);
    // Nobody but who asked: a key with limits pays for each use.
    expect(mayReuse(990, reusableUntilMs(1_000, 0))).toBe(false);
  });
});
