/** Service key: its making. The policy of the organization, and what the maker holds, bound what it may be. */
import { ProblemError, type OrganizationPolicy, type Role } from '@mcpstack/contracts';
import { conflict, refuseBadName, requirePermission } from '../refusals.ts';
import { after, DAY_MS, millisOf } from '../time.ts';
import type { CreateKey } from './commands.ts';
import type { KeyEvent } from './events.ts';
import { requireToGrant } from './grants.ts';
import type { KeyState } from './state.ts';
import { normalLabels, normalTerms, refuseBeyondRole, refuseUnknownScope } from './terms.ts';

export function createKey(command: CreateKey, state: KeyState): readonly KeyEvent[] {
  const { at, actor, authority, organizationId, keyId, name, role, credential, policy } = command;
  requirePermission(authority, 'api-keys:write');
  refuseBadName(name);
  refuseBeyondRole(command);
  const labels = normalLabels(command);
  requireToGrant(authority, command);
  // A retry of a key that has expired since must still find that it was made.
  if (state.status !== 'none' && isSameKey(command, state)) return [];
  const terms = normalTerms(command, at);
  // Only now: of what lies beyond their own scope the maker learns nothing.
  refuseUnknownScope(command.scope, command.unknownScopeIds);
  refuseByPolicy(policy, { role, at, expiresAt: terms.expiresAt });
  if (state.status !== 'none') throw conflict('A key with this id exists already.');
  const data = {
    keyId,
    organizationId,
    kind: 'service',
    name,
    role,
    credential,
    ...terms,
    ...labels,
  } as const;
  return [{ type: 'KeyCreated', data, at, actor }];
}

/** The id derives from the command id: the same key again is a retry, whatever secret this try made. */
function isSameKey(command: CreateKey, state: Exclude<KeyState, { status: 'none' }>): boolean {
  return (
    state.kind === 'service' &&
    state.id === command.keyId &&
    state.organizationId === command.organizationId &&
    state.role === command.role &&
    state.permissions?.join() === command.permissions?.join()
  );
}

function refuseByPolicy(
  { longestKeyLifeDays, expiryRequired, allowedKeyRoles }: OrganizationPolicy,
  { role, at, expiresAt }: { role: Role; at: string; expiresAt: string | undefined },
): void {
  if (allowedKeyRoles && !allowedKeyRoles.includes(role))
    throw violation(
      'allowedKeyRoles',
      `The organization allows no keys of the role ${role}: choose one of ${allowedKeyRoles.join(', ')}.`,
    );
  if (expiryRequired && expiresAt === undefined)
    throw violation('expiryRequired', 'The organization wants every key to expire: give expiresAt.');
  if (longestKeyLifeDays === undefined) return;
  const longest = after(at, longestKeyLifeDays * DAY_MS);
  if (expiresAt === undefined || millisOf(expiresAt) > millisOf(longest))
    throw violation(
      'longestKeyLifeDays',
      `The organization lets a key live ${longestKeyLifeDays} days at most: give an expiresAt until ${longest}.`,
    );
}

function violation(rule: keyof OrganizationPolicy, message: string): ProblemError {
  return new ProblemError('policy-violation', message, { rule });
}
