/** From the digests of a token to the key, its organization and its agent: what every check begins with. */
import { isTokenDigest } from '@mcpstack/contracts';
import { agentRecord, type AgentFold } from './agents.ts';
import type { Reply } from './connection.ts';
import type { KeyFold } from './keys.ts';
import { organizationOf, type OrganizationFold } from './organizations.ts';
import { ParsedRecords } from './parsed-records.ts';
import { publicKeyRecord } from './public-keys.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import { SHAPES } from './record-shapes.ts';
import type { KeyLookup, ReadModels } from './reading.ts';
import type { Row } from './row.ts';
import { serviceKeyRecord } from './service-keys.ts';
import type { TrustedReader } from './trusted-reader.ts';

const MAX_DIGESTS = 16;
const MAX_TOKENS = 1_000;

/** Of key, organization and agent. `null`: what stands there is no record at all. */
type Rows = readonly [Row | null, Row | null, Row | null];

export function keyLookups(
  reader: TrustedReader,
): Pick<ReadModels, 'findByDigests' | 'findMany' | 'areUnchanged' | 'findKey'> {
  const records = new Records();
  const lookupIn = (reply: Reply | undefined): KeyLookup => {
    if (!reply) return { status: 'unknown' };
    const [id, digest, rows, mark] = reply as unknown as [string, string, Rows, string | null];
    if (id === '') return unprovable('a credential leads to no key that can be read');
    const lookup = records.lookup(id, digest, rows);
    return lookup.status === 'found' && mark ? { ...lookup, mark } : lookup;
  };
  return {
    findKey: async (organizationId, keyId) =>
      reader.read(READ_SCRIPTS.findKey, [keyId, organizationId], (reply) =>
        reply ? records.lookup(keyId, undefined, reply as unknown as Rows) : { status: 'unknown' },
      ),
    findByDigests: async (digests) => reader.read(READ_SCRIPTS.findByDigests, checked(digests), lookupIn),
    // One script for all: it holds Redis for some milliseconds when they are many.
    findMany: async (tokens) => {
      refuseOutOf(tokens.length);
      const args = tokens.flatMap((digests) => [`${digests.length}`, ...checked(digests)]);
      return reader.read(READ_SCRIPTS.findMany, args, (reply) => (reply as Reply[]).map(lookupIn));
    },
    areUnchanged: async (found) => {
      refuseOutOf(found.length);
      const args = found.flatMap(({ digest, mark = '' }) => [digest, mark]);
      return reader.read(READ_SCRIPTS.unchanged, args, (reply) => {
        const same = String(reply);
        return found.map(({ mark }, place) => mark !== undefined && same[place] === '1');
      });
    },
  };
}

function refuseOutOf(count: number): void {
  if (count === 0 || count > MAX_TOKENS) throw new RangeError(`1 to ${MAX_TOKENS} at once`);
}

function checked(digests: readonly string[]): readonly string[] {
  if (digests.length === 0 || digests.length > MAX_DIGESTS || !digests.every(isTokenDigest))
    throw new RangeError(`a token has 1 to ${MAX_DIGESTS} digests of 64 hexadecimal digits`);
  return digests;
}

class Records {
  readonly #keys = new ParsedRecords(
    (value): value is KeyFold => SHAPES.key.safeParse(value).success,
    (fold, revision) =>
      fold.kind === 'service' ? serviceKeyRecord(fold, revision) : publicKeyRecord(fold, revision),
  );
  readonly #organizations = new ParsedRecords(
    (value): value is OrganizationFold => SHAPES.organization.safeParse(value).success,
    organizationOf,
  );
  readonly #agents = new ParsedRecords(
    (value): value is AgentFold => SHAPES.agent.safeParse(value).success,
    agentRecord,
  );

  /**
   * Absence never permits (G4): a claim whose records are missing, parked, broken or at odds proves nothing.
   * @param digest that was shown; absent where none was: then the newest secret stands for the key.
   */
  lookup(id: string, digest: string | undefined, [keyRow, organizationRow, agentRow]: Rows): KeyLookup {
    const key = provable(this.#keys, keyRow, `key ${id}`);
    if (typeof key === 'string') return unprovable(key);
    if (key.id !== id) return unprovable(`the record of key ${id} is another's`);
    const { organizationId } = key;
    const organization = provable(this.#organizations, organizationRow, `organization of key ${id}`);
    if (typeof organization === 'string') return unprovable(organization);
    if (organization.id !== organizationId) return unprovable(`key ${id} stands under another organization`);
    const found = {
      status: 'found',
      digest: digest ?? key.credentials.at(-1)!.digest,
      key,
      organization,
    } as const;
    if (key.kind === 'service') return found;
    const agent = provable(this.#agents, agentRow, `agent of key ${id}`);
    if (typeof agent === 'string') return unprovable(agent);
    if (agent.id !== key.agentId || agent.organizationId !== organizationId)
      return unprovable(`key ${id} stands under another agent`);
    return { ...found, agent };
  }
}

/** The record, or why it proves nothing. */
function provable<Record extends object>(
  records: { of(text: string, revision: string): Record | undefined },
  row: Row | null,
  what: string,
): Record | string {
  if (!row) return `the record of ${what} is broken`;
  const [data, revision, parked] = row;
  if (parked) return `the ${what} is parked`;
  if (!data) return `the record of ${what} is missing`;
  return records.of(data, revision ?? '') ?? `the record of ${what} is broken`;
}

function unprovable(reason: string): Extract<KeyLookup, { status: 'unprovable' }> {
  return { status: 'unprovable', reason };
}
