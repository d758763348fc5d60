/** Handlers of the commands on organizations; those on members and invitations stand beside this file. */
import { deriveId, type OrganizationOutput } from '@mcpstack/contracts';
import type { Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Decided } from '../decisions.ts';
import { plain } from '../envelope.ts';
import { OrganizationActing } from './acting.ts';
import {
  ChangePolicyCommand,
  CreateOrganizationCommand,
  RenameOrganizationCommand,
  ResumeOrganizationCommand,
  SuspendOrganizationCommand,
} from './commands.ts';
import { INVITATION_HANDLERS } from './invitation-handlers.ts';
import { MEMBER_HANDLERS } from './member-handlers.ts';
import { organizationOf } from './view.ts';

@CommandHandler(CreateOrganizationCommand)
export class CreateOrganizationHandler
  extends OrganizationActing
  implements ICommandHandler<CreateOrganizationCommand>
{
  async execute(command: CreateOrganizationCommand): Promise<OrganizationOutput> {
    const { actor, commandId, requestId, input } = command;
    const organizationId = deriveId('organization', commandId);
    const decided = await this.decisions.decide('organization', organizationId, command, {
      type: 'CreateOrganization',
      at: this.decisions.now(),
      actor,
      organizationId,
      name: input.name,
      ownerId: input.ownerId,
    });
    await this.confirmation.visible(decided.position, requestId);
    return answer(decided);
  }
}

@CommandHandler(RenameOrganizationCommand)
export class RenameOrganizationHandler
  extends OrganizationActing
  implements ICommandHandler<RenameOrganizationCommand>
{
  async execute(command: RenameOrganizationCommand): Promise<OrganizationOutput> {
    const { organizationId, name, ifRevision } = command.input;
    const decided = await this.decisions.decide(
      'organization',
      organizationId,
      command,
      { type: 'RenameOrganization', ...(await this.acting(command)), name },
      { ifRevision },
    );
    await this.confirmation.visible(decided.position, command.requestId);
    return answer(decided);
  }
}

@CommandHandler(ChangePolicyCommand)
export class ChangePolicyHandler extends OrganizationActing implements ICommandHandler<ChangePolicyCommand> {
  async execute(command: ChangePolicyCommand): Promise<OrganizationOutput> {
    const { organizationId, policy, ifRevision } = plain(command.input);
    const decided = await this.decisions.decide(
      'organization',
      organizationId,
      command,
      { type: 'ChangePolicy', ...(await this.acting(command)), policy },
      { ifRevision },
    );
    await this.confirmation.visible(decided.position, command.requestId);
    return answer(decided);
  }
}

@CommandHandler(SuspendOrganizationCommand)
export class SuspendOrganizationHandler
  extends OrganizationActing
  implements ICommandHandler<SuspendOrganizationCommand>
{
  /** Waits for finality also when it was suspended already: the first try may not have got that far. */
  async execute(command: SuspendOrganizationCommand): Promise<OrganizationOutput> {
    const decided = await this.decisions.decide('organization', command.input.organizationId, command, {
      type: 'SuspendOrganization',
      ...(await this.acting(command)),
    });
    await this.confirmation.final(decided.position, command.requestId);
    return answer(decided);
  }
}

@CommandHandler(ResumeOrganizationCommand)
export class ResumeOrganizationHandler
  extends OrganizationActing
  implements ICommandHandler<ResumeOrganizationCommand>
{
  async execute(command: ResumeOrganizationCommand): Promise<OrganizationOutput> {
    const decided = await this.decisions.decide('organization', command.input.organizationId, command, {
      type: 'ResumeOrganization',
      ...(await this.acting(command)),
    });
    await this.confirmation.visible(decided.position, command.requestId);
    return answer(decided);
  }
}

function answer({ state, stateRevision, position }: Decided<'organization'>): OrganizationOutput {
  return { organization: organizationOf(state, stateRevision), position: position.toString() };
}

export const ORGANIZATION_HANDLERS: readonly Provider[] = [
  CreateOrganizationHandler,
  RenameOrganizationHandler,
  ChangePolicyHandler,
  SuspendOrganizationHandler,
  ResumeOrganizationHandler,
  ...INVITATION_HANDLERS,
  ...MEMBER_HANDLERS,
];
