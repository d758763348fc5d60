/** Where commands on organizations and their members arrive: one subject each. */
import {
  COMMAND_SUBJECTS,
  type InviteMemberOutput,
  type MemberOutput,
  type OrganizationOutput,
  type Positioned,
  type RemovedMemberOutput,
} from '@mcpstack/contracts';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CommandController, CommandRunner } from '../command-runner.ts';
import {
  AcceptInvitationCommand,
  ChangeMemberRoleCommand,
  ChangePolicyCommand,
  CreateOrganizationCommand,
  InviteMemberCommand,
  RemoveMemberCommand,
  RenameOrganizationCommand,
  ResumeMemberCommand,
  ResumeOrganizationCommand,
  RevokeInvitationCommand,
  SuspendMemberCommand,
  SuspendOrganizationCommand,
} from './commands.ts';

@CommandController()
export class OrganizationController {
  constructor(private readonly runner: CommandRunner) {}

  @MessagePattern(COMMAND_SUBJECTS.createOrganization)
  createOrganization(@Payload() command: CreateOrganizationCommand): Promise<OrganizationOutput> {
    return this.runner.run('createOrganization', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.renameOrganization)
  renameOrganization(@Payload() command: RenameOrganizationCommand): Promise<OrganizationOutput> {
    return this.runner.run('renameOrganization', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.changePolicy)
  changePolicy(@Payload() command: ChangePolicyCommand): Promise<OrganizationOutput> {
    return this.runner.run('changePolicy', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.suspendOrganization)
  suspendOrganization(@Payload() command: SuspendOrganizationCommand): Promise<OrganizationOutput> {
    return this.runner.run('suspendOrganization', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.resumeOrganization)
  resumeOrganization(@Payload() command: ResumeOrganizationCommand): Promise<OrganizationOutput> {
    return this.runner.run('resumeOrganization', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.inviteMember)
  inviteMember(@Payload() command: InviteMemberCommand): Promise<InviteMemberOutput> {
    return this.runner.run('inviteMember', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.revokeInvitation)
  revokeInvitation(@Payload() command: RevokeInvitationCommand): Promise<Positioned> {
    return this.runner.run('revokeInvitation', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.acceptInvitation)
  acceptInvitation(@Payload() command: AcceptInvitationCommand): Promise<MemberOutput> {
    return this.runner.run('acceptInvitation', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.changeMemberRole)
  changeMemberRole(@Payload() command: ChangeMemberRoleCommand): Promise<MemberOutput> {
    return this.runner.run('changeMemberRole', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.suspendMember)
  suspendMember(@Payload() command: SuspendMemberCommand): Promise<MemberOutput> {
    return this.runner.run('suspendMember', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.resumeMember)
  resumeMember(@Payload() command: ResumeMemberCommand): Promise<MemberOutput> {
    return this.runner.run('resumeMember', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.removeMember)
  removeMember(@Payload() command: RemoveMemberCommand): Promise<RemovedMemberOutput> {
    return this.runner.run('removeMember', command);
  }
}
