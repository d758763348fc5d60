/**
 * Organization, its members and invitations: events and state. These names and shapes are a storage format
 * (G10): never edit, add.
 */
import type { Actor, OrganizationPolicy, Role } from '@mcpstack/contracts';
import { z } from 'zod';
import { eventCodec, firstVersion } from '../codec.ts';
import type { DomainEvent } from '../decider.ts';
import { credential, id, name, role, time } from '../schemas.ts';

const organizationCreated = z.strictObject({
  organizationId: id('org'),
  name,
  /** The user who becomes its first owner. */
  ownerId: id('user'),
});
const organizationRenamed = z.strictObject({ name });
const organizationPolicyChanged = z.strictObject({
  /** The whole policy after the change. */
  policy: z.strictObject({
    longestKeyLifeDays: z.int().min(1).exactOptional(),
    expiryRequired: z.boolean().exactOptional(),
    allowedKeyRoles: z.array(role).exactOptional(),
    onMakerLoss: z.enum(['list', 'revoke']),
  }),
});
const nothing = z.strictObject({});
const memberInvited = z.strictObject({
  invitationId: id('inv'),
  role,
  /** The stream `user-<id>` that holds the e-mail address. */
  profileId: id('user'),
  credential,
  expiresAt: time,
});
const invitationRevoked = z.strictObject({ invitationId: id('inv') });
/** The user is a member from now on, with the role of the invitation. */
const invitationAccepted = z.strictObject({ invitationId: id('inv'), userId: id('user'), role });
const memberRoleChanged = z.strictObject({ userId: id('user'), role });
const ofMember = z.strictObject({ userId: id('user') });

type Of<Type extends string, Schema extends z.ZodType> = DomainEvent<Type, z.infer<Schema>>;
export type OrganizationCreated = Of<'OrganizationCreated', typeof organizationCreated>;
export type OrganizationRenamed = Of<'OrganizationRenamed', typeof organizationRenamed>;
export type OrganizationPolicyChanged = Of<'OrganizationPolicyChanged', typeof organizationPolicyChanged>;
export type OrganizationSuspended = Of<'OrganizationSuspended', typeof nothing>;
export type OrganizationResumed = Of<'OrganizationResumed', typeof nothing>;
export type MemberInvited = Of<'MemberInvited', typeof memberInvited>;
export type InvitationRevoked = Of<'InvitationRevoked', typeof invitationRevoked>;
export type InvitationAccepted = Of<'InvitationAccepted', typeof invitationAccepted>;
export type MemberRoleChanged = Of<'MemberRoleChanged', typeof memberRoleChanged>;
export type MemberSuspended = Of<'MemberSuspended', typeof ofMember>;
export type MemberResumed = Of<'MemberResumed', typeof ofMember>;
export type MemberRemoved = Of<'MemberRemoved', typeof ofMember>;
export type OrganizationEvent =
  | OrganizationCreated
  | OrganizationRenamed
  | OrganizationPolicyChanged
  | OrganizationSuspended
  | OrganizationResumed
  | MemberInvited
  | InvitationRevoked
  | InvitationAccepted
  | MemberRoleChanged
  | MemberSuspended
  | MemberResumed
  | MemberRemoved;

export const organizationCodec = eventCodec<OrganizationEvent>({
  OrganizationCreated: firstVersion(organizationCreated),
  OrganizationRenamed: firstVersion(organizationRenamed),
  OrganizationPolicyChanged: firstVersion(organizationPolicyChanged),
  OrganizationSuspended: firstVersion(nothing),
  OrganizationResumed: firstVersion(nothing),
  MemberInvited: firstVersion(memberInvited),
  InvitationRevoked: firstVersion(invitationRevoked),
  InvitationAccepted: firstVersion(invitationAccepted),
  MemberRoleChanged: firstVersion(memberRoleChanged),
  MemberSuspended: firstVersion(ofMember),
  MemberResumed: firstVersion(ofMember),
  MemberRemoved: firstVersion(ofMember),
});

export interface MemberOfOrganization {
  role: Role;
  state: 'active' | 'suspended';
  joinedAt: string;
}
export interface InvitationToOrganization {
  id: string;
  role: Role;
  state: 'pending' | 'accepted' | 'revoked';
  profileId: string;
  credential: MemberInvited['data']['credential'];
  expiresAt: string;
  createdAt: string;
  createdBy: Actor;
  acceptedBy?: string;
}
export interface KnownOrganization {
  status: 'active' | 'suspended';
  id: string;
  name: string;
  policy: OrganizationPolicy;
  /** By user id. */
  members: Readonly<Record<string, MemberOfOrganization>>;
  /** By user id: who was removed once, also whoever came back. */
  removed?: Readonly<Record<string, true>>;
  /** By invitation id. */
  invitations: Readonly<Record<string, InvitationToOrganization>>;
  createdAt: string;
}
export type OrganizationState = { status: 'none' } | KnownOrganization;

export const noOrganization: OrganizationState = { status: 'none' };
/** Until a policy is set: anything that the maker may, and nothing happens to keys by itself. */
export const DEFAULT_POLICY: OrganizationPolicy = { onMakerLoss: 'list' };

export function evolveOrganization(state: OrganizationState, event: OrganizationEvent): OrganizationState {
  return evolve(state, event, COPYING);
}

/**
 * Copies members and invitations once, not with each event: there may be thousands of both, and a fold that takes the
 * square of that keeps everybody waiting.
 */
export function evolveOrganizationAll(
  state: OrganizationState,
  events: readonly OrganizationEvent[],
): OrganizationState {
  const own: OrganizationState =
    state.status === 'none'
      ? state
      : {
          ...state,
          members: { ...state.members },
          invitations: { ...state.invitations },
          ...(state.removed && { removed: { ...state.removed } }),
        };
  return events.reduce((before, event) => evolve(before, event, IN_PLACE), own);
}

/** How a table of the state changes. */
interface Tables {
  with<Row>(table: Readonly<Record<string, Row>>, id: string, row: Row): Readonly<Record<string, Row>>;
  without<Row>(table: Readonly<Record<string, Row>>, id: string): Readonly<Record<string, Row>>;
}

const COPYING: Tables = {
  with: (table, id, row) => ({ ...table, [id]: row }),
  without(table, id) {
    const { [id]: _, ...rest } = table;
    return rest;
  },
};

/** Only for tables that nobody else has. */
const IN_PLACE: Tables = {
  with: (table, id, row) => Object.assign(table, { [id]: row }),
  without(table, id) {
    delete (table as Record<string, unknown>)[id];
    return table;
  },
};

function evolve(state: OrganizationState, event: OrganizationEvent, tables: Tables): OrganizationState {
  if (event.type === 'OrganizationCreated') {
    const { organizationId, name: given, ownerId } = event.data;
    return {
      status: 'active',
      id: organizationId,
      name: given,
      policy: DEFAULT_POLICY,
      members: { [ownerId]: { role: 'owner', state: 'active', joinedAt: event.at } },
      invitations: {},
      createdAt: event.at,
    };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'OrganizationRenamed':
      return { ...state, name: event.data.name };
    case 'OrganizationPolicyChanged':
      return { ...state, policy: event.data.policy };
    case 'OrganizationSuspended':
      return { ...state, status: 'suspended' };
    case 'OrganizationResumed':
      return { ...state, status: 'active' };
    case 'MemberInvited':
    case 'InvitationRevoked':
      return withInvitation(state, event, tables);
    case 'InvitationAccepted': {
      const { userId, role: given } = event.data;
      const joined = { role: given, state: 'active', joinedAt: event.at } as const;
      return withInvitation(
        { ...state, members: tables.with<MemberOfOrganization>(state.members, userId, joined) },
        event,
        tables,
      );
    }
    case 'MemberRoleChanged':
      return withMember(state, event.data.userId, { role: event.data.role }, tables);
    case 'MemberSuspended':
      return withMember(state, event.data.userId, { state: 'suspended' }, tables);
    case 'MemberResumed':
      return withMember(state, event.data.userId, { state: 'active' }, tables);
    case 'MemberRemoved': {
      const { userId } = event.data;
      const members = tables.without(state.members, userId);
      return { ...state, members, removed: tables.with<true>(state.removed ?? {}, userId, true) };
    }
    default:
      return event satisfies never;
  }
}

function withMember(
  state: KnownOrganization,
  userId: string,
  change: Partial<MemberOfOrganization>,
  tables: Tables,
): KnownOrganization {
  // `hasOwn`: an id such as "constructor" must not find what every object inherits.
  if (!Object.hasOwn(state.members, userId)) return state;
  const member = { ...state.members[userId]!, ...change };
  return { ...state, members: tables.with(state.members, userId, member) };
}

function withInvitation(
  state: KnownOrganization,
  event: MemberInvited | InvitationRevoked | InvitationAccepted,
  tables: Tables,
): KnownOrganization {
  const invitation = evolveInvitation(state.invitations[event.data.invitationId], event);
  if (!invitation) return state;
  return { ...state, invitations: tables.with(state.invitations, invitation.id, invitation) };
}

/** One invitation; shared with the read model, so that both tell the same. */
export function evolveInvitation(
  invitation: InvitationToOrganization | undefined,
  event: MemberInvited | InvitationRevoked | InvitationAccepted,
): InvitationToOrganization | undefined {
  if (event.type === 'MemberInvited') {
    const { invitationId, ...rest } = event.data;
    return { id: invitationId, ...rest, state: 'pending', createdAt: event.at, createdBy: event.actor };
  }
  if (!invitation) return undefined;
  if (event.type === 'InvitationRevoked') return { ...invitation, state: 'revoked' };
  return { ...invitation, state: 'accepted', acceptedBy: event.data.userId };
}
