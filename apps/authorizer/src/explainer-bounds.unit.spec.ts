/** An explainer that hangs or fails: how long, how many, and what is said of it. */
import { jest } from '@jest/globals';
import type { KeyLookup, Reading } from '@mcpstack/read-models';
import { reading } from '../test/records.ts';
import { Explainer } from './explainer.ts';

const BYTES = Buffer.from(JSON.stringify({ digest: 'a'.repeat(64) }));
const unknown = (): Reading<KeyLookup> =>
  reading<KeyLookup>({ status: 'unknown' }, { freshUntilMs: Infinity });

function explaining(find: () => Promise<Reading<KeyLookup>>, onError?: (error: unknown) => void): Explainer {
  return new Explainer({
    models: {
      findByDigests: find,
      findKey: find,
      waitFor: (position) => Promise.resolve(position === '1'),
      take: () => Promise.reject(new Error('asked')),
    },
    peppers: { candidates: (digest) => [digest] },
    tokenPrefix: 'mcpstack',
    ...(onError && { onError }),
  });
}

it('no more than 64 at once, and room again afterwards', async () => {
  let release!: () => void;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const explainer = explaining(() => gate.then(unknown));
  const taken = Array.from({ length: 64 }, () => explainer.explain(BYTES));
  expect(await explainer.explain(BYTES)).toMatchObject({ code: 'UNAVAILABLE', checks: [] });
  release();
  expect((await Promise.all(taken)).every(({ code }) => code === 'NOT_FOUND')).toBe(true);
  expect(await explainer.explain(BYTES)).toMatchObject({ code: 'NOT_FOUND' });
});

it('UNAVAILABLE at the deadline when nothing answers', async () => {
  jest.useFakeTimers();
  try {
    const reply = explaining(() => new Promise(() => undefined)).explain(BYTES);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await Promise.race([reply, Promise.resolve('nothing yet')])).toMatchObject({
      code: 'UNAVAILABLE',
    });
  } finally {
    jest.useRealTimers();
  }
});

it('a failure that nobody expected is reported, and not shown', async () => {
  const errors: unknown[] = [];
  const failing = explaining(
    () => Promise.reject(new TypeError('inner detail')),
    (error) => errors.push(error),
  );
  const reply = await failing.explain(BYTES);
  expect(reply).toMatchObject({ code: 'UNAVAILABLE' });
  expect(reply.message).not.toContain('inner');
  expect(errors).toHaveLength(1);
});

it('G6: a position that is not reached is UNAVAILABLE', async () => {
  const at = (position: string) => Buffer.from(JSON.stringify({ digest: 'a'.repeat(64), position }));
  const explainer = explaining(() => Promise.resolve(unknown()));
  expect(await explainer.explain(at('1'))).toMatchObject({ code: 'NOT_FOUND' });
  expect(await explainer.explain(at('2'))).toMatchObject({ code: 'UNAVAILABLE', checks: [] });
});
