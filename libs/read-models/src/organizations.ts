/** Read model: one record per organization, its members, and each user's organizations. */
import type { Role } from '@mcpstack/contracts';
import { InvalidEventError, type OrganizationEvent } from '@mcpstack/domain';
import type { Reply } from './connection.ts';
import { names } from './namespace.ts';
import type { Projected, ReadModel } from './read-model.ts';
import { MAX_PAGE_SIZE, type Member, type Organization, type ReadModels } from './reading.ts';
import { firstRow, readable } from './row.ts';
import { READ_SCRIPTS } from './scripts.ts';
import type { TrustedReader } from './trusted-reader.ts';

/** The fold of one organization's stream, without its members. */
export interface OrganizationRecord {
  id: string;
  name: string;
  status: 'active';
  createdAt: string;
}

/** What stands in the members' hash under a user's id. Guarded by the organization's record. */
export interface MemberRecord {
  role: Role;
}

export const organizations: ReadModel<OrganizationRecord, OrganizationEvent> = {
  category: 'organization',
  recordName: names.organization,
  project(record, event, { id, position }): Projected<OrganizationRecord> {
    switch (event.type) {
      case 'OrganizationCreated': {
        const { organizationId, name, ownerId } = event.data;
        if (record) throw new InvalidEventError('OrganizationCreated stands twice in one stream');
        if (organizationId !== id)
          throw new InvalidEventError('OrganizationCreated names another organization than its stream');
        const owner: MemberRecord = { role: 'owner' };
        return {
          record: { id, name, status: 'active', createdAt: event.at },
          writes: [
            ['HSET', names.membersOf(id), ownerId, JSON.stringify(owner)],
            ['ZADD', names.organizationsOf(ownerId), `${position}`, id],
          ],
        };
      }
      default:
        return event.type satisfies never;
    }
  },
};

/** The reads of this model, see reading.ts for what they promise. */
export function organizationReads(
  reader: TrustedReader,
): Pick<ReadModels, 'getOrganization' | 'getMember' | 'listOrganizationsOf'> {
  return {
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
  };
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
