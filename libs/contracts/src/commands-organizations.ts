/** Commands on organizations, their members, and people's profiles. */
import type { Positioned } from './commands.ts';
import type { Invitation, Member, Organization, OrganizationPolicy } from './resources.ts';
import type { Role } from './roles.ts';

export interface OrganizationIdInput {
  organizationId: string;
}
export interface CreateOrganizationInput {
  name: string;
  /** The user who becomes its first owner. */
  ownerId: string;
}
export interface RenameOrganizationInput extends OrganizationIdInput {
  name: string;
  /** What the caller has seen; another revision is `precondition-failed`. The same in every input below. */
  ifRevision?: string;
}
export interface ChangePolicyInput extends OrganizationIdInput {
  /** The whole policy. */
  policy: OrganizationPolicy;
  ifRevision?: string;
}
export interface OrganizationOutput extends Positioned {
  organization: Organization;
}

export interface InviteMemberInput extends OrganizationIdInput {
  role: Role;
  /** Stored in a profile stream alone. */
  email: string;
  /** At most 30 days ahead; 7 days if absent. */
  expiresAt?: string;
}
export interface InviteMemberOutput extends Positioned {
  invitation: Invitation;
  /** Whoever shows it becomes the member. Shown once, like a key's secret. */
  token?: string;
  secretAlreadyShown?: true;
}
export interface InvitationIdInput extends OrganizationIdInput {
  invitationId: string;
}
/** The actor, a user, becomes the member. */
export interface AcceptInvitationInput extends InvitationIdInput {
  /** SHA-256 of the invitation token, hexadecimal. */
  digest: string;
}

export interface MemberIdInput extends OrganizationIdInput {
  userId: string;
}
export interface ChangeMemberRoleInput extends MemberIdInput {
  role: Role;
}
export interface MemberOutput extends Positioned {
  member: Member;
  /** Keys that were revoked with it, by the organization's policy. */
  revokedKeyIds: readonly string[];
}
export interface RemovedMemberOutput extends Positioned {
  revokedKeyIds: readonly string[];
}

/** Of the actor, a user. What is absent stays; an empty text removes. */
export interface ChangeProfileInput {
  name?: string;
  email?: string;
  /** Said by the provider at a login: leaves a profile alone that was erased, until the person fills it themselves. */
  atLogin?: boolean;
}
/** Of the actor, a user; or of anybody for the actor `system`. */
export interface EraseProfileInput {
  userId: string;
}
