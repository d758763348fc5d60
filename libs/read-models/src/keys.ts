/** Read model: one record per key, the credential index, and the list of an organization's keys. */
import { permissionsOf, type ApiKey } from '@mcpstack/contracts';
import { InvalidEventError, type KeyEvent } from '@mcpstack/domain';
import { names } from './namespace.ts';
import type { Projected, ReadModel } from './read-model.ts';

/** The fold of one key's stream. */
export interface KeyRecord extends ApiKey {
  /** HMAC of the token's digest and the pepper it was made with. Never leaves the services. */
  credential: { digest: string; pepperVersion: number };
}

export const keys: ReadModel<KeyRecord, KeyEvent> = {
  category: 'key',
  recordName: names.key,
  project(record, event, { id, position }): Projected<KeyRecord> {
    if (event.type === 'KeyCreated') return created(record, event, { id, position });
    if (!record) throw new InvalidEventError(`${event.type} stands before KeyCreated`);
    switch (event.type) {
      case 'KeyRenamed':
        return { record: { ...record, name: event.data.name }, writes: [] };
      case 'KeyRevoked':
        // The first revocation stands; nothing makes a key active again.
        if (record.state === 'revoked') return { record, writes: [] };
        return { record: { ...record, state: 'revoked', revokedAt: event.at }, writes: [] };
      default:
        return event satisfies never;
    }
  },
};

function created(
  before: KeyRecord | undefined,
  event: Extract<KeyEvent, { type: 'KeyCreated' }>,
  { id, position }: { id: string; position: bigint },
): Projected<KeyRecord> {
  if (before) throw new InvalidEventError('KeyCreated stands twice in one stream');
  const { keyId, organizationId, kind, name, role, permissions, credential } = event.data;
  if (keyId !== id) throw new InvalidEventError('KeyCreated names another key than its stream');
  const record: KeyRecord = {
    id,
    organizationId,
    kind,
    name,
    role,
    permissions: permissionsOf(role, permissions),
    state: 'active',
    createdAt: event.at,
    createdBy: event.actor,
    credential,
  };
  return {
    record,
    writes: [
      // Verify needs the organization without parsing the record, in the same step.
      ['HSET', names.key(id), 'org', organizationId],
      // The first owner of a credential keeps it, whoever registers the same one later.
      ['SET', names.digest(credential.digest), id, 'NX'],
      ['ZADD', names.keysOf(organizationId), `${position}`, id],
    ],
  };
}

/** What lists and details show: everything but the credential. */
export function apiKeyOf({ credential: _, ...shown }: KeyRecord): ApiKey {
  return shown;
}
