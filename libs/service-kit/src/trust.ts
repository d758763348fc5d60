/** What readers and the writer of the read models have in common: the times of the rules, and what is told of trust. */
import type { Log } from './log.ts';

/** As SETTINGS name them; milliseconds. */
export interface FreshnessSettings {
  FRESH_DELTA_MS: number;
  STAMP_LIFE_MS: number;
  LEASE_LIFE_MS: number;
}

/** The times by which every part decides what may be believed. */
export function freshnessOf(settings: FreshnessSettings) {
  const { FRESH_DELTA_MS: deltaMs, STAMP_LIFE_MS: stampLifeMs, LEASE_LIFE_MS: leaseLifeMs } = settings;
  return { deltaMs, stampLifeMs, leaseLifeMs };
}

/** Logs each time when the read models begin or cease to be trusted, and why. */
export function tellTrust(log: Log): (state: { trusted: boolean; reason?: string | undefined }) => void {
  return ({ trusted, reason }) =>
    log.info(trusted ? 'the read models are trusted' : 'the read models are not trusted', { reason });
}
