/** Where commands on keys arrive: one subject each. */
import { CommandController, CommandRunner } from '../command-runner.ts';

@CommandController()
export class KeyController {
  constructor(private readonly runner: CommandRunner) {}
}
