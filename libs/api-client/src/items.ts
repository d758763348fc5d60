/** Walks a list page by page. */

/** What every list of the API answers. */
export interface Page<Item> {
  data: readonly Item[];
  /** Absent on the last page. */
  nextCursor?: string;
}

/**
 * All items of a list, asked for page by page as they are needed.
 * @param page asks for one page; spread what it is given into the query.
 * @param most how many items there may be; more is an error, so that no list is taken for whole that is not.
 * @throws RangeError when there are more, or when the cursors do not come to an end.
 * @example
 * const path = { orgId };
 * for await (const key of items((query) =>
 *   api.GET('/api/v1/organizations/{orgId}/api-keys', { params: { path, query: { ...query, limit: 100 } } }),
 * ))
 *   console.log(key.name);
 */
export async function* items<Item>(
  page: (query: { cursor?: string }) => Promise<{ data: Page<Item> }>,
  { most = 100_000 }: { most?: number } = {},
): AsyncGenerator<Item, void, undefined> {
  const seen = new Set<string>();
  let left = most;
  let query: { cursor?: string } = {};
  for (;;) {
    const { data, nextCursor } = (await page(query)).data;
    for (const item of data) {
      if (left-- <= 0) throw new RangeError(`The list has more than ${most} items.`);
      yield item;
    }
    if (nextCursor === undefined) return;
    // With a filter a page may be empty; but no walk has more pages than items, give or take, or comes by twice.
    if (seen.has(nextCursor) || seen.size > most) throw new RangeError('The pages of the list have no end.');
    seen.add(nextCursor);
    query = { cursor: nextCursor };
  }
}
