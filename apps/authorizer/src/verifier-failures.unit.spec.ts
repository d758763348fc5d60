/** What becomes of takings, uses and room where a check fails, or is late. */
import { jest } from '@jest/globals';
import type { KeyLookup, Reading } from '@mcpstack/read-models';
import { found, reading, serviceKey, UNTRUSTED } from '../test/records.ts';
import { ParsingVerifier } from '../test/parsed.ts';
import type { Uses, VerifierOptions } from './verifier.ts';

const LIMITED = found(serviceKey({ limits: [{ name: 'burst', limit: 5, windowMs: 1_000 }] }));
const STATES = [{ name: 'burst', limit: 5, remaining: 4, resetMs: 10 }];
const AWAY = Object.assign(new Error('away'), { code: 'unavailable' });

/** `read` answers for any digest, by the number of the read. */
function world(
  read: (time: number) => Reading<KeyLookup> | Promise<Reading<KeyLookup>>,
  {
    waitFor,
    onTake,
    ...more
  }: Partial<VerifierOptions & VerifierOptions['models']> & { onTake?: () => void } = {},
) {
  const seen = { uses: [] as Uses[], taken: 0, givenBack: 0, broken: [] as string[] };
  let reads = 0;
  const verifier = new ParsingVerifier({
    models: {
      findMany: async (tokens) => {
        const { value, ...rest } = await read((reads += 1));
        return { ...rest, value: tokens.map(() => value) };
      },
      areUnchanged: () => Promise.reject(AWAY),
      waitFor: waitFor ?? (() => Promise.resolve(true)),
      take: (takings) => {
        seen.taken += takings.length;
        onTake?.();
        return Promise.resolve(takings.map(() => ({ granted: true, states: STATES })));
      },
      giveBack: (takings) => {
        seen.givenBack += takings.length;
        return Promise.resolve();
      },
    },
    peppers: { candidates: (digest) => [digest] },
    tokenPrefix: 'mcpstack',
    onUse: (_, uses) => seen.uses.push(uses),
    onBroken: (reason) => seen.broken.push(reason),
    ...more,
  });
  return { verifier, seen };
}
const bytes = (more: object = {}) => Buffer.from(JSON.stringify({ digest: 'a'.repeat(64), ...more }));
const fresh = (value: KeyLookup) => reading(value, { freshUntilMs: Infinity });

it('what was taken is given back where the key cannot be read again', async () => {
  const clock = jest.spyOn(performance, 'now').mockReturnValue(1_000);
  const first = reading<KeyLookup>(LIMITED, { freshUntilMs: 1_250 });
  // The taking uses up the time of the reading that it was made on.
  const { verifier, seen } = world((time) => (time === 1 ? first : Promise.reject(AWAY)), {
    onTake: () => clock.mockReturnValue(1_250),
  });
  try {
    expect(await verifier.verify(bytes())).toMatchObject({ code: 'UNAVAILABLE', message: 'away' });
    expect(seen).toMatchObject({ taken: 1, givenBack: 1 });
  } finally {
    clock.mockRestore();
  }
});

it('an answer that came too late still tells of the uses that the request reports, and of those alone', async () => {
  let release!: () => void;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const { verifier, seen } = world(() => gate.then(() => fresh(found())), { deadlineMs: 20 });
  expect(await verifier.verify(bytes({ reused: 3 }))).toMatchObject({ code: 'UNAVAILABLE' });
  release();
  await verifier.drained();
  expect(seen.uses).toMatchObject([{ count: 3, isOwn: false }]);
});

it('uses are told of for a key that a trusted reading shows, and for no other', async () => {
  const { verifier, seen } = world((time) => (time === 1 ? reading(found(), UNTRUSTED) : fresh(found())));
  expect(await verifier.verify(bytes({ reused: 3 }))).toMatchObject({ code: 'UNAVAILABLE' });
  expect(seen.uses).toEqual([]);
  await verifier.verify(bytes({ reused: 3 }));
  expect(seen.uses).toMatchObject([{ count: 4, isOwn: true }]);
});

it('one that waited for a position makes room for the next, whatever came of it', async () => {
  const results = [() => Promise.resolve(false), () => Promise.reject(AWAY), () => Promise.resolve(true)];
  const { verifier } = world(() => fresh(found()), { maxWaiting: 1, waitFor: () => results.shift()!() });
  const codes: string[] = [];
  for (let time = 0; time < 3; time += 1) codes.push((await verifier.verify(bytes({ position: '1' }))).code);
  expect(codes).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'VALID']);
});

it('records that prove nothing are told of where the reading is trusted', async () => {
  const broken = { status: 'unprovable', reason: 'the record of key key_1 is broken' } as const;
  const { verifier, seen } = world((time) => (time === 1 ? reading(broken, UNTRUSTED) : fresh(broken)));
  await verifier.verify(bytes());
  expect(seen.broken).toEqual([]);
  await verifier.verify(bytes());
  expect(seen.broken).toEqual([broken.reason]);
});
