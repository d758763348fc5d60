/** Where commands on agents and their domains arrive: one subject each. */
import { COMMAND_SUBJECTS, type AgentOutput, type DomainOutput, type Positioned } from '@mcpstack/contracts';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CommandController, CommandRunner } from '../command-runner.ts';
import {
  AddDomainCommand,
  ContestDomainCommand,
  CreateAgentCommand,
  RecordDomainCheckCommand,
  RemoveAgentCommand,
  RemoveDomainCommand,
  RenameAgentCommand,
} from './commands.ts';

@CommandController()
export class AgentController {
  constructor(private readonly runner: CommandRunner) {}

  @MessagePattern(COMMAND_SUBJECTS.createAgent)
  createAgent(@Payload() command: CreateAgentCommand): Promise<AgentOutput> {
    return this.runner.run('createAgent', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.renameAgent)
  renameAgent(@Payload() command: RenameAgentCommand): Promise<AgentOutput> {
    return this.runner.run('renameAgent', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.removeAgent)
  removeAgent(@Payload() command: RemoveAgentCommand): Promise<Positioned> {
    return this.runner.run('removeAgent', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.addDomain)
  addDomain(@Payload() command: AddDomainCommand): Promise<DomainOutput> {
    return this.runner.run('addDomain', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.removeDomain)
  removeDomain(@Payload() command: RemoveDomainCommand): Promise<Positioned> {
    return this.runner.run('removeDomain', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.recordDomainCheck)
  recordDomainCheck(@Payload() command: RecordDomainCheckCommand): Promise<DomainOutput> {
    return this.runner.run('recordDomainCheck', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.contestDomain)
  contestDomain(@Payload() command: ContestDomainCommand): Promise<DomainOutput> {
    return this.runner.run('contestDomain', command);
  }
}
