/** Times as people write them on a command line, and as they read them in a table. */
import { InvalidArgumentError } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};
/** Beyond it lie no times that a calendar can hold. */
const LONGEST_MS = 100 * UNIT_MS['y']!;
const DURATION = /^(\d{1,6})([smhdwy])$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** Milliseconds of `90d`, `12h`, `30m` or `45s`; `2w` and `1y` (365 days) too. */
export function durationMs(text: string): number {
  const [, count, unit] = DURATION.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('Give a duration such as 90d, 12h or 30m.');
  const ms = Number(count) * UNIT_MS[unit!]!;
  if (ms > LONGEST_MS) throw new InvalidArgumentError('Give a duration of at most 100y.');
  return ms;
}

/** ISO 8601 of a time, or of one that lies a duration ahead. Without an offset a time is UTC. */
export function timeAhead(text: string, nowMs = Date.now()): string {
  return timeOf(text, (ms) => nowMs + ms);
}

/** The same, where a duration looks back: `90d` is 90 days ago. */
export function timeBack(text: string, nowMs = Date.now()): string {
  return timeOf(text, (ms) => nowMs - ms);
}

function timeOf(text: string, from: (ms: number) => number): string {
  if (DURATION.test(text)) return new Date(from(durationMs(text))).toISOString();
  const [, day, offset] = MOMENT.exec(text) ?? [];
  // Whoever writes February 31 means another day than the one that Date makes of it.
  if (day !== undefined && dayOf(Date.parse(day)) === day) {
    const ms = Date.parse(offset === undefined && text !== day ? `${text}Z` : text);
    if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  }
  throw new InvalidArgumentError('Give a time such as 2030-01-31, 2030-01-31T12:00:00Z, or 90d for 90 days.');
}

const dayOf = (ms: number) => (Number.isNaN(ms) ? undefined : new Date(ms).toISOString().slice(0, 10));

/** `5m ago`, `in 12d`, `now`; `-` for none. For tables, where a glance must do. */
export function roughly(iso: string | undefined, nowMs = Date.now()): string {
  if (iso === undefined) return '-';
  const ms = Date.parse(iso) - nowMs;
  const span = spanOf(Math.abs(ms));
  if (span === undefined) return 'now';
  return ms < 0 ? `${span} ago` : `in ${span}`;
}

/** `2030-01-31 12:00:00 UTC, in 90d`. For one thing that is shown whole. */
export function exactly(iso: string | undefined, nowMs = Date.now()): string | undefined {
  return iso && `${iso.slice(0, 19).replace('T', ' ')} UTC, ${roughly(iso, nowMs)}`;
}

function spanOf(ms: number): string | undefined {
  for (const unit of ['y', 'd', 'h', 'm', 's']) {
    const count = Math.round(ms / UNIT_MS[unit]!);
    // Two years are told in years, and everything less in days: 400 days are no "1y".
    if (count >= (unit === 'y' ? 2 : 1) && ms >= UNIT_MS[unit]!) return `${count}${unit}`;
  }
  return undefined;
}
