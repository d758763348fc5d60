/** Pages of lists. A cursor is the log position of the last item looked at: new items never shift the next page. */
import { createHash } from 'node:crypto';
import { BadCursorError } from './errors.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, type Page, type PageRequest, type Reading } from './reading.ts';

/** What a list answers of each item, in order. */
export interface Listed<Item> {
  score: string;
  /** Absent for what is passed over. */
  item: Item | undefined;
}

/** The list's name in Redis and its direction. */
export interface List {
  name: string;
  order: 'newest' | 'oldest';
}

export interface Filtering<Item> {
  matches?: (item: Item) => boolean;
  mostLookedAt?: number;
}

/** How many records a page looks at in one call, and in one step: checks must not wait for it long. */
const MOST_LOOKED_AT = 1_000;
const LOOKED_AT_IN_ONE_STEP = 250;

/**
 * One page of a list.
 * @param read the items beyond the bound, at most `count`, in one atomic step.
 * @param filtering of a filtered list, what it shows. Where that passes many over, the page takes several steps, and
 *   answers the first one's times; it never looks at more than `mostLookedAt`.
 * @throws BadCursorError, RangeError
 */
export async function pageOf<Item>(
  list: List,
  request: PageRequest,
  read: (bound: string, count: number) => Promise<Reading<readonly Listed<Item>[]>>,
  { matches = () => true, mostLookedAt = MOST_LOOKED_AT }: Filtering<Item> = {},
): Promise<Reading<Page<Item>>> {
  const limit = limitOf(request);
  const items: Item[] = [];
  let bound = boundOf(list, request.cursor);
  let first: Reading<unknown> | undefined;
  for (let lookedAt = 0; ;) {
    // Mostly the first items are the page; only where they are not, it looks further.
    const count = lookedAt === 0 ? limit : Math.min(LOOKED_AT_IN_ONE_STEP, mostLookedAt - lookedAt);
    // One more than needed tells whether another page follows.
    const reading = await read(bound, count + 1);
    first = earlier(first, reading);
    for (const [place, { score, item }] of reading.value.slice(0, count).entries()) {
      bound = `(${score}`;
      lookedAt += 1;
      if (item !== undefined && matches(item)) items.push(item);
      const isLast = place === reading.value.length - 1;
      if (isLast) break;
      if (items.length === limit || lookedAt === mostLookedAt)
        return { ...first, value: { items, nextCursor: cursorOf(list, score) } };
    }
    if (reading.value.length <= count) return { ...first, value: { items } };
  }
}

/** As old as the first step, and trusted only if every step is. */
function earlier(first: Reading<unknown> | undefined, next: Reading<unknown>): Reading<unknown> {
  if (!first || next.trusted) return first ?? next;
  const { beganAtMs, position } = first;
  return { ...next, beganAtMs, position };
}

export function limitOf({ limit = DEFAULT_PAGE_SIZE }: PageRequest): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE)
    throw new RangeError(`a page holds 1 to ${MAX_PAGE_SIZE} items`);
  return limit;
}

function cursorOf(list: List, score: string): string {
  return Buffer.from(`${tagOf(list)}:${score}`).toString('base64url');
}

/** The log position in a cursor of ours: of the last item that its page looked at. */
export function scoreIn(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('latin1').split(':')[1]!;
}

function boundOf(list: List, cursor: string | undefined): string {
  if (cursor === undefined) return list.order === 'newest' ? '+inf' : '-inf';
  const text = /^[A-Za-z0-9_-]{1,48}$/.test(cursor)
    ? Buffer.from(cursor, 'base64url').toString('latin1')
    : '';
  const [, tag, score] = /^([0-9a-f]{12}):([0-9]{1,16})$/.exec(text) ?? [];
  if (tag !== tagOf(list)) throw new BadCursorError('the cursor is none of this list');
  return `(${score}`;
}

/** Binds a cursor to its list: the name holds the kind, and the organization where there is one. */
function tagOf({ name }: List): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}
