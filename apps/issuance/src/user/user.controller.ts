/** Where commands on people's profiles arrive: one subject each. */
import { CommandController, CommandRunner } from '../command-runner.ts';

@CommandController()
export class UserController {
  constructor(private readonly runner: CommandRunner) {}
}
