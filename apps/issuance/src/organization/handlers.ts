/** Handlers of the commands on organizations. */
import { deriveId, type OrganizationOutput } from '@mcpstack/contracts';
import type { Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Confirmation } from '../confirmation.ts';
import { Decisions } from '../decisions.ts';
import { CreateOrganizationCommand } from './commands.ts';

@CommandHandler(CreateOrganizationCommand)
export class CreateOrganizationHandler implements ICommandHandler<CreateOrganizationCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly confirmation: Confirmation,
  ) {}

  async execute(command: CreateOrganizationCommand): Promise<OrganizationOutput> {
    const { actor, commandId, requestId, input } = command;
    const organizationId = deriveId('organization', commandId);
    const { state, stateRevision, position } = await this.decisions.decide(
      'organization',
      organizationId,
      command,
      {
        type: 'CreateOrganization',
        at: this.decisions.now(),
        actor,
        organizationId,
        name: input.name,
        ownerId: input.ownerId,
      },
    );
    if (state.status === 'none') throw new Error('an organization was created and is not there');
    await this.confirmation.visible(position, requestId);
    const { id, name, status, policy, createdAt } = state;
    return {
      organization: { id, name, state: status, policy, createdAt, revision: String(stateRevision) },
      position: position.toString(),
    };
  }
}

export const ORGANIZATION_HANDLERS: readonly Provider[] = [CreateOrganizationHandler];
