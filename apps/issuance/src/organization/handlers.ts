/** Handlers of the commands on organizations. */
import { deriveId, type CreateOrganizationOutput } from '@mcpstack/contracts';
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

  async execute(command: CreateOrganizationCommand): Promise<CreateOrganizationOutput> {
    const { actor, commandId, requestId, input } = command;
    const { state, position } = await this.decisions.organization(command, {
      type: 'CreateOrganization',
      at: this.decisions.now(),
      actor,
      organizationId: deriveId('organization', commandId),
      name: input.name,
      ownerId: input.ownerId,
    });
    if (state.status !== 'active') throw new Error('an organization was created and is not there');
    await this.confirmation.visible(position, requestId);
    const { id, name, createdAt } = state;
    return { organization: { id, name, createdAt }, position: position.toString() };
  }
}
