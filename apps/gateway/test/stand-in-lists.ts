/** What the stand-in for the read models finds in its lists, and a page of them. */
import type { ApiKey } from '@mcpstack/contracts';
import { BadCursorError, type KeyFilter, type Page, type PageRequest } from '@mcpstack/read-models';

/** @throws BadCursorError */
export function pageOf<Item>(
  what: string,
  all: readonly Item[],
  { cursor, limit = 50 }: PageRequest,
): Page<Item> {
  // A cursor names its list, so that one of another list is found out.
  const parts = /^([A-Za-z]+)-([0-9]+)$/.exec(cursor ?? `${what}-0`);
  if (parts?.[1] !== what) throw new BadCursorError('bad');
  const from = Number(parts[2]);
  const more = from + limit < all.length;
  const items = all.slice(from, from + limit);
  return { items, ...(more && { nextCursor: `${what}-${from + limit}` }) };
}

export function of<Item extends { organizationId: string }>(
  items: readonly Item[],
  organizationId: string,
): readonly Item[] {
  return items.filter((item) => item.organizationId === organizationId);
}

export function find<Item extends { id: string; organizationId: string }>(
  items: readonly Item[],
  organizationId: string,
  id: string,
): Item | undefined {
  return items.find((item) => item.id === id && item.organizationId === organizationId);
}

export function matches(key: ApiKey, filter: KeyFilter): boolean {
  const { state, tag, role, environment, createdBy, unusedSince } = filter;
  return (
    (state === undefined || key.state === state) &&
    (tag === undefined || key.tags.includes(tag)) &&
    (role === undefined || key.role === role) &&
    (environment === undefined || key.environment === environment) &&
    (createdBy === undefined ||
      (key.createdBy.type === createdBy.type && key.createdBy.id === createdBy.id)) &&
    (unusedSince === undefined || (key.lastUsedAt ?? key.createdAt) < unusedSince)
  );
}
