/** Where commands on servers arrive: one subject each. */
import { CommandController, CommandRunner } from '../command-runner.ts';

@CommandController()
export class ServerController {
  constructor(private readonly runner: CommandRunner) {}
}
