/** Answers that are kept: whatever becomes of one, its uses are told of once (G7), and looking at them is bounded. */
import { valid } from '../test/responder.ts';
import { Reuse, take, type Answer } from './reuse.ts';

const TICK_MS = 10;
let due: [string, number][];
let evicted: [string, number][];
let reuse: Reuse;
/** Ticks tell how much time has passed, from the making on. */
let startMs: number;

beforeEach(() => {
  [due, evicted] = [[], []];
  const onDue = ({ text }: Answer, hits: number): void => void due.push([text, hits]);
  const onEvicted = ({ text }: Answer, hits: number): void => void evicted.push([text, hits]);
  reuse = new Reuse({ max: 10_000, onDue, onEvicted }, TICK_MS);
  startMs = performance.now();
});

const identity = (name: string) => ({ digest: name, fields: '' });
/** An answer that was sent for at `sentMs` after the start, and is good for so long. */
function keep(name: string, sentMs: number, freshForMs: number, hits = 0): Answer {
  const sentAtMs = startMs + sentMs;
  const answer = reuse.keep(identity(name), name, valid(freshForMs), sentAtMs, sentAtMs + freshForMs);
  answer.hits = hits;
  return answer;
}

it('no answer is kept for more than ten seconds, whatever the reply says', () => {
  expect(keep('a', 0, 9_000).untilMs).toBe(startMs + 9_000);
  expect(keep('b', 0, 1e9).untilMs).toBe(startMs + 10_000);
});

it('what a hint drops tells of its uses', () => {
  keep('a', 0, 5_000, 3);
  keep('b', 0, 5_000);
  reuse.changed(['key_1']);
  expect(evicted).toEqual([['a', 3]]);
  expect([...reuse.unsent()]).toEqual([]);
});

it('renewals are bounded; what has ended meanwhile waits with its uses for its turn', () => {
  for (let index = 0; index < 2_500; index += 1) keep(`${index}`, 0, 100, 1);
  reuse.tick(startMs + 150);
  expect(due).toHaveLength(1_000);
  reuse.tick(startMs + 400);
  reuse.tick(startMs + 800);
  expect(due).toHaveLength(2_500);
  expect(new Set(due.map(([text]) => text)).size).toBe(2_500);
  expect(due.every(([, hits]) => hits === 1)).toBe(true);
});

it('one message tells of a million uses at most, the next one of the others', () => {
  const answer = keep('a', 0, 5_000, 1_500_000);
  expect([take(answer), take(answer), take(answer)]).toEqual([1_000_000, 500_000, 0]);
});

it('an answer that was renewed is not looked at when the one before was due', () => {
  keep('a', 0, 1_000);
  keep('a', 500, 1_000, 1);
  reuse.tick(startMs + 750);
  expect(due).toEqual([]);
  // The control: at its own time it is.
  reuse.tick(startMs + 1_250);
  expect(due).toEqual([['a', 1]]);
});
