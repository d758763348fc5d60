/** How often pages were let in with the key. */
import { Text } from '@mantine/core';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useThing } from '../../api/resources.ts';
import { Facts } from '../../ui/facts.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { When } from '../../ui/when.tsx';
import type { PublicKey } from './public-key.ts';

const number = new Intl.NumberFormat();

export function KeyUse({ publicKey: { id: keyId, lastUsedAt } }: { publicKey: PublicKey }) {
  const { orgId } = useHere();
  // Asked again whenever the key, which is asked for by the clock, tells of a later use.
  const { data: usage, problem } = useThing(
    keyOf(orgId, 'public-keys', keyId, 'usage', lastUsedAt),
    async () =>
      (
        await api.GET('/api/v1/organizations/{orgId}/public-keys/{keyId}/usage', {
          params: { path: { orgId, keyId } },
        })
      ).data,
  );
  if (!usage) return <ProblemAlert problem={problem} />;
  if (usage.count === 0)
    return (
      <Text size="sm" c="dimmed">
        No page has used it yet. The first use shows here within seconds.
      </Text>
    );
  const { lastUsedFrom } = usage;
  return (
    <Facts
      facts={[
        ['Let in', `${number.format(usage.count)} ${usage.count === 1 ? 'time' : 'times'}`],
        ['First used', <When key="first" at={usage.firstUsedAt} />],
        ['Last used', <When key="last" at={usage.lastUsedAt} />],
        [
          'From',
          [lastUsedFrom?.addressPrefix, lastUsedFrom?.userAgent].filter(Boolean).join(', ') || undefined,
        ],
      ]}
    />
  );
}
