/** Handlers of the commands on agents; those on their domains stand beside this file. */
import { deriveId, type AgentOutput, type Positioned } from '@mcpstack/contracts';
import type { Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Decided } from '../decisions.ts';
import { AgentActing } from './acting.ts';
import { CreateAgentCommand, RemoveAgentCommand, RenameAgentCommand } from './commands.ts';
import { DOMAIN_HANDLERS } from './domain-handlers.ts';

@CommandHandler(CreateAgentCommand)
export class CreateAgentHandler extends AgentActing implements ICommandHandler<CreateAgentCommand> {
  async execute(command: CreateAgentCommand): Promise<AgentOutput> {
    const agentId = deriveId('agent', command.commandId);
    const decided = await this.decisions.decide('agent', agentId, command, {
      type: 'CreateAgent',
      ...(await this.acting(command)),
      agentId,
      name: command.input.name,
    });
    await this.confirmation.visible(decided.position, command.requestId);
    return answer(decided);
  }
}

@CommandHandler(RenameAgentCommand)
export class RenameAgentHandler extends AgentActing implements ICommandHandler<RenameAgentCommand> {
  async execute(command: RenameAgentCommand): Promise<AgentOutput> {
    const { agentId, name, ifRevision } = command.input;
    const decided = await this.decisions.decide(
      'agent',
      agentId,
      command,
      { type: 'RenameAgent', ...(await this.acting(command)), agentId, name },
      { ifRevision },
    );
    await this.confirmation.visible(decided.position, command.requestId);
    return answer(decided);
  }
}

@CommandHandler(RemoveAgentCommand)
export class RemoveAgentHandler extends AgentActing implements ICommandHandler<RemoveAgentCommand> {
  /** Its publishable keys end with it: final, also when it was removed already. */
  async execute(command: RemoveAgentCommand): Promise<Positioned> {
    const { agentId } = command.input;
    const { position } = await this.decisions.decide('agent', agentId, command, {
      type: 'RemoveAgent',
      ...(await this.acting(command)),
      agentId,
    });
    await this.confirmation.final(position, command.requestId);
    return { position: position.toString() };
  }
}

function answer({ state, stateRevision, position }: Decided<'agent'>): AgentOutput {
  if (state.status === 'none') throw new Error('the agent is not there');
  const { id, organizationId, name, status, createdAt, createdBy } = state;
  const revision = stateRevision.toString();
  return {
    agent: { id, organizationId, name, state: status, createdAt, createdBy, revision },
    position: position.toString(),
  };
}

export const AGENT_HANDLERS: readonly Provider[] = [
  CreateAgentHandler,
  RenameAgentHandler,
  RemoveAgentHandler,
  ...DOMAIN_HANDLERS,
];
