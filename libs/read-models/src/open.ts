/** The read models, for reading: one method per question, each one script. */
import { isTokenDigest, type ApiKey } from '@mcpstack/contracts';
import type { Reply } from './connection.ts';
import { BadCursorError, ReadModelsUnavailableError } from './errors.ts';
import { apiKeyOf, type KeyRecord } from './keys.ts';
import { names } from './namespace.ts';
import type { MemberRecord, OrganizationRecord } from './organizations.ts';
import {
  DEFAULT_PAGE_SIZE,
  MAX_PAGE_SIZE,
  type KeyLookup,
  type Member,
  type OpenReadModelsOptions,
  type Organization,
  type Page,
  type PageRequest,
  type ReadModels,
} from './reading.ts';
import { READ_SCRIPTS } from './scripts.ts';
import { TrustedReader } from './trusted-reader.ts';
import { PositionWaiter } from './position-waiter.ts';

const DEFAULT_TIMEOUT_MS = 1_000;
const MAX_DIGESTS = 16;

/**
 * Opens the read models. Returns at once, connected or not: a Redis that is away makes the reads reject
 * until it is back.
 *
 * @example
 * const models = openReadModels({ url: 'redis://localhost:6379', freshness: DEFAULT_FRESHNESS });
 * const { value, trusted } = await models.findByDigests([digest]);
 */
export function openReadModels(options: OpenReadModelsOptions): ReadModels {
  const { url, freshness, onState, timeoutMs = DEFAULT_TIMEOUT_MS, name = 'mcpstack-reader' } = options;
  const reader = new TrustedReader({ url, freshness, onState, timeoutMs, name });
  const position = () => reader.read(READ_SCRIPTS.position, [], () => undefined);
  const waiter = new PositionWaiter(async () => BigInt((await position()).position));

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
    getOrganization: async (organizationId) =>
      reader.read(READ_SCRIPTS.records, [names.organization(organizationId)], (reply) =>
        readable<OrganizationRecord>(firstRow(reply)),
      ),
    getMember: async (organizationId, userId) =>
      reader.read(READ_SCRIPTS.member, [organizationId, userId], (reply) =>
        memberIn(reply, organizationId, userId),
      ),
    listOrganizationsOf: async (userId) =>
      reader.read(READ_SCRIPTS.organizationsOf, [userId, `${MAX_PAGE_SIZE}`], organizationsIn),
    position: async () => {
      const reading = await position();
      return { ...reading, value: reading.position };
    },
    waitFor: (wanted, forMs) => waiter.waitFor(wanted, forMs),
    state: () => reader.state(),
    async close() {
      waiter.close();
      await reader.close();
    },
  };
}

/** Data and parked mark of one record, as the scripts answer them. */
type Row = readonly [data: string | null, parked: string | null];

function firstRow(reply: Reply | undefined): Row {
  return (reply as unknown as Row[])[0]!;
}

/** The record for showing it. @throws ReadModelsUnavailableError when it is parked: it may be out of date. */
function readable<Record>([data, parked]: Row): Record | undefined {
  if (parked) throw new ReadModelsUnavailableError('parked', 'an event of this stream could not be read');
  return data === null ? undefined : (JSON.parse(data) as Record);
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

function memberIn(reply: Reply | undefined, organizationId: string, userId: string): Member | undefined {
  const [data, parked, member] = reply as (string | null)[];
  const organization = readable<OrganizationRecord>([data ?? null, parked ?? null]);
  if (!organization || !member) return undefined;
  return { organizationId, userId, ...(JSON.parse(member) as MemberRecord) };
}

function organizationsIn(reply: Reply | undefined): (Organization & MemberRecord)[] {
  return (reply as (string | null)[][]).flatMap(([data, parked, member]) => {
    // One parked organization must not hide the user's others.
    if (!data || parked || !member) return [];
    return [{ ...(JSON.parse(data) as OrganizationRecord), ...(JSON.parse(member) as MemberRecord) }];
  });
}
