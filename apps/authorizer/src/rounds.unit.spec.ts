/** Many askers of one call: each gets its own answer, or none. */
import { reading } from '../test/records.ts';
import { Lookups } from './lookups.ts';
import { Rounds } from './rounds.ts';

const settled = async (asked: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(asked)).map(({ status }) => status);

it('answers of another number are nobody’s, and the next round goes on', async () => {
  let extra = -1;
  const rounds = new Rounds<number, number>({
    call: (asked) =>
      Promise.resolve(extra < 0 ? asked.slice(1) : [...asked, ...Array<number>(extra).fill(9)]),
    maxSize: 10,
    maxUnderWay: 1,
  });
  const three = () => [1, 2, 3].map((number) => rounds.ask(number));
  expect(await settled(three())).toEqual(['rejected', 'rejected', 'rejected']);
  extra = 1;
  expect(await settled(three())).toEqual(['rejected', 'rejected', 'rejected']);
  extra = 0;
  expect(await Promise.all(three())).toEqual([1, 2, 3]);
});

it('no more calls than may be are under way, each with no more than it may ask for', async () => {
  const calls: (() => void)[] = [];
  const sizes: number[] = [];
  const rounds = new Rounds<number, number>({
    call: (asked) => {
      sizes.push(asked.length);
      return new Promise((resolve) => calls.push(() => resolve(asked)));
    },
    maxSize: 3,
    maxUnderWay: 2,
  });
  const asked = Array.from({ length: 10 }, (_, number) => rounds.ask(number));
  await new Promise(setImmediate);
  expect(sizes).toEqual([3, 3]);
  for (let call = 0; call < 4; call += 1) {
    calls[call]!();
    await new Promise(setImmediate);
  }
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 10 }, (_, number) => number));
  expect(sizes).toEqual([3, 3, 3, 1]);
});

it('a lookup that finds fewer tokens than were asked for answers none of them', async () => {
  let missing = 1;
  const lookups = new Lookups(
    {
      findMany: (tokens) =>
        Promise.resolve(reading(tokens.slice(missing).map(() => ({ status: 'unknown' as const })))),
    },
    { candidates: (digest) => [digest] },
  );
  const both = () => ['a', 'b'].map((digit) => lookups.find(digit.repeat(64)));
  expect(await settled(both())).toEqual(['rejected', 'rejected']);
  missing = 0;
  expect(await settled(both())).toEqual(['fulfilled', 'fulfilled']);
});
