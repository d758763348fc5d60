/** Who belongs to an organization, who is invited, and where somebody belongs: parts of the organization's fold. */
import type { Invitation, Member } from '@mcpstack/contracts';
import type { InvitationToOrganization, MemberOfOrganization } from '@mcpstack/domain';
import type { Reply } from './connection.ts';
import { ReadModelsUnavailableError } from './errors.ts';
import { names } from './namespace.ts';
import { organizationOf, type OrganizationFold } from './organizations.ts';
import { pageOf, type List } from './page.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import { MAX_PAGE_SIZE, type Page, type PageRequest, type ReadModels, type Reading } from './reading.ts';
import { listable, readable, type Row } from './row.ts';
import type { TrustedReader } from './trusted-reader.ts';

export function memberReads(
  reader: TrustedReader,
): Pick<
  ReadModels,
  'getMember' | 'listMembers' | 'getInvitation' | 'listInvitations' | 'listOrganizationsOf'
> {
  return {
    getMember: async (organizationId, userId) => {
      const args = [names.organization(organizationId), names.membersOf(organizationId), userId];
      return reader.read(READ_SCRIPTS.part, args, (reply) => {
        const part = partIn<MemberOfOrganization>(reply);
        return part && memberOf(organizationId, userId, part);
      });
    },
    listMembers: async (organizationId, request = {}) =>
      listParts(reader, organizationId, request, {
        list: { name: names.memberListOf(organizationId), order: 'oldest' },
        hash: names.membersOf(organizationId),
        itemOf: (userId, part: MemberOfOrganization) => memberOf(organizationId, userId, part),
      }),
    getInvitation: async (organizationId, invitationId) => {
      const args = [names.organization(organizationId), names.invitationsOf(organizationId), invitationId];
      return reader.read(READ_SCRIPTS.part, args, (reply) => {
        const part = partIn<InvitationToOrganization>(reply);
        return part && invitationOf(organizationId, part);
      });
    },
    listInvitations: async (organizationId, request = {}) =>
      listParts(reader, organizationId, request, {
        list: { name: names.invitationListOf(organizationId), order: 'newest' },
        hash: names.invitationsOf(organizationId),
        itemOf: (_, part: InvitationToOrganization) => invitationOf(organizationId, part),
      }),
    listOrganizationsOf: async (userId) =>
      reader.read(READ_SCRIPTS.organizationsOf, [userId, `${MAX_PAGE_SIZE}`], (reply) =>
        (reply as unknown as [string, Row, string | null][]).flatMap(([, row, part]) => {
          const found = listable<OrganizationFold>(row);
          if (!found || part === null) return [];
          const { role, state } = JSON.parse(part) as MemberOfOrganization;
          // To a suspended member the organization is not there, under its own address either.
          return state === 'active' ? [{ ...organizationOf(found.data, found.revision), role }] : [];
        }),
      ),
  };
}

function memberOf(organizationId: string, userId: string, part: MemberOfOrganization): Member {
  return { organizationId, userId, ...part };
}

/** What lists and details show: everything but the credential. */
function invitationOf(
  organizationId: string,
  { credential: _, ...shown }: InvitationToOrganization,
): Invitation {
  return { organizationId, ...shown };
}

/** @throws ReadModelsUnavailableError when the organization is parked: its parts may be out of date. */
function partIn<Value>(reply: Reply | undefined): Value | undefined {
  const [row, part] = reply as unknown as [Row, string | null];
  if (!readable(row) || part === null) return undefined;
  return JSON.parse(part) as Value;
}

function listParts<Value, Item>(
  reader: TrustedReader,
  organizationId: string,
  request: PageRequest,
  { list, hash, itemOf }: { list: List; hash: string; itemOf: (field: string, part: Value) => Item },
): Promise<Reading<Page<Item>>> {
  return pageOf(list, request, (bound, count) => {
    const args = [list.name, list.order, bound, `${count}`, names.organization(organizationId), hash];
    return reader.read(READ_SCRIPTS.listParts, args, (reply) => {
      const [row, rows] = reply as unknown as [Row, [string, string, string | null][]];
      readable(row);
      return rows.map(([score, field, part]) => {
        if (part === null) throw new ReadModelsUnavailableError('not-built', 'what is listed is not there');
        return { score, item: itemOf(field, JSON.parse(part) as Value) };
      });
    });
  });
}
