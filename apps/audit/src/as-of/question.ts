/** What is asked of a moment: when, and whom or what about. */
import { isPermission, PERMISSIONS, type Permission } from '@mcpstack/contracts';
import { AuditError } from '../errors.ts';
import { positionOf } from '../positions.ts';
import { parseTime } from '../times.ts';
import { type Until } from './fold-until.ts';

export interface AsOfOptions {
  organization?: string;
  key?: string;
  member?: string;
  permission?: string;
  position?: string;
}

export interface Question {
  until: Until;
  /** At which expiry is judged; of a position without a time, that of its event. */
  moment?: { ms: number; at: string };
  organization?: string;
  key?: string;
  member?: string;
  permission?: Permission;
  /** How the time was understood, where that does not go without saying. */
  notes: readonly string[];
}

const PREFIXES = { organization: 'org', key: 'key', member: 'user' } as const;
/** Without a zone; or with the name of one. */
const NO_ZONE = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;

/** @throws AuditError for what cannot be asked, with how it is written. */
export function questionOf(time: string | undefined, options: AsOfOptions, now: string): Question {
  const { permission, position } = options;
  if (time === undefined && position === undefined)
    throw new AuditError('usage', 'No moment is named.', {
      next: 'Write a time, such as 2026-05-03T12:00:00Z, or --position with a position of the log.',
    });
  const ids = idsIn(options);
  if (permission !== undefined && !isPermission(permission))
    throw new AuditError('usage', `There is no permission ${JSON.stringify(permission.slice(0, 64))}.`, {
      code: 'unknown-permission',
      next: `These are the permissions: ${PERMISSIONS.join(' ')}.`,
    });
  const moment = time === undefined ? undefined : momentOf(time, now);
  return {
    until: position === undefined ? { ms: moment!.ms } : { position: positionOf(position, '--position') },
    ...(moment && { moment: { ms: moment.ms, at: moment.at } }),
    ...ids,
    ...(permission !== undefined && { permission }),
    notes: moment?.notes ?? [],
  };
}

function idsIn(options: AsOfOptions): Pick<Question, 'organization' | 'key' | 'member'> {
  const ids: Pick<Question, 'organization' | 'key' | 'member'> = {};
  for (const what of ['organization', 'key', 'member'] as const) {
    const id = options[what];
    if (id === undefined) continue;
    if (!new RegExp(`^${PREFIXES[what]}_[0-9A-Za-z]{1,64}$`).test(id))
      throw new AuditError('usage', `--${what} is no id: ${JSON.stringify(id.slice(0, 40))}.`, {
        code: 'bad-id',
        next: `Write it as ${PREFIXES[what]}_ and letters and digits.`,
      });
    ids[what] = id;
  }
  return ids;
}

function momentOf(time: string, now: string): { ms: number; at: string; notes: string[] } {
  if (time === 'now') return { ms: Date.parse(now), at: now, notes: [`Now is ${now}.`] };
  if (NO_ZONE.test(time)) {
    const spelled = time.replace(' ', 'T').replace(/^(.{16})$/, '$1:00');
    throw new AuditError('usage', `TIME names no zone, and each zone has its own ${time.slice(11)}.`, {
      code: 'bad-time',
      next: `Write ${spelled}Z for UTC, or with an offset, such as ${spelled}+02:00.`,
    });
  }
  const { ms, iso } = parseTime(time, 'TIME');
  const notes = [];
  if (time.length === 10)
    notes.push(`${time} is taken as the beginning of that day in UTC, ${iso}. Its end is the day after.`);
  else if (!/[Zz]$/.test(time)) notes.push(`${time} is ${iso}.`);
  if (ms > Date.parse(now))
    notes.push(`${iso} lies ahead: this is the log as it stands, with expiry judged at that time.`);
  return { ms, at: iso, notes };
}
