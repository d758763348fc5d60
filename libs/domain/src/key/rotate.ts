/** Service key: its secrets. A rotation gives a new one; the one before works on for a while, never longer than asked. */
import { LONGEST_OVERLAP_MS } from '@mcpstack/contracts';
import type { Authority } from '../authority.ts';
import { conflict, invalidField } from '../refusals.ts';
import { after, DAY_MS } from '../time.ts';
import type { RecordSecretSeen, RotateKey } from './commands.ts';
import type { Credential, KeyEvent } from './events.ts';
import { refuseEnded } from './existing.ts';
import { requireToGrant } from './grants.ts';
import type { ServiceKey } from './state.ts';
import { normalLabels } from './terms.ts';

/** The new secret gives all that the key holds: so whoever asks must hold that (G8). */
export function rotateKey(command: RotateKey, authority: Authority, key: ServiceKey): readonly KeyEvent[] {
  const { at, actor, credential } = command;
  const { hint } = normalLabels(command);
  const previous = previousOf(command);
  refuseEnded(key, at);
  requireToGrant(authority, key);
  const known = key.secrets.find((one) => isSameSecret(one.credential, credential));
  const current = key.secrets.at(-1)!;
  if (known === current) return [];
  // A secret that was on its way out must not come back as the current one.
  if (known) throw conflict('This secret is the one before: rotate to a new one.');
  const version = current.version + 1;
  const data = { version, credential, ...(hint !== undefined && { hint }), previous };
  return [{ type: 'KeyRotated', data, at, actor }];
}

const LONG_OVER = new Date(0).toISOString();

function previousOf({ at, previous }: RotateKey) {
  if ('untilNextSeen' in previous)
    return { validUntil: after(at, LONGEST_OVERLAP_MS), untilNextSeen: true as const };
  const { validForMs } = previous;
  if (!Number.isSafeInteger(validForMs) || validForMs < 0 || validForMs > LONGEST_OVERLAP_MS)
    throw invalidField('previous', `must last from nothing to ${LONGEST_OVERLAP_MS / DAY_MS} days`);
  // Over by every clock, also one that is behind the clock of `at`: what was asked is that it ends now (G3).
  return { validUntil: validForMs === 0 ? LONG_OVER : after(at, validForMs) };
}

function isSameSecret(one: Credential, other: Credential): boolean {
  return one.digest === other.digest && one.pepperVersion === other.pepperVersion;
}

/** The current secret was seen in use: one that waited for this ends. */
export function recordSecretSeen(command: RecordSecretSeen, key: ServiceKey): readonly KeyEvent[] {
  const { at, actor } = command;
  const isEnded = key.status === 'revoked' || key.status === 'expired';
  if (isEnded || key.secrets.at(-1)!.version !== command.version) return [];
  const waiting = key.secrets.find((one) => one.untilNextSeen);
  if (!waiting) return [];
  return [{ type: 'KeySecretRetired', data: { version: waiting.version }, at, actor }];
}
