/**
 * Handlers of the commands on an agent's domains. What allows fewer origins than before is final when it is answered
 * (G3).
 */
import { randomBytes } from 'node:crypto';
import { base62, deriveId, ProblemError, type DomainOutput, type Positioned } from '@mcpstack/contracts';
import { evolveDomain, type AgentEvent, type DomainOfAgent } from '@mcpstack/domain';
import type { Provider } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Decided } from '../decisions.ts';
import { plain, requireSystem } from '../envelope.ts';
import { AgentActing } from './acting.ts';
import {
  AddDomainCommand,
  ContestDomainCommand,
  RecordDomainCheckCommand,
  RemoveDomainCommand,
} from './commands.ts';

const CHALLENGE_LENGTH = 43;

/** What is published to prove a domain: 256 random bits, so that nobody can have published them before. */
function newChallenge(): string {
  return `mcpstack-verify=${base62(randomBytes(32), CHALLENGE_LENGTH)}`;
}

@CommandHandler(AddDomainCommand)
export class AddDomainHandler extends AgentActing implements ICommandHandler<AddDomainCommand> {
  async execute(command: AddDomainCommand): Promise<DomainOutput> {
    const { agentId, domain } = command.input;
    const domainId = deriveId('domain', command.commandId);
    const decided = await this.decisions.decide('agent', agentId, command, {
      type: 'AddDomain',
      ...(await this.acting(command)),
      agentId,
      domainId,
      domain,
      // A retry makes one as well; what stands in the log is what it answers.
      challenge: newChallenge(),
    });
    await this.confirmation.visible(decided.position, command.requestId);
    return answer(decided, domainId);
  }
}

@CommandHandler(RemoveDomainCommand)
export class RemoveDomainHandler extends AgentActing implements ICommandHandler<RemoveDomainCommand> {
  async execute(command: RemoveDomainCommand): Promise<Positioned> {
    const { agentId, domainId } = command.input;
    const { position } = await this.decisions.decide('agent', agentId, command, {
      type: 'RemoveDomain',
      ...(await this.acting(command)),
      agentId,
      domainId,
    });
    await this.confirmation.final(position, command.requestId);
    return { position: position.toString() };
  }
}

@CommandHandler(RecordDomainCheckCommand)
export class RecordDomainCheckHandler
  extends AgentActing
  implements ICommandHandler<RecordDomainCheckCommand>
{
  async execute(command: RecordDomainCheckCommand): Promise<DomainOutput> {
    requireSystem(command);
    const { agentId, domainId } = command.input;
    const decided = await this.decisions.decide('agent', agentId, command, {
      type: 'RecordDomainCheck',
      at: this.decisions.now(),
      actor: command.actor,
      ...plain(command.input),
    });
    const output = answer(decided, domainId);
    // A domain that was never proven loses nothing by every day's look that finds nothing.
    const isLoss = output.domain.state === 'lapsed' || decided.events.some(takesAway);
    if (isLoss) await this.confirmation.final(decided.position, command.requestId);
    else await this.confirmation.visible(decided.position, command.requestId);
    return output;
  }
}

@CommandHandler(ContestDomainCommand)
export class ContestDomainHandler extends AgentActing implements ICommandHandler<ContestDomainCommand> {
  async execute(command: ContestDomainCommand): Promise<DomainOutput> {
    requireSystem(command);
    const { domainId, agentId } = command.input;
    const decided = await this.decisions.decide('agent', agentId, command, {
      type: 'ContestDomain',
      at: this.decisions.now(),
      actor: command.actor,
      ...command.input,
      challenge: newChallenge(),
    });
    await this.confirmation.final(decided.position, command.requestId);
    return answer(decided, domainId);
  }
}

/** Whether origins under the domain are allowed no more after it. */
function takesAway({ type }: AgentEvent): boolean {
  return type === 'AgentDomainLapsed' || type === 'AgentDomainContested';
}

function answer({ state, events, position }: Decided<'agent'>, domainId: string): DomainOutput {
  if (state.status === 'none') throw new Error('the agent is not there');
  const domain = state.domains[domainId] ?? events.reduce(added, undefined);
  if (!domain) throw new ProblemError('conflict', 'The domain has been removed since.');
  return {
    domain: { ...domain, organizationId: state.organizationId, agentId: state.id },
    position: position.toString(),
  };
}

/** A retry after the domain was removed is answered as the first try was. */
function added(before: DomainOfAgent | undefined, event: AgentEvent): DomainOfAgent | undefined {
  return event.type === 'AgentDomainAdded' ? evolveDomain(undefined, event) : before;
}

export const DOMAIN_HANDLERS: readonly Provider[] = [
  AddDomainHandler,
  RemoveDomainHandler,
  RecordDomainCheckHandler,
  ContestDomainHandler,
];
