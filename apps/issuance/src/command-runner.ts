/** Runs commands that have arrived: a bounded number at once, each logged, the log's errors given a code. */
import { ProblemError, type CommandName } from '@mcpstack/contracts';
import { ConflictError, EventStoreUnavailableError } from '@mcpstack/event-store';
import { Log, ProblemFilter, traced, validationPipe } from '@mcpstack/service-kit';
import { applyDecorators, Controller, Injectable, UseFilters, UsePipes } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { CommandMetrics } from './command-metrics.ts';
import type { Envelope } from './envelope.ts';

/** More commands at once are refused: each holds memory, and one that waits to be final for seconds. */
export const MAX_IN_FLIGHT = 1_000;

/** A controller of commands: validates what arrives, and answers errors with their code. */
export function CommandController(): ClassDecorator {
  return applyDecorators(Controller(), UsePipes(validationPipe()), UseFilters(ProblemFilter));
}

@Injectable()
export class CommandRunner {
  private inFlight = 0;

  constructor(
    private readonly bus: CommandBus,
    private readonly log: Log,
    private readonly metrics: CommandMetrics,
  ) {}

  /** Carries out one command, counts it, and logs that it did: ids only, never the input or the Idempotency-Key. */
  run<Output>(name: CommandName, command: Envelope<Output>): Promise<Output> {
    const fields = { 'mcpstack.command': name, 'mcpstack.request_id': command.requestId };
    return traced(`command ${name}`, { kind: 'server', fields }, () =>
      this.metrics.of(name, () => this.execute(name, command)),
    );
  }

  private async execute<Output>(name: CommandName, command: Envelope<Output>): Promise<Output> {
    if (this.inFlight >= MAX_IN_FLIGHT)
      throw new ProblemError('unavailable', 'Too many commands at once. Repeat the request in a moment.');
    const began = performance.now();
    this.inFlight += 1;
    try {
      return await this.bus.execute(command);
    } catch (error) {
      throw asProblem(error);
    } finally {
      this.inFlight -= 1;
      this.log.info('command handled', {
        requestId: command.requestId,
        commandId: command.commandId,
        command: name,
        actorType: command.actor.type,
        actorId: command.actor.id,
        durationMs: Math.round(performance.now() - began),
      });
    }
  }
}

/** The log's errors as the caller may see them; the filter makes everything that has no code `internal`. */
export function asProblem(cause: unknown): unknown {
  if (cause instanceof EventStoreUnavailableError)
    return new ProblemError('unavailable', 'The event log does not answer. Repeat the request.', { cause });
  if (cause instanceof ConflictError)
    return new ProblemError('conflict', 'Others kept changing the same resource. Repeat the request.', {
      cause,
    });
  return cause;
}
