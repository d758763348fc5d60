/** What is kept of an organization's things: one key for each resource, so that a change can be told by its kind. */
import {
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type QueryKey,
} from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { problemOf, type ApiProblem } from './client.ts';

export type Resource =
  | 'organization'
  | 'members'
  | 'invitations'
  | 'agents'
  | 'domains'
  | 'servers'
  | 'api-keys'
  | 'public-keys'
  | 'webhooks'
  | 'events';

/** `parts` tell one thing or one list of the resource from another: an id, a filter. */
export const keyOf = (orgId: string, resource: Resource, ...parts: readonly unknown[]): QueryKey => [
  'org',
  orgId,
  resource,
  ...parts,
];

/** One thing. @returns `problem` instead of an error; `data` stays while it is asked for again. */
export function useThing<Thing>(
  key: QueryKey,
  ask: () => Promise<Thing>,
  { refetchIntervalMs, ...more }: { enabled?: boolean; refetchIntervalMs?: number } = {},
) {
  const query = useQuery({
    queryKey: key,
    queryFn: ask,
    ...more,
    ...(refetchIntervalMs !== undefined && { refetchInterval: refetchIntervalMs }),
  });
  const problem = useMemo(() => (query.error ? problemOf(query.error) : undefined), [query.error]);
  return { data: query.data, problem, isLoading: query.isPending, refetch: query.refetch };
}

export interface Pages<Item, Page extends OnePage<Item> = OnePage<Item>> {
  items: readonly Item[] | undefined;
  /** The page that was asked for last, with what its answer says beside the items. */
  last: Page | undefined;
  problem: ApiProblem | undefined;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  refetch: () => void;
}

interface OnePage<Item> {
  data: readonly Item[];
  nextCursor?: string;
}

/** A list, page by page: `ask` is given what to spread into the query. */
export function usePages<Item, Page extends OnePage<Item> = OnePage<Item>>(
  key: QueryKey,
  ask: (page: { cursor?: string }) => Promise<{ data: Page }>,
  more: { refetchIntervalMs?: number; enabled?: boolean } = {},
): Pages<Item, Page> {
  const { refetchIntervalMs, enabled = true } = more;
  const query = useInfiniteQuery<Page, Error, InfiniteData<Page>, QueryKey, string | undefined>({
    queryKey: key,
    queryFn: async ({ pageParam }) => (await ask(pageParam === undefined ? {} : { cursor: pageParam })).data,
    initialPageParam: undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled,
    // Many pages are asked for again one after the other: not for a clock alone.
    refetchInterval: ({ state }) =>
      refetchIntervalMs !== undefined && (state.data?.pages.length ?? 0) <= 2 ? refetchIntervalMs : false,
  });
  const items = useMemo(() => query.data?.pages.flatMap(({ data }) => data), [query.data]);
  const problem = useMemo(() => (query.error ? problemOf(query.error) : undefined), [query.error]);
  const { fetchNextPage, refetch } = query;
  return {
    items,
    last: query.data?.pages.at(-1),
    problem,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: useCallback(() => void fetchNextPage(), [fetchNextPage]),
    refetch: useCallback(() => void refetch(), [refetch]),
  };
}

/** Asks again for what has changed: these resources of the organization. */
export function useChanged(orgId: string): (...resources: readonly Resource[]) => Promise<void> {
  const client = useQueryClient();
  return useCallback(
    async (...resources) => {
      await Promise.all(
        resources.map((resource) => client.invalidateQueries({ queryKey: keyOf(orgId, resource) })),
      );
    },
    [client, orgId],
  );
}
