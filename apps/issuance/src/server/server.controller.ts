/** Where commands on servers arrive: one subject each. */
import { COMMAND_SUBJECTS, type Positioned, type ServerOutput } from '@mcpstack/contracts';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CommandController, CommandRunner } from '../command-runner.ts';
import { CreateServerCommand, RemoveServerCommand, UpdateServerCommand } from './commands.ts';

@CommandController()
export class ServerController {
  constructor(private readonly runner: CommandRunner) {}

  @MessagePattern(COMMAND_SUBJECTS.createServer)
  createServer(@Payload() command: CreateServerCommand): Promise<ServerOutput> {
    return this.runner.run('createServer', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.updateServer)
  updateServer(@Payload() command: UpdateServerCommand): Promise<ServerOutput> {
    return this.runner.run('updateServer', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.removeServer)
  removeServer(@Payload() command: RemoveServerCommand): Promise<Positioned> {
    return this.runner.run('removeServer', command);
  }
}
