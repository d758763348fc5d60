/**
 * Handlers of the commands on members. Taking rights away is final when it is answered (G3), and reaches the keys that
 * the member made as far as the organization's policy wants it (G8).
 */
import {
  permissionsOf,
  type MemberOutput,
  type Permission,
  type RemovedMemberOutput,
} from '@mcpstack/contracts';
import type { OrganizationState } from '@mcpstack/domain';
import { Injectable, type Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Confirmation } from '../confirmation.ts';
import { Decisions, type Cause, type Decided } from '../decisions.ts';
import { MakerLoss, type Withdrawn } from '../maker-loss.ts';
import { OrganizationActing } from './acting.ts';
import {
  ChangeMemberRoleCommand,
  RemoveMemberCommand,
  ResumeMemberCommand,
  SuspendMemberCommand,
} from './commands.ts';
import { known, memberOf } from './view.ts';

/** What is done for every member who holds less than before. */
@Injectable()
export class MemberLoss {
  constructor(
    private readonly makerLoss: MakerLoss,
    private readonly confirmation: Confirmation,
  ) {}

  /**
   * Withdraws the keys that hold more than the member does by now, where the policy says so, and waits until all of
   * it is final, once. A retry after a crash goes on where the try before it stopped.
   */
  async finish(
    cause: Cause,
    userId: string,
    { state, position: lostAt }: Decided<'organization'>,
  ): Promise<Omit<Withdrawn, 'position'> & { position: string }> {
    const { id: organizationId, policy } = known(state);
    const loss = { organizationId, member: userId, heldPermissions: heldBy(userId, state), position: lostAt };
    const { revokedKeyIds, position } =
      policy.onMakerLoss === 'revoke'
        ? await this.makerLoss.withdrawKeysBeyond(cause, loss)
        : { revokedKeyIds: [], position: lostAt };
    await this.confirmation.final(position, cause.requestId);
    return { revokedKeyIds, position: position.toString() };
  }
}

/** By the role alone: what a suspended organization stops for a while is not lost. */
function heldBy(userId: string, state: OrganizationState): readonly Permission[] {
  const { members } = known(state);
  const member = Object.hasOwn(members, userId) ? members[userId] : undefined;
  return member?.state === 'active' ? permissionsOf(member.role) : [];
}

@CommandHandler(ChangeMemberRoleCommand)
export class ChangeMemberRoleHandler
  extends OrganizationActing
  implements ICommandHandler<ChangeMemberRoleCommand>
{
  constructor(
    decisions: Decisions,
    confirmation: Confirmation,
    private readonly loss: MemberLoss,
  ) {
    super(decisions, confirmation);
  }

  async execute(command: ChangeMemberRoleCommand): Promise<MemberOutput> {
    const { organizationId, userId, role } = command.input;
    const before = await this.decisions.load('organization', organizationId);
    const decided = await this.decisions.decide('organization', organizationId, command, {
      type: 'ChangeMemberRole',
      ...(await this.acting(command)),
      userId,
      role,
    });
    // Only right after what was read is it known that nothing was taken; everything else counts as a loss.
    const isNext = decided.revision === before.revision + 1n;
    const isGain = isNext && heldBy(userId, before.state).every((one) => permissionsOf(role).includes(one));
    if (!isGain) {
      const end = await this.loss.finish(command, userId, decided);
      return { member: memberOf(decided.state, userId), ...end };
    }
    await this.confirmation.visible(decided.position, command.requestId);
    return unbroken(userId, decided);
  }
}

@CommandHandler(SuspendMemberCommand)
export class SuspendMemberHandler
  extends OrganizationActing
  implements ICommandHandler<SuspendMemberCommand>
{
  constructor(
    decisions: Decisions,
    confirmation: Confirmation,
    private readonly loss: MemberLoss,
  ) {
    super(decisions, confirmation);
  }

  async execute(command: SuspendMemberCommand): Promise<MemberOutput> {
    const { organizationId, userId } = command.input;
    const decided = await this.decisions.decide('organization', organizationId, command, {
      type: 'SuspendMember',
      ...(await this.acting(command)),
      userId,
    });
    const end = await this.loss.finish(command, userId, decided);
    return { member: memberOf(decided.state, userId), ...end };
  }
}

@CommandHandler(ResumeMemberCommand)
export class ResumeMemberHandler extends OrganizationActing implements ICommandHandler<ResumeMemberCommand> {
  async execute(command: ResumeMemberCommand): Promise<MemberOutput> {
    const { organizationId, userId } = command.input;
    const decided = await this.decisions.decide('organization', organizationId, command, {
      type: 'ResumeMember',
      ...(await this.acting(command)),
      userId,
    });
    await this.confirmation.visible(decided.position, command.requestId);
    return unbroken(userId, decided);
  }
}

@CommandHandler(RemoveMemberCommand)
export class RemoveMemberHandler extends OrganizationActing implements ICommandHandler<RemoveMemberCommand> {
  constructor(
    decisions: Decisions,
    confirmation: Confirmation,
    private readonly loss: MemberLoss,
  ) {
    super(decisions, confirmation);
  }

  async execute(command: RemoveMemberCommand): Promise<RemovedMemberOutput> {
    const { organizationId, userId } = command.input;
    const decided = await this.decisions.decide('organization', organizationId, command, {
      type: 'RemoveMember',
      ...(await this.acting(command)),
      userId,
    });
    return this.loss.finish(command, userId, decided);
  }
}

/** After a change that took nothing. */
function unbroken(userId: string, { state, position }: Decided<'organization'>): MemberOutput {
  return { member: memberOf(state, userId), revokedKeyIds: [], position: position.toString() };
}

export const MEMBER_HANDLERS: readonly Provider[] = [
  MemberLoss,
  ChangeMemberRoleHandler,
  SuspendMemberHandler,
  ResumeMemberHandler,
  RemoveMemberHandler,
];
