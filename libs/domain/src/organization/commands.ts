/** Commands on organizations, members and invitations, as the decisions see them. */
import type { Actor, OrganizationPolicy, Role } from '@mcpstack/contracts';
import type { Authority } from '../authority.ts';
import type { Credential } from '../key/events.ts';

interface OrganizationCommandBase {
  /** ISO 8601, UTC. */
  at: string;
  actor: Actor;
  organizationId: string;
}
/**
 * Who acts as a person is judged by the organization's own state. `keyAuthority`: `authorityOf` an actor that is a
 * key, which stands in another stream; absent for people.
 */
interface AuthorizedOrganizationCommand extends OrganizationCommandBase {
  keyAuthority?: Authority;
}

export interface CreateOrganization extends OrganizationCommandBase {
  type: 'CreateOrganization';
  name: string;
  ownerId: string;
}
export interface RenameOrganization extends AuthorizedOrganizationCommand {
  type: 'RenameOrganization';
  name: string;
}
export interface ChangePolicy extends AuthorizedOrganizationCommand {
  type: 'ChangePolicy';
  policy: OrganizationPolicy;
}
export interface ChangeOrganizationState extends AuthorizedOrganizationCommand {
  type: 'SuspendOrganization' | 'ResumeOrganization';
}
export interface InviteMember extends AuthorizedOrganizationCommand {
  type: 'InviteMember';
  invitationId: string;
  role: Role;
  profileId: string;
  credential: Credential;
  expiresAt: string;
}
export interface RevokeInvitation extends AuthorizedOrganizationCommand {
  type: 'RevokeInvitation';
  invitationId: string;
}
/** The actor, a user, becomes a member. */
export interface AcceptInvitation extends OrganizationCommandBase {
  type: 'AcceptInvitation';
  invitationId: string;
  /** Whether the token that was shown is the invitation's. */
  isProven: boolean;
  /** `authorityOf` who made the invitation, when that was a key: it stands in another stream. */
  makerAuthority?: Authority;
}
export interface ChangeMemberRole extends AuthorizedOrganizationCommand {
  type: 'ChangeMemberRole';
  userId: string;
  role: Role;
}
export interface ChangeMemberState extends AuthorizedOrganizationCommand {
  type: 'SuspendMember' | 'ResumeMember' | 'RemoveMember';
  userId: string;
}
export type OrganizationCommand =
  | CreateOrganization
  | RenameOrganization
  | ChangePolicy
  | ChangeOrganizationState
  | InviteMember
  | RevokeInvitation
  | AcceptInvitation
  | ChangeMemberRole
  | ChangeMemberState;
