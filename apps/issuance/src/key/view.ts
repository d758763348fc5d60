/** Keys as answers show them, from the fold of their own stream. */
import { permissionsOf, type ApiKey, type PublicKey } from '@mcpstack/contracts';
import type { KeyState, PublishableKey, Secret, ServiceKey } from '@mcpstack/domain';

/** Where a fold stands: the revision of the stream, and the time at which it is looked at. */
export interface Seen {
  stateRevision: bigint;
  /** ISO 8601, UTC. */
  at: string;
}

/** Throws where there is no service key: no decision ends that way. */
export function apiKey(state: KeyState, seen: Seen): ApiKey {
  if (state.status === 'none' || state.kind !== 'service') throw new Error('the service key is not there');
  const { kind, role, permissions, scope, allowedIps, tags, environment, limits, quotas, exposedAt } = state;
  return {
    ...common(state, seen),
    kind,
    role,
    permissions: permissionsOf(role, permissions),
    ...(scope && { scope }),
    ...(allowedIps && { allowedIps }),
    tags,
    ...(environment !== undefined && { environment }),
    ...(limits && { limits }),
    ...(quotas && { quotas }),
    secrets: state.secrets.filter((secret) => isWorking(secret, seen.at)).map(shown),
    ...(exposedAt !== undefined && { exposedAt }),
  };
}

/** Throws where there is no publishable key: no decision ends that way. */
export function publicKey(state: KeyState, seen: Seen): PublicKey {
  if (state.status === 'none' || state.kind !== 'publishable')
    throw new Error('the publishable key is not there');
  const { kind, agentId, value, origins, development } = state;
  return { ...common(state, seen), kind, agentId, value, origins, development };
}

/** Whether the secret still opens anything, as far as the secret goes: the clock ends an older one. */
export function isWorking({ validUntil }: Secret, at: string): boolean {
  return validUntil === undefined || Date.parse(validUntil) > Date.parse(at);
}

function common(state: ServiceKey | PublishableKey, { stateRevision, at }: Seen) {
  const { id, organizationId, name, status, expiresAt, createdAt, createdBy } = state;
  const { suspendedAt, revokedAt, revocationReason } = state;
  const hasExpired =
    status !== 'revoked' && expiresAt !== undefined && Date.parse(expiresAt) <= Date.parse(at);
  return {
    id,
    organizationId,
    name,
    state: hasExpired ? ('expired' as const) : status,
    ...(expiresAt !== undefined && { expiresAt }),
    createdAt,
    createdBy,
    ...(suspendedAt !== undefined && { suspendedAt }),
    ...(revokedAt !== undefined && { revokedAt }),
    ...(revocationReason !== undefined && { revocationReason }),
    revision: stateRevision.toString(),
  };
}

function shown({ version, createdAt, hint, validUntil, untilNextSeen }: Secret) {
  return {
    version,
    createdAt,
    ...(hint !== undefined && { hint }),
    ...(validUntil !== undefined && { validUntil }),
    ...(untilNextSeen && { untilNextSeen }),
  };
}
