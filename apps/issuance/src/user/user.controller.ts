/** Where commands on people's profiles arrive: one subject each. */
import { COMMAND_SUBJECTS, type Positioned } from '@mcpstack/contracts';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CommandController, CommandRunner } from '../command-runner.ts';
import { ChangeProfileCommand, EraseProfileCommand } from './commands.ts';

@CommandController()
export class UserController {
  constructor(private readonly runner: CommandRunner) {}

  @MessagePattern(COMMAND_SUBJECTS.changeProfile)
  changeProfile(@Payload() command: ChangeProfileCommand): Promise<Positioned> {
    return this.runner.run('changeProfile', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.eraseProfile)
  eraseProfile(@Payload() command: EraseProfileCommand): Promise<Positioned> {
    return this.runner.run('eraseProfile', command);
  }
}
