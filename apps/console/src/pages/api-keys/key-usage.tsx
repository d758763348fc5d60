/** How often a service key was found valid: in all, and lately as bars. */
import { Skeleton, Stack, Text } from '@mantine/core';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { When } from '../../ui/when.tsx';
import { HEIGHT, UsageChart } from './usage-chart.tsx';
import { useKeyUsage } from './use-key.ts';

export function KeyUsage({ keyId }: { keyId: string }) {
  const { data, problem } = useKeyUsage(keyId);
  if (!data) return problem ? <ProblemAlert problem={problem} /> : <Skeleton height={HEIGHT} />;
  const { count, firstUsedAt, lastUsedAt, windows } = data;
  if (count === 0)
    return (
      <Text size="sm" c="dimmed">
        It was never found valid so far: either nothing uses it yet, or what does was refused.
      </Text>
    );
  return (
    <Stack gap="xs">
      <Text size="sm">
        Found valid {count.toLocaleString('en')} {count === 1 ? 'time' : 'times'}, first{' '}
        <When at={firstUsedAt} />, last <When at={lastUsedAt} />.
      </Text>
      <UsageChart windows={windows} />
    </Stack>
  );
}
