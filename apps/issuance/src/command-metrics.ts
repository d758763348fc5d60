/** Commands by name and by what came of them. */
import { COMMAND_SUBJECTS, ProblemError, type CommandName } from '@mcpstack/contracts';
import { Metrics } from '@mcpstack/service-kit';
import { Injectable } from '@nestjs/common';

/** What alerts count, and what they compare it with. */
const ALARMING = ['ok', 'not-final', 'unavailable', 'internal'] as const;

@Injectable()
export class CommandMetrics {
  private readonly handled;
  private readonly durations;
  private inFlight = 0;

  constructor(metrics: Metrics) {
    this.handled = metrics.counter(
      'mcpstack_issuance_commands_total',
      'Commands by name and by the code of their answer: ok, or that of a problem.',
      ['command', 'code'],
    );
    this.durations = metrics.durations(
      'mcpstack_issuance_command_duration_seconds',
      'How long commands take, to their answer; one that restricts waits until it is final.',
      { labels: ['command'] },
    );
    metrics.gauge('mcpstack_issuance_commands_in_flight', 'Commands under way.', () => this.inFlight);
    // From 0 on: of a series that begins with 1 nobody is told that it rose.
    for (const command of Object.keys(COMMAND_SUBJECTS))
      for (const code of ALARMING) this.handled.inc({ command, code }, 0);
  }

  /** Counts one command while it runs, and what it came to. */
  async of<Output>(command: CommandName, run: () => Promise<Output>): Promise<Output> {
    const began = performance.now();
    let code = 'ok';
    this.inFlight += 1;
    try {
      return await run();
    } catch (error) {
      // What has no code is answered as `internal`.
      code = error instanceof ProblemError ? error.code : 'internal';
      throw error;
    } finally {
      this.inFlight -= 1;
      this.handled.inc({ command, code });
      this.durations.observe({ command }, (performance.now() - began) / 1_000);
    }
  }
}
