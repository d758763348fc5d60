/** When something is due for a key by the clock: a notice of its expiry, or the expiry itself. */
import { EXPIRY_NOTICES, type KeyState } from '@mcpstack/domain';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Milliseconds since 1970; `undefined` when nothing is due any more. */
export function nextDueAt(key: KeyState): number | undefined {
  if (key.status === 'none' || key.status === 'revoked' || key.status === 'expired') return undefined;
  if (key.expiresAt === undefined) return undefined;
  const expiresAtMs = Date.parse(key.expiresAt);
  const createdAtMs = Date.parse(key.createdAt);
  const nearest = Math.min(...key.noticesGiven, Infinity);
  // A notice whose time had passed when the key was made, or after which a later one was given, is not given.
  const notices = EXPIRY_NOTICES.filter((days) => days < nearest)
    .map((days) => expiresAtMs - days * DAY_MS)
    .filter((atMs) => atMs > createdAtMs);
  return Math.min(...notices, expiresAtMs);
}
