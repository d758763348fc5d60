/** Keys of both kinds, from their events. */
import type { KeyEvent } from '@mcpstack/domain';
import type { AuditedKey, AuditedPublishableKey, AuditedServiceKey, Credential } from './state.ts';
import { hasEnded } from './state.ts';
import { misplaced, requireBegun, requireFirst, type Step } from './step.ts';

type Of<Type extends KeyEvent['type']> = Step<Extract<KeyEvent, { type: Type }>>;

/** Most keys never come near their expiry. */
const NONE: readonly never[] = [];

export function foldKey(step: Step<KeyEvent>): void {
  const { state, event, id } = step;
  const before = state.keys.get(id);
  switch (event.type) {
    case 'KeyCreated':
      requireFirst(before, step, event.data.keyId);
      return addServiceKey(step as Of<'KeyCreated'>);
    case 'PublicKeyCreated':
      requireFirst(before, step, event.data.keyId);
      return addPublishableKey(step as Of<'PublicKeyCreated'>);
    default:
      return change(requireBegun(before, step), step);
  }
}

function addServiceKey(step: Of<'KeyCreated'>): void {
  const { state, event, position, shared } = step;
  const { keyId, organizationId, kind, name, role, credential, hint, tags, ...terms } = event.data;
  const createdBy = shared.actor(event.actor);
  const key: AuditedServiceKey = {
    id: keyId,
    organizationId: shared.text(organizationId),
    kind,
    name,
    role,
    ...terms,
    state: 'active',
    noticesGiven: NONE,
    createdAt: event.at,
    createdBy,
    tags: tags ?? NONE,
    secrets: [{ version: 1, credential, createdAt: event.at, ...(hint !== undefined && { hint }) }],
    position,
    revision: 0,
  };
  state.keys.set(key.id, key);
  claim(step, credential, key);
  if (step.forReadModels && createdBy.type === 'key') {
    const makers = state.makingKeys.get(key.organizationId) ?? new Set();
    state.makingKeys.set(key.organizationId, makers.add(createdBy.id));
  }
}

function addPublishableKey(step: Of<'PublicKeyCreated'>): void {
  const { state, event, position, shared } = step;
  const { keyId, organizationId, agentId, ...rest } = event.data;
  const key: AuditedPublishableKey = {
    id: keyId,
    organizationId: shared.text(organizationId),
    kind: 'publishable',
    agentId: shared.text(agentId),
    ...rest,
    state: 'active',
    noticesGiven: NONE,
    createdAt: event.at,
    createdBy: shared.actor(event.actor),
    position,
    revision: 0,
  };
  state.keys.set(key.id, key);
  claim(step, rest.credential, key);
}

/** Whoever registered a digest first keeps it. */
function claim({ state, position, forReadModels }: Step, { digest }: Credential, { id }: AuditedKey): void {
  if (forReadModels && !state.claims.has(digest)) state.claims.set(digest, { keyId: id, position });
}

function change(key: AuditedKey, step: Step<KeyEvent>): void {
  const { event, position } = step;
  switch (event.type) {
    case 'KeyRenamed':
      key.name = event.data.name;
      return;
    case 'KeySuspended':
      if (key.state === 'active') {
        key.state = 'suspended';
        key.suspendedAt = event.at;
      }
      return;
    case 'KeyResumed':
      if (key.state === 'suspended') {
        key.state = 'active';
        key.resumedAt = event.at;
        delete key.suspendedAt;
      }
      return;
    case 'KeyRevoked':
      // Revoked once and for all: the first time and reason stand.
      if (key.state === 'revoked') return;
      key.endedPosition ??= position;
      key.state = 'revoked';
      key.revokedAt = event.at;
      key.revocationReason = event.data.reason;
      return;
    case 'KeyExpired':
      if (hasEnded(key)) return;
      key.endedPosition = position;
      key.state = 'expired';
      return;
    case 'KeyExpiring':
      key.noticesGiven = [...key.noticesGiven, event.data.daysBefore];
      return;
    case 'PublicKeyOriginAdded': {
      const { origins } = ofKind(key, 'publishable', step);
      ofKind(key, 'publishable', step).origins = [...origins, event.data];
      return;
    }
    case 'PublicKeyOriginRemoved': {
      const publishable = ofKind(key, 'publishable', step);
      publishable.origins = publishable.origins.filter(({ origin }) => origin !== event.data.origin);
      return;
    }
    default:
      return changeServiceKey(ofKind(key, 'service', step), step);
  }
}

function changeServiceKey(key: AuditedServiceKey, step: Step<KeyEvent>): void {
  const { event } = step;
  switch (event.type) {
    case 'KeyTagged':
      key.tags = event.data.tags;
      return;
    case 'KeyNarrowed':
      // Notices are of one expiry; another one is announced anew.
      if (event.data.expiresAt !== undefined && event.data.expiresAt !== key.expiresAt)
        key.noticesGiven = NONE;
      Object.assign(key, event.data);
      return;
    case 'KeyRotated': {
      const { version, credential, hint, previous } = event.data;
      const current = { version, credential, createdAt: event.at, ...(hint !== undefined && { hint }) };
      // Of the older ones the last alone lives on, as long as it was given.
      key.secrets = [{ ...key.secrets.at(-1)!, ...previous }, current];
      claim(step, credential, key);
      return;
    }
    case 'KeySecretRetired':
      key.secrets = key.secrets.filter(({ version }) => version !== event.data.version);
      return;
    case 'KeyExposed':
      key.exposedAt = event.at;
      return;
    default:
      throw misplaced(event, 'has no place here');
  }
}

function ofKind<Kind extends AuditedKey['kind']>(
  key: AuditedKey,
  kind: Kind,
  { event }: Step,
): Extract<AuditedKey, { kind: Kind }> {
  if (key.kind !== kind) throw misplaced(event, `stands in the stream of a ${key.kind} key`);
  return key as Extract<AuditedKey, { kind: Kind }>;
}
