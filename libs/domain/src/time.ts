/** Reckoning with times that came from outside: the domain has no clock, only what commands and events carry. */
import { z } from 'zod';
import { invalidField } from './refusals.ts';

export const DAY_MS = 24 * 60 * 60 * 1_000;
/** How far ahead an expiry may lie. */
export const FARTHEST_EXPIRY_DAYS = 3_650;

// Knows the calendar (30 February is none) and wants an offset, without which a time is a guess.
const ISO_TIME = z.iso.datetime({ offset: true });

/** Milliseconds since 1970 of an ISO 8601 time that was checked before. */
export function millisOf(time: string): number {
  return Date.parse(time);
}

/** The time so many milliseconds after `time`; ISO 8601, UTC. */
export function after(time: string, ms: number): string {
  return new Date(millisOf(time) + ms).toISOString();
}

/** Whether `time` has come at `at`. Absent: never. */
export function isPast(time: string | undefined, at: string): boolean {
  return time !== undefined && millisOf(time) <= millisOf(at);
}

/**
 * A time that a caller chose, as it is stored: UTC, to the millisecond.
 * @throws ProblemError when it is no time, has come already, or lies more than `longestMs` ahead.
 */
export function futureTime(
  value: string,
  at: string,
  { field = 'expiresAt', longestMs = FARTHEST_EXPIRY_DAYS * DAY_MS } = {},
): string {
  const ms = value.length <= 64 && ISO_TIME.safeParse(value).success ? millisOf(value) : Number.NaN;
  if (Number.isNaN(ms))
    throw invalidField(field, 'must be a date and time such as 2027-01-31T12:00:00Z, with its offset');
  if (ms <= millisOf(at)) throw invalidField(field, 'must lie in the future');
  if (ms > millisOf(at) + longestMs)
    throw invalidField(field, `must be at most ${longestMs / DAY_MS} days ahead`);
  return new Date(ms).toISOString();
}
