/** Read model: how often a key was used, in all and in the newest windows. */
import type { LastUsedFrom } from '@mcpstack/contracts';
import { InvalidEventError, type UsageEvent } from '@mcpstack/domain';
import type { KeyFold } from './keys.ts';
import { names } from './namespace.ts';
import type { Projected, ReadModel } from './read-model.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { KeyUsage, ReadModels } from './reading.ts';
import { readable, type Row } from './row.ts';
import type { TrustedReader } from './trusted-reader.ts';

/** So many windows are kept of each key. */
const MOST_WINDOWS = 100;

export interface UsageFold extends Omit<KeyUsage, 'windows'> {
  /** `lastUsedAt` of the window that `lastUsedFrom` is of: not every asker tells where a use came from. */
  toldAt?: string;
}

export const usage: ReadModel<UsageFold, UsageEvent> = {
  category: 'usage',
  recordName: names.usage,
  project(before, event, { id }): Projected<UsageFold> {
    const { keyId, from, to, count, lastUsedAt, lastUsedFrom } = event.data;
    if (keyId !== id) throw new InvalidEventError('KeyUsed names another key than its stream');
    const windows = names.usageWindows(id);
    return {
      // Windows of several authorizers overlap, and may be written in any order.
      record: {
        keyId,
        count: (before?.count ?? 0) + count,
        firstUsedAt: before && isBefore(before.firstUsedAt, from) ? before.firstUsedAt : from,
        lastUsedAt: before && isBefore(lastUsedAt, before.lastUsedAt) ? before.lastUsedAt : lastUsedAt,
        ...latestTold(before, lastUsedFrom && { lastUsedFrom, toldAt: lastUsedAt }),
      },
      writes: [
        ['LPUSH', windows, JSON.stringify({ from, to, count })],
        ['LTRIM', windows, '0', `${MOST_WINDOWS - 1}`],
      ],
    };
  },
};

type Told = Pick<UsageFold, 'lastUsedFrom' | 'toldAt'>;

/** A window that tells nothing hides nothing: it may hold what a service answered for itself, for many clients. */
function latestTold(before: Told | undefined, told: Required<Told> | undefined): Told {
  if (before?.toldAt === undefined || (told && !isBefore(told.toldAt, before.toldAt))) return told ?? {};
  return { lastUsedFrom: before.lastUsedFrom, toldAt: before.toldAt } as Told;
}

export function usageReads(reader: TrustedReader): Pick<ReadModels, 'getKeyUsage'> {
  return {
    getKeyUsage: async (organizationId, keyId) =>
      reader.read(READ_SCRIPTS.keyUsage, [keyId], (reply) => {
        const [keyRow, usageRow, windows] = reply as unknown as [Row, Row, string[]];
        // Whose the use is, the key tells: use of a key that is unknown is shown to nobody.
        if (readable<KeyFold>(keyRow)?.data.organizationId !== organizationId) return undefined;
        const found = readable<UsageFold>(usageRow);
        if (!found) return undefined;
        const { toldAt: _, ...shown } = found.data;
        return { ...shown, windows: windows.map(windowIn).sort(newestFirst) };
      }),
  };
}

export interface LastUse {
  /** What its key shows of it. */
  shown: { lastUsedAt?: string; lastUsedFrom?: LastUsedFrom };
  /** There may be a later one that cannot be read. */
  isParked: boolean;
}

/** What a usage row tells lists. A parked one must not hide its key. */
export function lastUseIn([data, , parked]: Row): LastUse {
  const isParked = parked !== null;
  if (data === null) return { shown: {}, isParked };
  const { lastUsedAt, lastUsedFrom } = JSON.parse(data) as UsageFold;
  return { shown: { lastUsedAt, ...(lastUsedFrom && { lastUsedFrom }) }, isParked };
}

type Window = KeyUsage['windows'][number];

function windowIn(text: string): Window {
  return JSON.parse(text) as Window;
}

function newestFirst(a: Window, b: Window): number {
  return Date.parse(b.from) - Date.parse(a.from);
}

/** Of ISO 8601 times, which may differ in how many digits they give of a second. */
function isBefore(a: string, b: string): boolean {
  return Date.parse(a) < Date.parse(b);
}
