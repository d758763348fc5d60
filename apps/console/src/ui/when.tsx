/** A time: how long ago or ahead, and exactly, in the reader's zone, on hover. */
import { Text, Tooltip } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { clock } from './clock.ts';

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `3 minutes ago`; over a month away, the day. */
export function relativeText(at: string, nowMs: number): string {
  const ms = Date.parse(at) - nowMs;
  const size = Math.abs(ms);
  if (size < 10 * SECOND) return 'just now';
  if (size < MINUTE) return relative.format(Math.trunc(ms / SECOND), 'second');
  if (size < HOUR) return relative.format(Math.trunc(ms / MINUTE), 'minute');
  if (size < DAY) return relative.format(Math.trunc(ms / HOUR), 'hour');
  if (size < 31 * DAY) return relative.format(Math.trunc(ms / DAY), 'day');
  return day.format(Date.parse(at));
}

export const exactText = (at: string): string => exact.format(Date.parse(at));

export function When({ at, none = 'never' }: { at: string | undefined; none?: string }) {
  const nowMs = useSyncExternalStore(clock.subscribe, clock.read);
  if (at === undefined)
    return (
      <Text span c="dimmed" size="sm">
        {none}
      </Text>
    );
  return (
    <Tooltip label={exactText(at)} events={{ hover: true, focus: false, touch: true }}>
      <Text span size="sm" style={{ whiteSpace: 'nowrap' }}>
        <time dateTime={at} title={exactText(at)}>
          {relativeText(at, nowMs)}
        </time>
      </Text>
    </Tooltip>
  );
}
