import { items, type Page } from './items.ts';
import { retryAfterMs } from './problem.ts';
import { pauseBefore } from './retrying-fetch.ts';

const collect = async <Item>(from: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const item of from) all.push(item);
  return all;
};
/** Pages by cursor; the first has none. */
const listOf = (pages: Record<string, Page<number>>) => (query: { cursor?: string }) =>
  Promise.resolve({ data: pages[query.cursor ?? '']! });

describe('items', () => {
  it('goes through all pages, in order, empty ones too', async () => {
    const pages = {
      '': { data: [1, 2], nextCursor: 'b' },
      b: { data: [], nextCursor: 'c' },
      c: { data: [3] },
    };
    expect(await collect(items(listOf(pages)))).toEqual([1, 2, 3]);
  });

  it('asks for no page that nobody wants', async () => {
    const asked: (string | undefined)[] = [];
    const page = (query: { cursor?: string }) => {
      asked.push(query.cursor);
      return Promise.resolve({ data: { data: [1, 2], nextCursor: 'b' } });
    };
    for await (const item of items(page)) if (item === 2) break;
    expect(asked).toEqual([undefined]);
  });

  it('refuses more than the most, and pages without an end', async () => {
    const two = { '': { data: [1, 2] } };
    await expect(collect(items(listOf(two), { most: 1 }))).rejects.toThrow('more than 1');
    expect(await collect(items(listOf(two), { most: 2 }))).toEqual([1, 2]);
    const circle = { '': { data: [], nextCursor: 'a' }, a: { data: [], nextCursor: 'a' } };
    await expect(collect(items(listOf(circle)))).rejects.toThrow('no end');
    let page = 0;
    const endless = () => Promise.resolve({ data: { data: [], nextCursor: String((page += 1)) } });
    await expect(collect(items(endless, { most: 10 }))).rejects.toThrow('no end');
  });
});

describe('pauses', () => {
  it('grow from 100 ms to 2 s, half of each by chance', () => {
    expect([2, 3, 6, 7, 50].map((number) => pauseBefore(number, () => 1))).toEqual([
      100, 200, 1_600, 2_000, 2_000,
    ]);
    expect(pauseBefore(2, () => 0)).toBe(50);
  });

  it('Retry-After is seconds or a date; nonsense is nothing', () => {
    const of = (value: string) => retryAfterMs(new Headers({ 'retry-after': value }), Date.UTC(2030, 0, 1));
    expect(of('3')).toBe(3_000);
    expect(of('Tue, 01 Jan 2030 00:00:05 GMT')).toBe(5_000);
    expect(of('Mon, 31 Dec 2029 00:00:00 GMT')).toBe(0);
    expect([of('soon'), of('-1'), retryAfterMs(new Headers())]).toEqual([undefined, 0, undefined]);
  });
});
