/** How often a key was found valid: in all, and lately as bars. */
import { Paper, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { exactText, When } from '../../ui/when.tsx';
import { barsOf, type Bar } from './usage-bars.ts';
import { useKeyUsage } from './use-key.ts';

const HEIGHT = 80;
const STEP = 10;

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
  const bars = barsOf(windows);
  return (
    <Stack gap="xs">
      <Text size="sm">
        Found valid {count.toLocaleString('en')} {count === 1 ? 'time' : 'times'}, first{' '}
        <When at={firstUsedAt} />, last <When at={lastUsedAt} />.
      </Text>
      {bars.length > 0 && <Chart bars={bars} />}
    </Stack>
  );
}

function Chart({ bars }: { bars: readonly Bar[] }) {
  const most = Math.max(...bars.map(({ count }) => count));
  const [first, last] = [bars[0]!, bars.at(-1)!];
  const title = `Uses from ${exactText(first.from)} to ${exactText(last.to)}: at most ${most} in one bar`;
  return (
    <Paper withBorder p="sm" radius="md">
      <svg
        role="img"
        aria-label={title}
        viewBox={`0 0 ${bars.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        width="100%"
        height={HEIGHT}
      >
        {bars.map(({ from, count }, index) => {
          // What was used at all is seen.
          const height = count === 0 ? 0 : Math.max(2, (count / most) * HEIGHT);
          return (
            <rect
              key={from}
              x={index * STEP + 1}
              y={HEIGHT - height}
              width={STEP - 2}
              height={height}
              fill="var(--mantine-primary-color-filled)"
            >
              <title>{`${exactText(from)}: ${count}`}</title>
            </rect>
          );
        })}
      </svg>
      <Text size="xs" c="dimmed" aria-hidden>
        From {exactText(first.from)} to {exactText(last.to)}
      </Text>
      <VisuallyHidden>
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Uses</th>
            </tr>
          </thead>
          <tbody>
            {bars
              .filter(({ count }) => count > 0)
              .map(({ from, count }) => (
                <tr key={from}>
                  <td>{exactText(from)}</td>
                  <td>{count}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </Paper>
  );
}
