/** Commands on organizations and their members, as they arrive. */
import {
  ROLES,
  type AcceptInvitationInput,
  type ChangeMemberRoleInput,
  type ChangePolicyInput,
  type CreateOrganizationInput,
  type InvitationIdInput,
  type InviteMemberInput,
  type InviteMemberOutput,
  type MemberIdInput,
  type MemberOutput,
  type OrganizationIdInput,
  type OrganizationOutput,
  type OrganizationPolicy,
  type Positioned,
  type RemovedMemberOutput,
  type RenameOrganizationInput,
  type Role,
} from '@mcpstack/contracts';
import { ArrayMaxSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsInt, Max, Min } from 'class-validator';
import { Envelope, IsIdOf, IsName, IsRevision, MayBeAbsent, Nested } from '../envelope.ts';
import { IsEmailAddress, IsTime } from '../fields.ts';
import { IsDigest } from '../key/terms.ts';

const LONGEST_POLICY_DAYS = 3_650;
const IS_ROLE = { message: `must be one of ${ROLES.join(', ')}` };

class CreateOrganizationBody implements CreateOrganizationInput {
  @IsName()
  name!: string;

  @IsIdOf('user')
  ownerId!: string;
}

class OrganizationIdBody implements OrganizationIdInput {
  @IsIdOf('organization')
  organizationId!: string;
}

class RenameOrganizationBody extends OrganizationIdBody implements RenameOrganizationInput {
  @IsName()
  name!: string;

  @MayBeAbsent()
  @IsRevision()
  ifRevision?: string;
}

class PolicyBody implements OrganizationPolicy {
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(LONGEST_POLICY_DAYS)
  longestKeyLifeDays?: number;

  @MayBeAbsent()
  @IsBoolean()
  expiryRequired?: boolean;

  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(ROLES.length)
  @ArrayUnique()
  @IsIn(ROLES, { each: true, ...IS_ROLE })
  allowedKeyRoles?: Role[];

  @IsIn(['list', 'revoke'], { message: 'must be list or revoke' })
  onMakerLoss!: OrganizationPolicy['onMakerLoss'];
}

class ChangePolicyBody extends OrganizationIdBody implements ChangePolicyInput {
  @Nested(() => PolicyBody)
  policy!: PolicyBody;

  @MayBeAbsent()
  @IsRevision()
  ifRevision?: string;
}

class InviteMemberBody extends OrganizationIdBody implements InviteMemberInput {
  @IsIn(ROLES, IS_ROLE)
  role!: Role;

  @IsEmailAddress()
  email!: string;

  @MayBeAbsent()
  @IsTime()
  expiresAt?: string;
}

class InvitationIdBody extends OrganizationIdBody implements InvitationIdInput {
  @IsIdOf('invitation')
  invitationId!: string;
}

class AcceptInvitationBody extends InvitationIdBody implements AcceptInvitationInput {
  @IsDigest()
  digest!: string;
}

class MemberIdBody extends OrganizationIdBody implements MemberIdInput {
  @IsIdOf('user')
  userId!: string;
}

class ChangeMemberRoleBody extends MemberIdBody implements ChangeMemberRoleInput {
  @IsIn(ROLES, IS_ROLE)
  role!: Role;
}

export class CreateOrganizationCommand extends Envelope<OrganizationOutput> {
  @Nested(() => CreateOrganizationBody)
  input!: CreateOrganizationBody;
}

export class RenameOrganizationCommand extends Envelope<OrganizationOutput> {
  @Nested(() => RenameOrganizationBody)
  input!: RenameOrganizationBody;
}

export class ChangePolicyCommand extends Envelope<OrganizationOutput> {
  @Nested(() => ChangePolicyBody)
  input!: ChangePolicyBody;
}

export class SuspendOrganizationCommand extends Envelope<OrganizationOutput> {
  @Nested(() => OrganizationIdBody)
  input!: OrganizationIdBody;
}

export class ResumeOrganizationCommand extends Envelope<OrganizationOutput> {
  @Nested(() => OrganizationIdBody)
  input!: OrganizationIdBody;
}

export class InviteMemberCommand extends Envelope<InviteMemberOutput> {
  @Nested(() => InviteMemberBody)
  input!: InviteMemberBody;
}

export class RevokeInvitationCommand extends Envelope<Positioned> {
  @Nested(() => InvitationIdBody)
  input!: InvitationIdBody;
}

export class AcceptInvitationCommand extends Envelope<MemberOutput> {
  @Nested(() => AcceptInvitationBody)
  input!: AcceptInvitationBody;
}

export class ChangeMemberRoleCommand extends Envelope<MemberOutput> {
  @Nested(() => ChangeMemberRoleBody)
  input!: ChangeMemberRoleBody;
}

export class SuspendMemberCommand extends Envelope<MemberOutput> {
  @Nested(() => MemberIdBody)
  input!: MemberIdBody;
}

export class ResumeMemberCommand extends Envelope<MemberOutput> {
  @Nested(() => MemberIdBody)
  input!: MemberIdBody;
}

export class RemoveMemberCommand extends Envelope<RemovedMemberOutput> {
  @Nested(() => MemberIdBody)
  input!: MemberIdBody;
}
