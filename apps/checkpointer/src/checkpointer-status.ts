/** How it stands with the signing, for /health/checkpoints and for metrics. */

/** What an operator wants to see. */
export interface CheckpointerStatus {
  origin: string;
  keys: readonly string[];
  /** Of the last checkpoint; 0 before the first. */
  size: number;
  position: string;
  /** When the last checkpoint was signed; ISO 8601. */
  signedAt: string | undefined;
  /** Events that no checkpoint covers. */
  uncovered: number;
  /** Since when the oldest of them waits that asks to be covered; ISO 8601. */
  waitingSince: string | undefined;
  trouble: string | undefined;
}
