/** Keys of both kinds: suspended, resumed, revoked; and what is reported of secrets that got out. */
import { requirePermission } from '../refusals.ts';
import { DAY_MS, isPast, after, millisOf } from '../time.ts';
import type { ChangeKeyState, RecordExposure, ReportKeyLeak } from './commands.ts';
import type { KeyEvent, KeyRevoked } from './events.ts';
import { existing, isExpired, refuseBeyondScope, refuseEnded } from './existing.ts';
import { requireToGrant } from './grants.ts';
import type { KeyState, PublishableKey, ServiceKey } from './state.ts';

type AnyKey = ServiceKey | PublishableKey;

export function changeKeyState(command: ChangeKeyState, state: KeyState): readonly KeyEvent[] {
  const { at, actor, authority, type } = command;
  // Whoever holds a secret may end it: that takes nothing but from themselves.
  if (type === 'RevokeKey' && actor.type === 'key' && actor.id === command.keyId)
    return revoked(command, existing(command, state, command.kind), { reason: 'ended-by-holder' });
  requirePermission(authority, 'api-keys:write');
  const key = existing(command, state, command.kind);
  refuseBeyondScope(authority, key);
  if (type === 'RevokeKey') return revoked(command, key, { reason: 'requested' });
  refuseEnded(key, at);
  if (type === 'SuspendKey')
    return key.status === 'suspended' ? [] : [{ type: 'KeySuspended', data: {}, at, actor }];
  // Resuming gives again what the key holds (G8).
  if (key.kind === 'service') requireToGrant(authority, key);
  return key.status === 'active' ? [] : [{ type: 'KeyResumed', data: {}, at, actor }];
}

/** Also of an expired key: its record then says why it must not come back. */
export function revoked(
  { at, actor }: Pick<ChangeKeyState, 'at' | 'actor'>,
  key: AnyKey,
  data: KeyRevoked['data'],
): readonly KeyEvent[] {
  return key.status === 'revoked' ? [] : [{ type: 'KeyRevoked', data, at, actor }];
}

/** Everybody can read a publishable key, so nobody's having it is a reason to end it. */
export function reportKeyLeak(command: ReportKeyLeak, key: AnyKey): readonly KeyEvent[] {
  if (key.kind === 'publishable') return [];
  return revoked(
    command,
    key,
    command.source === 'holder'
      ? { reason: 'ended-by-holder' }
      : { reason: 'reported-leak', source: command.source },
  );
}

/** A page that goes on sending the secret must not fill the stream. */
const EXPOSURE_EVERY_MS = DAY_MS;

export function recordExposure({ at, actor }: RecordExposure, key: AnyKey): readonly KeyEvent[] {
  if (key.kind === 'publishable' || key.status === 'revoked' || isExpired(key, at)) return [];
  const { exposedAt, secrets } = key;
  const isKnown =
    exposedAt !== undefined &&
    !isPast(after(exposedAt, EXPOSURE_EVERY_MS), at) &&
    millisOf(exposedAt) >= millisOf(secrets.at(-1)!.createdAt);
  return isKnown ? [] : [{ type: 'KeyExposed', data: {}, at, actor }];
}
