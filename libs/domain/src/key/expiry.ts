/** What falls due for a key by the clock: notices 30, 7 and 1 days before its expiry, and the expiry; each once. */
import { after, DAY_MS, isPast, millisOf } from '../time.ts';
import type { RecordKeyExpiry } from './commands.ts';
import type { KeyEvent } from './events.ts';
import { EXPIRY_NOTICES, type PublishableKey, type ServiceKey } from './state.ts';

type AnyKey = ServiceKey | PublishableKey;

export function recordKeyExpiry({ at, actor }: RecordKeyExpiry, key: AnyKey): readonly KeyEvent[] {
  const { expiresAt } = key;
  if (expiresAt === undefined || key.status === 'revoked' || key.status === 'expired') return [];
  // A notice that comes after the expiry helps nobody.
  if (isPast(expiresAt, at)) return [{ type: 'KeyExpired', data: { expiresAt }, at, actor }];
  return noticesLeft(key)
    .filter((notice) => isPast(notice.dueAt, at))
    .map(({ daysBefore }) => ({ type: 'KeyExpiring', data: { expiresAt, daysBefore }, at, actor }));
}

/**
 * The earliest time at which RecordKeyExpiry would write something; `undefined` if never. ISO 8601, UTC. It may
 * have passed already.
 */
export function nextDueAt(key: AnyKey): string | undefined {
  if (key.expiresAt === undefined || key.status === 'revoked' || key.status === 'expired') return undefined;
  // The first notice is the earliest: they are in order, and all lie before the expiry.
  return noticesLeft(key)[0]?.dueAt ?? key.expiresAt;
}

/** Those not given, the first one first. A key that was made for 5 days is not announced 30 days before. */
function noticesLeft({ expiresAt, createdAt, noticesGiven }: AnyKey) {
  if (expiresAt === undefined) return [];
  return EXPIRY_NOTICES.map((daysBefore) => ({
    daysBefore,
    dueAt: after(expiresAt, -daysBefore * DAY_MS),
  })).filter(
    ({ daysBefore, dueAt }) => !noticesGiven.includes(daysBefore) && millisOf(dueAt) >= millisOf(createdAt),
  );
}
