/** How often a key of either kind was used lately, as bars; for screen readers as a table. */
import { Paper, Text, VisuallyHidden } from '@mantine/core';
import type { Schema } from '../../api/client.ts';
import { exactText } from '../../ui/when.tsx';
import { barsOf } from './usage-bars.ts';

type Window = Schema<'UsageWindowAnswer'>;

export const HEIGHT = 80;
const STEP = 10;

/** @param windows newest first, as the API answers them. */
export function UsageChart({ windows }: { windows: readonly Window[] }) {
  const bars = barsOf(windows);
  if (bars.length === 0) return null;
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
