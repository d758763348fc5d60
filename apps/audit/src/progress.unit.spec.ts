/** How far a long read has come: what is said of it, where, and how often. The clock is the spec's own. */
import { jest } from '@jest/globals';
import { type Sink } from '@mcpstack/terminal';
import { makeContext, type GlobalOptions } from './context.ts';
import { Progress, type Steps } from './progress.ts';

/** Anything but 0: nothing may be reckoned from the start of the process. */
const BEGAN_MS = 123_456;
const CLEARED = '\r\u001b[2K';
let nowMs: number;

beforeEach(() => {
  nowMs = BEGAN_MS;
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
});
afterEach(() => jest.restoreAllMocks());

class Heard implements Sink {
  #said = '';
  constructor(readonly isTTY: boolean) {}

  write(text: string | Uint8Array): boolean {
    this.#said += String(text);
    return true;
  }

  /** What was said since the last time. */
  take(): string {
    const said = this.#said;
    this.#said = '';
    return said;
  }
}

/** Takes steps until there are so many (a multiple of 256: only then it looks at the clock), the last at this time. */
function go(steps: Steps, { to, atMs, share }: { to: number; atMs: number; share: number }): void {
  while (steps.count < to - 1) steps.step(() => share);
  nowMs = BEGAN_MS + atMs;
  steps.step(() => share);
}

describe('on a terminal', () => {
  it('one line is renewed five times a second, with the rate, the percentage and the time left', () => {
    const heard = new Heard(true);
    const steps = new Progress(heard, {}, false).start('Verifying');
    go(steps, { to: 256, atMs: 990, share: 0.0625 });
    expect(heard.take()).toBe('');
    go(steps, { to: 2_560, atMs: 2_000, share: 0.125 });
    expect(heard.take()).toBe(`${CLEARED}Verifying: 2,560 events, 1,280/s, 12 %, 14 s left`);
    go(steps, { to: 2_816, atMs: 2_190, share: 0.13 });
    expect(heard.take()).toBe('');
    go(steps, { to: 3_072, atMs: 2_200, share: 0.5 });
    expect(heard.take()).toBe(`${CLEARED}Verifying: 3,072 events, 1,396/s, 50 %, 3 s left`);
    // Slower than it began: what is left is reckoned from all of it.
    go(steps, { to: 7_680, atMs: 30_000, share: 0.25 });
    expect(heard.take()).toBe(`${CLEARED}Verifying: 7,680 events, 256/s, 25 %, 1 min 30 s left`);
    go(steps, { to: 15_360, atMs: 60_000, share: 1 });
    expect(heard.take()).toBe(`${CLEARED}Verifying: 15,360 events, 256/s, 100 %, 0 s left`);
  });

  it('the line makes room for others, once', () => {
    const heard = new Heard(true);
    const progress = new Progress(heard, {}, false);
    const steps = progress.start('Verifying');
    steps.end();
    expect(heard.take()).toBe('');
    go(steps, { to: 256, atMs: 1_000, share: 0.5 });
    heard.take();
    steps.end();
    progress.clear();
    expect(heard.take()).toBe(CLEARED);
  });

  it.each([0, 1.5, Number.NaN])(
    'nothing is said of the time left where the share is not known: %p',
    (share) => {
      const heard = new Heard(true);
      const steps = new Progress(heard, {}, false).start('Comparing', 'names');
      go(steps, { to: 512, atMs: 2_000, share });
      expect(heard.take()).toBe(`${CLEARED}Comparing: 512 names, 256/s`);
    },
  );
});

it.each([
  ['a file or a pipe', new Heard(false), {}],
  ['a terminal that erases nothing', new Heard(true), { TERM: 'dumb' }],
])('elsewhere it is a line every 10 s: %s', (_, heard, env) => {
  const steps = new Progress(heard, env, false).start('Verifying');
  go(steps, { to: 256, atMs: 1_000, share: 0.25 });
  expect(heard.take()).toBe('Verifying: 256 events, 256/s, 25 %, 3 s left\n');
  go(steps, { to: 2_560, atMs: 10_990, share: 0.25 });
  expect(heard.take()).toBe('');
  go(steps, { to: 2_816, atMs: 11_000, share: 0.5 });
  expect(heard.take()).toBe('Verifying: 2,816 events, 256/s, 50 %, 11 s left\n');
  go(steps, { to: 5_120, atMs: 20_990, share: 0.75 });
  expect(heard.take()).toBe('');
  go(steps, { to: 5_376, atMs: 21_000, share: 0.75 });
  expect(heard.take()).toBe('Verifying: 5,376 events, 256/s, 75 %, 7 s left\n');
  steps.end();
  expect(heard.take()).toBe('');
});

it.each<[string, GlobalOptions, boolean, boolean]>([
  ['nothing with --no-progress', { progress: false }, true, false],
  ['nor elsewhere', { progress: false }, false, false],
  ['nothing with --json where a program reads', { json: true }, false, false],
  ['something with --json where somebody sits there', { json: true }, true, true],
  ['something with neither', {}, false, true],
])('says %s', (_, options, isTTY, isSaid) => {
  const stderr = new Heard(isTTY);
  const stdout = new Heard(false);
  const world = { env: {}, cwd: '/', stdout, stderr, now: () => '2026-05-03T12:00:00.000Z' };
  const { progress } = makeContext(options, world, () => undefined);
  const steps = progress.start('Verifying');
  go(steps, { to: 256, atMs: 60_000, share: 0.5 });
  steps.end();
  expect(stderr.take()).toEqual(isSaid ? expect.stringContaining('Verifying: 256 events') : '');
  expect(stdout.take()).toBe('');
});
