/** Read model: one record per organization; its members and invitations beside it. */
import type { Organization, OrganizationPolicy } from '@mcpstack/contracts';
import {
  DEFAULT_POLICY,
  evolveInvitation,
  type InvitationToOrganization,
  type MemberOfOrganization,
  type OrganizationEvent,
} from '@mcpstack/domain';
import { names } from './namespace.ts';
import { requireBeginning, type Part, type Projected, type ReadModel, type Write } from './read-model.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { ReadModels } from './reading.ts';
import { readable, rowsIn } from './row.ts';
import type { TrustedReader } from './trusted-reader.ts';

/** What a record holds. Members and invitations may be many: each is a part of its own. */
export interface OrganizationFold {
  id: string;
  name: string;
  state: 'active' | 'suspended';
  policy: OrganizationPolicy;
  createdAt: string;
}

export const organizations: ReadModel<OrganizationFold, OrganizationEvent> = {
  category: 'organization',
  recordName: names.organization,
  toldIn: ({ id }) => id,
  partOf(id, event) {
    switch (event.type) {
      case 'MemberRoleChanged':
      case 'MemberSuspended':
      case 'MemberResumed':
        return { name: names.membersOf(id), field: event.data.userId };
      case 'InvitationRevoked':
      case 'InvitationAccepted':
        return { name: names.invitationsOf(id), field: event.data.invitationId };
      default:
        return undefined;
    }
  },
  project(before, event, { id, position, part }): Projected<OrganizationFold> {
    const made = event.type === 'OrganizationCreated' ? event.data.organizationId : undefined;
    requireBeginning(before, event, { made, id });
    if (event.type === 'OrganizationCreated') {
      const record = {
        id,
        name: event.data.name,
        state: 'active',
        policy: DEFAULT_POLICY,
        createdAt: event.at,
      } as const;
      return { record, ...joined(id, event.data.ownerId, { role: 'owner', at: event.at, position }) };
    }
    const record = before!;
    switch (event.type) {
      case 'OrganizationRenamed':
        return { record: { ...record, name: event.data.name }, writes: [] };
      case 'OrganizationPolicyChanged':
        return { record: { ...record, policy: event.data.policy }, writes: [] };
      case 'OrganizationSuspended':
        return { record: { ...record, state: 'suspended' }, writes: [] };
      case 'OrganizationResumed':
        return { record: { ...record, state: 'active' }, writes: [] };
      case 'MemberInvited': {
        const { invitationId } = event.data;
        const list: Write = ['ZADD', names.invitationListOf(id), `${position}`, invitationId];
        return { record, parts: [invitationPart(id, evolveInvitation(undefined, event)!)], writes: [list] };
      }
      case 'InvitationRevoked':
      case 'InvitationAccepted': {
        const invitation = evolveInvitation(part as InvitationToOrganization | undefined, event);
        const parts = invitation ? [invitationPart(id, invitation)] : [];
        if (event.type === 'InvitationRevoked') return { record, parts, writes: [] };
        const { userId, role } = event.data;
        const member = joined(id, userId, { role, at: event.at, position });
        return { record, parts: [...parts, ...member.parts], writes: member.writes };
      }
      case 'MemberRoleChanged':
        return { record, ...changed(id, event.data.userId, part, { role: event.data.role }) };
      case 'MemberSuspended':
        return { record, ...changed(id, event.data.userId, part, { state: 'suspended' }) };
      case 'MemberResumed':
        return { record, ...changed(id, event.data.userId, part, { state: 'active' }) };
      case 'MemberRemoved':
        return { record, ...left(id, event.data.userId) };
      default:
        return event satisfies never;
    }
  },
};

interface Change {
  parts: readonly Part[];
  writes: readonly Write[];
}

function joined(
  id: string,
  userId: string,
  { role, at, position }: { role: MemberOfOrganization['role']; at: string; position: bigint },
): Change {
  const member: MemberOfOrganization = { role, state: 'active', joinedAt: at };
  return {
    parts: [{ name: names.membersOf(id), field: userId, value: member }],
    writes: [
      ['ZADD', names.memberListOf(id), `${position}`, userId],
      ['ZADD', names.organizationsOf(userId), `${position}`, id],
    ],
  };
}

/** Whoever is no member stays none. */
function changed(id: string, userId: string, part: unknown, change: Partial<MemberOfOrganization>): Change {
  if (part === undefined) return { parts: [], writes: [] };
  const member = { ...(part as MemberOfOrganization), ...change };
  return { parts: [{ name: names.membersOf(id), field: userId, value: member }], writes: [] };
}

function left(id: string, userId: string): Change {
  return {
    parts: [{ name: names.membersOf(id), field: userId, value: undefined }],
    writes: [
      ['ZREM', names.memberListOf(id), userId],
      ['ZREM', names.organizationsOf(userId), id],
    ],
  };
}

function invitationPart(id: string, invitation: InvitationToOrganization): Part {
  return { name: names.invitationsOf(id), field: invitation.id, value: invitation };
}

export function organizationOf(fold: OrganizationFold, revision: string): Organization {
  return { ...fold, revision };
}

export function organizationReads(reader: TrustedReader): Pick<ReadModels, 'getOrganization'> {
  return {
    getOrganization: async (organizationId) =>
      reader.read(READ_SCRIPTS.records, [names.organization(organizationId)], (reply) => {
        const found = readable<OrganizationFold>(rowsIn(reply)[0]!);
        return found && organizationOf(found.data, found.revision);
      }),
  };
}
