/** The key that a command is about, and whether anything may still be done with it. */
import type { KeyKind } from '@mcpstack/contracts';
import type { Authority } from '../authority.ts';
import { conflict, notFound } from '../refusals.ts';
import { isPast } from '../time.ts';
import type { KeyState, PublishableKey, ServiceKey } from './state.ts';

interface OfKey {
  organizationId: string;
  keyId: string;
}

/** Another organization's key, and one of the other kind, are answered exactly as one that never was. */
export function existing<Kind extends KeyKind = KeyKind>(
  command: OfKey,
  state: KeyState,
  kind?: Kind,
): Extract<KeyState, { kind: Kind }> {
  const isThere =
    state.status !== 'none' && state.id === command.keyId && state.organizationId === command.organizationId;
  if (!isThere || (kind !== undefined && state.kind !== kind)) throw notFound();
  return state as Extract<KeyState, { kind: Kind }>;
}

export function existingService(command: OfKey, state: KeyState): ServiceKey {
  return existing(command, state, 'service');
}

/** For a key that is limited to some agents, what belongs to another agent does not exist. */
export function refuseBeyondScope({ scope }: Authority, key: ServiceKey | PublishableKey): void {
  if (key.kind === 'publishable' && scope?.agents?.includes(key.agentId) === false) throw notFound();
}

/** The clock decides, not the record: past its expiry a key has expired, whether that was written or not. */
export function isExpired(key: ServiceKey | PublishableKey, at: string): boolean {
  return key.status === 'expired' || isPast(key.expiresAt, at);
}

/** Passes active and suspended keys. */
export function refuseEnded(key: ServiceKey | PublishableKey, at: string): void {
  if (key.status === 'revoked') throw conflict('The key is revoked: make a new one.');
  if (isExpired(key, at)) throw conflict('The key has expired: make a new one.');
}
