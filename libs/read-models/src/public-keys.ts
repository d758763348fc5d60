/** What the read model of keys shows of publishable keys, and the questions about them. */
import type { PublicKey } from '@mcpstack/contracts';
import type { PublishableKey } from '@mcpstack/domain';
import type { KeyFold } from './keys.ts';
import { names } from './namespace.ts';
import { pageOf, type Listed } from './page.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { PublicKeyRecord, ReadModels } from './reading.ts';
import { listable, readable, rowsIn, type Row } from './row.ts';
import type { TrustedReader } from './trusted-reader.ts';
import { lastUseIn, type LastUse } from './usage.ts';

/** The record as readers see it. */
export function publicKeyRecord(
  { status, noticesGiven: _, credential, ...shown }: PublishableKey,
  revision: string,
): PublicKeyRecord {
  return { ...shown, state: status, revision, credentials: [{ version: 1, digest: credential.digest }] };
}

/** What lists and details show: everything but the credentials, and the last use that was counted. */
function publicKeyOf({ credentials: _, ...shown }: PublicKeyRecord, use: LastUse): PublicKey {
  return { ...shown, ...use.shown };
}

export function publicKeyReads(
  reader: TrustedReader,
): Pick<ReadModels, 'getPublicKey' | 'listPublicKeys' | 'isOriginKnown'> {
  return {
    getPublicKey: async (organizationId, keyId) =>
      reader.read(READ_SCRIPTS.records, [names.key(keyId), names.usage(keyId)], (reply) => {
        const [row, usage] = rowsIn(reply);
        const found = readable<KeyFold>(row!);
        // A foreign key and an unknown one give the same answer (G8), likewise one of the other kind.
        if (found?.data.kind !== 'publishable' || found.data.organizationId !== organizationId)
          return undefined;
        return publicKeyOf(publicKeyRecord(found.data, found.revision), lastUseIn(usage!));
      }),
    listPublicKeys: async (organizationId, { agentId, ...request } = {}) => {
      const name =
        agentId === undefined
          ? names.publicKeysOf(organizationId)
          : names.publicKeysOfAgent(organizationId, agentId);
      const list = { name, order: 'newest' } as const;
      return pageOf(list, request, (bound, count) =>
        reader.read(READ_SCRIPTS.listKeys, [list.name, list.order, bound, `${count}`], (reply) =>
          (reply as unknown as [score: string, Row, Row][]).map(([score, row, usage]): Listed<PublicKey> => {
            const found = listable<KeyFold>(row);
            if (found?.data.kind !== 'publishable') return { score, item: undefined };
            return {
              score,
              item: publicKeyOf(publicKeyRecord(found.data, found.revision), lastUseIn(usage)),
            };
          }),
        ),
      );
    },
    isOriginKnown: async (origin) =>
      reader.read(READ_SCRIPTS.origin, [names.origin(origin), `${Date.now()}`], (reply) => Number(reply) > 0),
  };
}
