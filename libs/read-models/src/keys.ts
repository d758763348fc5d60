/** Read model: one record per key, the credential index, and the list of an organization's keys. */
import { isTokenDigest, permissionsOf, type ApiKey } from '@mcpstack/contracts';
import { InvalidEventError, type KeyEvent } from '@mcpstack/domain';
import type { Reply } from './connection.ts';
import { BadCursorError, ReadModelsUnavailableError } from './errors.ts';
import { names } from './namespace.ts';
import type { OrganizationRecord } from './organizations.ts';
import type { Projected, ReadModel } from './read-model.ts';
import {
  DEFAULT_PAGE_SIZE,
  MAX_PAGE_SIZE,
  type KeyLookup,
  type Page,
  type PageRequest,
  type ReadModels,
} from './reading.ts';
import { firstRow, readable } from './row.ts';
import { READ_SCRIPTS } from './scripts.ts';
import type { TrustedReader } from './trusted-reader.ts';

const MAX_DIGESTS = 16;

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
function apiKeyOf({ credential: _, ...shown }: KeyRecord): ApiKey {
  return shown;
}

/** The reads of this model, see reading.ts for what they promise. */
export function keyReads(reader: TrustedReader): Pick<ReadModels, 'findByDigests' | 'getKey' | 'listKeys'> {
  return {
    findByDigests: async (digests) => reader.read(READ_SCRIPTS.findByDigests, checked(digests), lookupIn),
    getKey: async (organizationId, keyId) =>
      reader.read(READ_SCRIPTS.records, [names.key(keyId)], (reply) => {
        const record = readable<KeyRecord>(firstRow(reply));
        // A foreign key and an unknown one give the same answer (G8).
        return record?.organizationId === organizationId ? apiKeyOf(record) : undefined;
      }),
    listKeys: async (organizationId, page = {}) => {
      const limit = limitOf(page);
      const args = [names.keysOf(organizationId), upperBound(page.cursor), `${limit + 1}`];
      return reader.read(READ_SCRIPTS.listKeys, args, (reply) => pageIn(reply, limit));
    },
  };
}

function checked(digests: readonly string[]): readonly string[] {
  if (digests.length === 0 || digests.length > MAX_DIGESTS || !digests.every(isTokenDigest))
    throw new RangeError(`findByDigests takes 1 to ${MAX_DIGESTS} digests of 64 hexadecimal digits`);
  return digests;
}

/** Absence never permits (G4): an index entry whose records are missing proves nothing. */
function lookupIn(reply: Reply | undefined): KeyLookup {
  if (!reply) return { status: 'unknown' };
  const [id, keyData, keyParked, organizationData, organizationParked] = reply as (string | null)[];
  if (keyParked) return { status: 'unprovable', reason: `key ${id} is parked` };
  if (!keyData) return { status: 'unprovable', reason: `the record of key ${id} is missing` };
  const key = JSON.parse(keyData) as KeyRecord;
  if (organizationParked)
    return { status: 'unprovable', reason: `organization ${key.organizationId} is parked` };
  if (!organizationData)
    return { status: 'unprovable', reason: `the record of organization ${key.organizationId} is missing` };
  return { status: 'found', key, organization: JSON.parse(organizationData) as OrganizationRecord };
}

function limitOf({ limit = DEFAULT_PAGE_SIZE }: PageRequest): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE)
    throw new RangeError(`a page holds 1 to ${MAX_PAGE_SIZE} items`);
  return limit;
}

/** A cursor is the log position of the last item shown: new items never shift the pages after it. */
function upperBound(cursor: string | undefined): string {
  if (cursor === undefined) return '+inf';
  const text = /^[A-Za-z0-9_-]{1,32}$/.test(cursor)
    ? Buffer.from(cursor, 'base64url').toString('latin1')
    : '';
  if (!/^k[0-9]{1,16}$/.test(text)) throw new BadCursorError('the cursor is none of this list');
  return `(${text.slice(1)}`;
}

function pageIn(reply: Reply | undefined, limit: number): Page<ApiKey> {
  const rows = reply as [score: string, data: string | null, parked: string | null][];
  const items = rows.slice(0, limit).flatMap(([, data, parked]) => {
    // One parked key must not hide the others; shown as it was, it could pass for a key in force.
    if (parked) return [];
    if (!data) throw new ReadModelsUnavailableError('not-built', 'a listed key has no record');
    return [apiKeyOf(JSON.parse(data) as KeyRecord)];
  });
  if (rows.length <= limit) return { items };
  return { items, nextCursor: Buffer.from(`k${rows[limit - 1]![0]}`).toString('base64url') };
}
