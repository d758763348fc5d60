/** What the specs of sharing have in common: a verifier over rules that a spec may replace. */
import { connect } from '@nats-io/transport-node';
import { Checks, type ChecksOptions } from '../src/checks.ts';

/** A verifier as `createVerifier` makes it, whose rules a control may switch off. */
export async function checksOn(url: string, options: Partial<ChecksOptions> = {}): Promise<Checks> {
  const connection = await connect({ servers: url });
  const defaults = { isOwn: true, timeoutMs: 1_000, maxReused: 100, maxInFlight: 1_000 };
  return new Checks({ connection, ...defaults, ...options });
}

export const digest = (index: number): string => index.toString(16).padStart(64, '0');

/** Resolves no earlier than `ms` after `sinceMs`, on the clock that answers are reused by. */
export async function past(ms: number, sinceMs = performance.now()): Promise<void> {
  while (performance.now() < sinceMs + ms) await new Promise((resolve) => setTimeout(resolve, 1));
}
