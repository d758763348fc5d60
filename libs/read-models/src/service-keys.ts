/** What the read model of keys shows of service keys, and the questions about them. */
import { permissionsOf, type ApiKey, type KeySecret } from '@mcpstack/contracts';
import type { Secret, ServiceKey } from '@mcpstack/domain';
import type { KeyFold } from './keys.ts';
import { names } from './namespace.ts';
import { pageOf, type Listed } from './page.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { KeyFilter, ReadModels, ServiceKeyRecord } from './reading.ts';
import { listable, readable, rowsIn, type Row } from './row.ts';
import type { TrustedReader } from './trusted-reader.ts';
import { lastUseIn, type LastUse } from './usage.ts';

/** The record as readers see it. */
export function serviceKeyRecord(
  { status, noticesGiven: _, permissions, secrets, ...shown }: ServiceKey,
  revision: string,
): ServiceKeyRecord {
  return {
    ...shown,
    state: status,
    permissions: permissionsOf(shown.role, permissions),
    secrets: secrets.map(shownOf),
    revision,
    credentials: secrets.map(({ version, credential }) => ({ version, digest: credential.digest })),
  };
}

function shownOf({ credential: _, ...secret }: Secret): KeySecret {
  return secret;
}

/** What lists and details show: everything but the credentials, and the last use that was counted. */
function apiKeyOf({ credentials: _, ...shown }: ServiceKeyRecord, use: LastUse): ApiKey {
  return { ...shown, ...use.shown };
}

interface ListedKey {
  key: ApiKey;
  use: LastUse;
}

export function serviceKeyReads(reader: TrustedReader): Pick<ReadModels, 'getKey' | 'listKeys'> {
  return {
    getKey: async (organizationId, keyId) =>
      reader.read(READ_SCRIPTS.records, [names.key(keyId), names.usage(keyId)], (reply) => {
        const [row, usage] = rowsIn(reply);
        const found = readable<KeyFold>(row!);
        // A foreign key and an unknown one give the same answer (G8), likewise one of the other kind.
        if (found?.data.kind !== 'service' || found.data.organizationId !== organizationId) return undefined;
        return apiKeyOf(serviceKeyRecord(found.data, found.revision), lastUseIn(usage!));
      }),
    listKeys: async (organizationId, { filter, ...request } = {}) => {
      const list = { name: names.keysOf(organizationId), order: 'newest' } as const;
      const matches = filter && matcherOf(filter);
      const reading = await pageOf(
        list,
        request,
        (bound, count) =>
          reader.read(READ_SCRIPTS.listKeys, [list.name, list.order, bound, `${count}`], (reply) =>
            (reply as unknown as [score: string, Row, Row][]).map(
              ([score, row, usage]): Listed<ListedKey> => {
                const found = listable<KeyFold>(row);
                if (found?.data.kind !== 'service') return { score, item: undefined };
                const use = lastUseIn(usage);
                return {
                  score,
                  item: { key: apiKeyOf(serviceKeyRecord(found.data, found.revision), use), use },
                };
              },
            ),
          ),
        matches && { matches },
      );
      const { items, ...rest } = reading.value;
      return { ...reading, value: { ...rest, items: items.map(({ key }) => key) } };
    },
  };
}

function matcherOf(filter: KeyFilter): (item: ListedKey) => boolean {
  const { state, tag, role, environment, createdBy, unusedSince } = filter;
  const unusedSinceMs = unusedSince === undefined ? undefined : Date.parse(unusedSince);
  if (Number.isNaN(unusedSinceMs)) throw new RangeError('unusedSince is a time');
  return ({ key, use }) =>
    (state === undefined || key.state === state) &&
    (tag === undefined || key.tags.includes(tag)) &&
    (role === undefined || key.role === role) &&
    (environment === undefined || key.environment === environment) &&
    (createdBy === undefined ||
      (key.createdBy.type === createdBy.type && key.createdBy.id === createdBy.id)) &&
    (unusedSinceMs === undefined || isUnusedSince(key, use, unusedSinceMs));
}

/** A use that cannot be read may be a late one: then the key does not pass for unused. */
function isUnusedSince(key: ApiKey, { shown, isParked }: LastUse, sinceMs: number): boolean {
  return !isParked && Date.parse(shown.lastUsedAt ?? key.createdAt) < sinceMs;
}
