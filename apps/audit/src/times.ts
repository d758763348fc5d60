/** Times as an auditor writes them: RFC 3339 with its offset, or a plain date, which is midnight UTC. */
import { AuditError } from './errors.ts';

type Three = [number, number, number];

export interface Moment {
  /** Since 1970. */
  ms: number;
  /** ISO 8601, UTC: how the log spells times. */
  iso: string;
}

// RFC 3339, section 5.6; its letters may be small, and a space may stand for the T.
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;
const SPELLING =
  'Write a date and a time with its offset, such as 2026-05-03T12:00:00Z or 2026-05-03T14:00:00+02:00, or a date, such as 2026-05-03, which is midnight UTC.';
/** The largest offset that a place ever had is +14:00. */
const LARGEST_OFFSET_MINUTES = 14 * 60;

/**
 * Reads a time. What is finer than a millisecond is cut off.
 * @param what names it to the person, such as `--from`.
 * @throws AuditError for anything else: a time without an offset would be a guess.
 */
export function parseTime(text: string, what: string): Moment {
  const date = DATE.exec(text);
  const found = date ? undefined : DATE_TIME.exec(text);
  if (!date && !found) throw noTime(text, what);
  const [year, month, day] = (date ?? found!).slice(1, 4).map(Number) as Three;
  const [hour, minute, second] = (found ? found.slice(4, 7) : [0, 0, 0]).map(Number) as Three;
  const offset = found ? offsetMinutesOf(found[8]!) : 0;
  const millis = Number((found?.[7] ?? '').padEnd(3, '0').slice(0, 3));
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  local.setUTCHours(hour, minute, second, millis);
  const isReal = local.getUTCMonth() === month - 1 && local.getUTCDate() === day;
  // A leap second (60) is no moment of the log, which counts as Unix does.
  if (!isReal || hour > 23 || minute > 59 || second > 59 || offset === undefined) throw noTime(text, what);
  const ms = local.getTime() - offset * 60_000;
  return { ms, iso: new Date(ms).toISOString() };
}

/** As parseTime. @throws AuditError also for a time that has not come: the log does not know what will be. */
export function parsePastTime(text: string, what: string, now: string): Moment {
  const moment = parseTime(text, what);
  if (moment.ms <= Date.parse(now)) return moment;
  throw new AuditError('usage', `${what} lies in the future: ${moment.iso}, and it is ${now} now.`, {
    code: 'time-in-the-future',
    next: 'The log tells what has happened: name a time that has come.',
  });
}

function offsetMinutesOf(text: string): number | undefined {
  if (/^z$/i.test(text)) return 0;
  const [hours, minutes] = text.slice(1).split(':').map(Number) as [number, number];
  const all = hours * 60 + minutes;
  if (minutes > 59 || all > LARGEST_OFFSET_MINUTES) return undefined;
  return text.startsWith('-') ? -all : all;
}

function noTime(text: string, what: string): AuditError {
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  return new AuditError('usage', `${what} is no time: ${shown}.`, { code: 'bad-time', next: SPELLING });
}
