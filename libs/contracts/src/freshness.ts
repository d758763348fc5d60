/** The time settings that readers and writers of the read models share (guarantees G3 and G4). */
export interface FreshnessSettings {
  /** Δ: a VALID answer derives from a read that began at most this long before it is decided. */
  deltaMs: number;
  /** T: how long a stamp is good for. A stamp is written every T/5. */
  stampLifeMs: number;
  /** L: how long the projection's lease is good for, from when its renewal was sent. */
  leaseLifeMs: number;
}

export const DEFAULT_FRESHNESS: FreshnessSettings = { deltaMs: 250, stampLifeMs: 5_000, leaseLifeMs: 3_000 };

/**
 * The wait that covers `ms` on another machine's clock: monotonic clocks may differ in rate, and 1 % is
 * twenty times what a healthy one shows; 5 ms cover timer resolution.
 */
export function withMargin(ms: number): number {
  return Math.ceil(ms * 1.01) + 5;
}
