/** From the digests of a token to the key, its organization and its agent: what every check begins with. */
import { isTokenDigest } from '@mcpstack/contracts';
import { agentRecord, type AgentFold } from './agents.ts';
import type { Reply } from './connection.ts';
import type { KeyFold } from './keys.ts';
import { organizationOf, type OrganizationFold } from './organizations.ts';
import { publicKeyRecord } from './public-keys.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { KeyLookup, KeyRecord, ReadModels } from './reading.ts';
import type { Row } from './row.ts';
import { serviceKeyRecord } from './service-keys.ts';
import type { TrustedReader } from './trusted-reader.ts';

const MAX_DIGESTS = 16;
const MAX_TOKENS = 1_000;

export function keyLookups(
  reader: TrustedReader,
): Pick<ReadModels, 'findByDigests' | 'findMany' | 'findKey'> {
  return {
    findKey: () => Promise.reject(new Error('not built yet')),
    findByDigests: async (digests) => reader.read(READ_SCRIPTS.findByDigests, checked(digests), lookupIn),
    // One script for all: it holds Redis for some milliseconds, which reports and imports are rare enough for.
    findMany: async (tokens) => {
      if (tokens.length === 0 || tokens.length > MAX_TOKENS)
        throw new RangeError(`findMany takes 1 to ${MAX_TOKENS} tokens`);
      const args = tokens.flatMap((digests) => [`${digests.length}`, ...checked(digests)]);
      return reader.read(READ_SCRIPTS.findMany, args, (reply) => (reply as Reply[]).map(lookupIn));
    },
  };
}

function checked(digests: readonly string[]): readonly string[] {
  if (digests.length === 0 || digests.length > MAX_DIGESTS || !digests.every(isTokenDigest))
    throw new RangeError(`a token has 1 to ${MAX_DIGESTS} digests of 64 hexadecimal digits`);
  return digests;
}

/** Absence never permits (G4): a claim whose records are missing, parked or at odds proves nothing. */
function lookupIn(reply: Reply | undefined): KeyLookup {
  if (!reply) return { status: 'unknown' };
  const [id, digest, keyRow, organizationRow, agentRow] = reply as unknown as [string, string, Row, Row, Row];
  const fold = provable<KeyFold>(keyRow, `key ${id}`);
  if ('status' in fold) return fold;
  const { organizationId } = fold.data;
  const organization = provable<OrganizationFold>(organizationRow, `organization ${organizationId}`);
  if ('status' in organization) return organization;
  if (organization.data.id !== organizationId)
    return unprovable(`key ${id} stands under another organization`);
  const found = {
    status: 'found',
    digest,
    key: keyRecord(fold.data, keyRow[1] ?? ''),
    organization: organizationOf(organization.data, organizationRow[1] ?? ''),
  } as const;
  if (fold.data.kind === 'service') return found;
  const agent = provable<AgentFold>(agentRow, `agent ${fold.data.agentId}`);
  if ('status' in agent) return agent;
  if (agent.data.id !== fold.data.agentId || agent.data.organizationId !== organizationId)
    return unprovable(`key ${id} stands under another agent`);
  return { ...found, agent: agentRecord(agent.data, agentRow[1] ?? '') };
}

function keyRecord(fold: KeyFold, revision: string): KeyRecord {
  return fold.kind === 'service' ? serviceKeyRecord(fold, revision) : publicKeyRecord(fold, revision);
}

type Unprovable = Extract<KeyLookup, { status: 'unprovable' }>;

function provable<Data>([data, , parked]: Row, what: string): { data: Data } | Unprovable {
  if (parked) return unprovable(`${what} is parked`);
  if (!data) return unprovable(`the record of ${what} is missing`);
  return { data: JSON.parse(data) as Data };
}

function unprovable(reason: string): Unprovable {
  return { status: 'unprovable', reason };
}
