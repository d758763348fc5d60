/** Service key: commands and decisions. A key's authority is within its maker's and never grows (G8). */
import { permissionsOf, ProblemError, type Actor, type Permission, type Role } from '@mcpstack/contracts';
import type { Authority } from '../authority.ts';
import type { Decider } from '../decider.ts';
import { notFound, refuseBadName, requirePermission } from '../refusals.ts';
import {
  evolveKey,
  noKey,
  type ActiveKey,
  type Credential,
  type KeyEvent,
  type KeyState,
  type RevokedKey,
} from './events.ts';

interface KeyCommandBase {
  /** ISO 8601, UTC. */
  at: string;
  actor: Actor;
  organizationId: string;
  keyId: string;
  /** `authorityOf` the actor in the organization; `undefined` for whoever has none there. */
  authority: Authority | undefined;
}

export interface CreateKey extends KeyCommandBase {
  type: 'CreateKey';
  name: string;
  role: Role;
  /** Narrows the role to these; absent means all that the role may. */
  permissions?: readonly Permission[];
  credential: Credential;
}
export interface RenameKey extends KeyCommandBase {
  type: 'RenameKey';
  name: string;
}
export interface RevokeKey extends KeyCommandBase {
  type: 'RevokeKey';
}
/** Issuance takes back a key whose maker lost the rights while it was being made. Nobody's right is asked. */
export interface WithdrawKey extends Omit<KeyCommandBase, 'authority'> {
  type: 'WithdrawKey';
}
export type KeyCommand = CreateKey | RenameKey | RevokeKey | WithdrawKey;

function create(command: CreateKey, state: KeyState): readonly KeyEvent[] {
  const { at, actor, authority, organizationId, keyId, name, role, permissions, credential } = command;
  requirePermission(authority, 'api-keys:write');
  refuseBadName(name);
  refuseWidening(role, permissions);
  const missing = permissionsOf(role, permissions).find((one) => !authority.permissions.includes(one));
  if (missing) {
    throw new ProblemError('forbidden', `Nobody can give what they lack: ${missing}.`, {
      permission: missing,
    });
  }
  if (state.status !== 'none') {
    // The id derives from the command id: the same key again is a retry, whatever secret this try made.
    if (isSameKey(command, state)) return [];
    throw new ProblemError('conflict', 'A key with this id exists already.');
  }
  return [
    {
      type: 'KeyCreated',
      data: {
        keyId,
        organizationId,
        kind: 'service',
        name,
        role,
        ...(permissions && { permissions: [...permissions] }),
        credential,
      },
      at,
      actor,
    },
  ];
}

/** A narrowing may only take away: a permission beyond the role would look granted and never be. */
function refuseWidening(role: Role, permissions: readonly Permission[] | undefined): void {
  const held = permissionsOf(role);
  const errors = (permissions ?? []).flatMap((permission, index) =>
    held.includes(permission)
      ? []
      : [{ field: `permissions.${index}`, message: `the role ${role} does not hold ${permission}` }],
  );
  if (errors.length > 0) {
    throw new ProblemError('validation-failed', 'A key can be narrowed only to permissions of its role.', {
      errors,
    });
  }
}

function isSameKey(command: CreateKey, state: ActiveKey | RevokedKey): boolean {
  return (
    state.id === command.keyId &&
    state.organizationId === command.organizationId &&
    state.role === command.role &&
    state.permissions?.join() === command.permissions?.join()
  );
}

function rename(command: RenameKey, state: KeyState): readonly KeyEvent[] {
  requirePermission(command.authority, 'api-keys:write');
  refuseBadName(command.name);
  const key = existing(command, state);
  if (key.status === 'revoked')
    throw new ProblemError('conflict', 'The key is revoked and cannot be renamed any more.');
  if (key.name === command.name) return [];
  return [{ type: 'KeyRenamed', data: { name: command.name }, at: command.at, actor: command.actor }];
}

function revoke(
  command: RevokeKey | WithdrawKey,
  state: KeyState,
  reason: RevokedKey['reason'],
): readonly KeyEvent[] {
  if (existing(command, state).status === 'revoked') return [];
  return [{ type: 'KeyRevoked', data: { reason }, at: command.at, actor: command.actor }];
}

/** Another organization's key is answered exactly as one that never was. */
function existing(
  command: { organizationId: string; keyId: string },
  state: KeyState,
): ActiveKey | RevokedKey {
  if (
    state.status === 'none' ||
    state.id !== command.keyId ||
    state.organizationId !== command.organizationId
  )
    throw notFound();
  return state;
}

export const key: Decider<KeyState, KeyCommand, KeyEvent> = {
  initial: noKey,
  evolve: evolveKey,
  decide(command, state) {
    switch (command.type) {
      case 'CreateKey':
        return create(command, state);
      case 'RenameKey':
        return rename(command, state);
      case 'RevokeKey':
        requirePermission(command.authority, 'api-keys:write');
        return revoke(command, state, 'requested');
      case 'WithdrawKey':
        return revoke(command, state, 'maker-lost-rights');
      default:
        return command satisfies never;
    }
  },
};
