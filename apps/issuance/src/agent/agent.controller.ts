/** Where commands on agents arrive: one subject each. */
import { CommandController, CommandRunner } from '../command-runner.ts';

@CommandController()
export class AgentController {
  constructor(private readonly runner: CommandRunner) {}
}
