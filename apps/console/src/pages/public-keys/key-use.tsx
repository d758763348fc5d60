/** How often pages were let in with the key: in all, and lately as bars. */
import { Stack, Text } from '@mantine/core';
import { api } from '../../api/client.ts';
import { useHere } from '../../api/organization.tsx';
import { keyOf, useThing } from '../../api/resources.ts';
import { Facts } from '../../ui/facts.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { When } from '../../ui/when.tsx';
import { UsageChart } from '../api-keys/usage-chart.tsx';
import { USES_MS } from './public-key.ts';

const number = new Intl.NumberFormat();

export function KeyUse({ keyId }: { keyId: string }) {
  const { orgId } = useHere();
  const { data: usage, problem } = useThing(
    keyOf(orgId, 'public-keys', keyId, 'usage'),
    async () =>
      (
        await api.GET('/api/v1/organizations/{orgId}/public-keys/{keyId}/usage', {
          params: { path: { orgId, keyId } },
        })
      ).data,
    { refetchIntervalMs: USES_MS },
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
    <Stack gap="sm">
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
      <UsageChart windows={usage.windows} />
    </Stack>
  );
}
