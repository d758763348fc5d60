/** The public keys of an agent whose pages stop with what is about to be taken away. */
import { Code, List, Loader, Text } from '@mantine/core';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, usePages } from '../../api/resources.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { When } from '../../ui/when.tsx';
import { isLiving, type PublicKey } from '../public-keys/public-key.ts';

/** As many are named; the others are counted. */
const MOST_NAMED = 8;

interface KeysAtStakeProps {
  agentId: string;
  /** Which of their origins are refused then; all of them by default. */
  isRefused?: (origin: string) => boolean;
  /** Said before the list, and instead of it where there are none. */
  some: string;
  none: string;
}

export function KeysAtStake({ agentId, isRefused = () => true, some, none }: KeysAtStakeProps) {
  const { orgId } = useHere();
  const { items, problem, hasMore } = usePages<PublicKey>(
    keyOf(orgId, 'public-keys', 'at-stake', agentId),
    (page) =>
      api.GET('/api/v1/organizations/{orgId}/public-keys', {
        params: { path: { orgId }, query: { ...page, limit: 100, agentId } },
      }),
  );
  if (!items) return problem ? <ProblemAlert problem={problem} /> : <Loader size="sm" aria-label="Looking" />;
  const hit = items.filter(isLiving).flatMap((key) => {
    const origins = key.origins.map(({ origin }) => origin).filter(isRefused);
    return origins.length > 0 ? [{ ...key, refused: origins }] : [];
  });
  if (hit.length === 0 && !hasMore) return <Text size="sm">{none}</Text>;
  const others = Math.max(0, hit.length - MOST_NAMED);
  return (
    <>
      <Text size="sm">{some}</Text>
      <List size="sm">
        {hit.slice(0, MOST_NAMED).map(({ id, name, refused, lastUsedAt }) => (
          <List.Item key={id} style={{ overflowWrap: 'anywhere' }}>
            <bdi>{name}</bdi> at <Code>{refused[0]}</Code>
            {refused.length > 1 && ` and ${refused.length - 1} more`}, last used <When at={lastUsedAt} />
          </List.Item>
        ))}
        {hasMore && <List.Item>and others: there are too many to name.</List.Item>}
        {!hasMore && others > 0 && <List.Item>and {others} more.</List.Item>}
      </List>
    </>
  );
}
