/** When a domain is to be looked at next. Pure. */
import { createHash } from 'node:crypto';
import type { AgentDomain } from '@mcpstack/contracts';
import type { WatchedDomain } from '@mcpstack/read-models';

export interface Rhythm {
  /** Between looks at a verified or stale domain. Milliseconds. */
  recheckMs: number;
  /** Between looks at a pending one. Milliseconds. */
  pendingRecheckMs: number;
}

/** Whoever has not published a proof by then asks for a look when it is there. */
export const PENDING_WATCHED_MS = 7 * 24 * 60 * 60 * 1_000;
/** A look comes earlier or later than its time by at most this share. */
const JITTER = 0.1;

/**
 * The time of the next look; `undefined` when nobody looks by the clock any more. Every scheduler comes to the
 * same time: the jitter is a function of the domain and its last look.
 */
export function nextLookMs(
  domain: WatchedDomain,
  lookedAtMs: number | undefined,
  { recheckMs, pendingRecheckMs }: Rhythm,
  nowMs: number,
): number | undefined {
  if (domain.agentState !== 'active') return undefined;
  // A proof that was found is a look, and so is the making of a challenge: there was nothing to find before.
  const beganMs = latest(domain.createdAt, domain.contestedAt, domain.verifiedAt);
  const lastMs = lookedAtMs ?? beganMs;
  const jitter = 1 - JITTER + 2 * JITTER * shareOf(`${domain.id}:${lastMs}`);
  switch (domain.state) {
    case 'verified':
      return lastMs + recheckMs * jitter;
    case 'stale': {
      const graceEndsMs = latest(domain.graceEndsAt);
      const regularMs = lastMs + recheckMs * jitter;
      // Its end is looked at when it comes, not up to a day later.
      return lastMs < graceEndsMs ? Math.min(regularMs, graceEndsMs) : regularMs;
    }
    case 'pending': {
      const watchedUntilMs = latest(domain.createdAt, domain.contestedAt) + PENDING_WATCHED_MS;
      return nowMs < watchedUntilMs ? lastMs + pendingRecheckMs * jitter : undefined;
    }
    case 'lapsed':
      return undefined;
    default:
      return domain.state satisfies never;
  }
}

/**
 * Whether what a look showed changes anything. What changes nothing is not sent: a look a day would otherwise be
 * a command a day for each domain.
 */
export function changesSomething(domain: AgentDomain, isFound: boolean, nowMs: number): boolean {
  if (isFound) return domain.state !== 'verified';
  if (domain.state === 'verified') return true;
  return domain.state === 'stale' && nowMs >= latest(domain.graceEndsAt);
}

function latest(...times: readonly (string | undefined)[]): number {
  return Math.max(0, ...times.flatMap((time) => (time === undefined ? [] : [Date.parse(time)])));
}

/** A number from 0 to 1 that is a function of the text. */
function shareOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
