/** Where commands arrive: one subject each, validated, handed to the CommandBus, errors given their code. */
import {
  COMMAND_SUBJECTS,
  ProblemError,
  type CreateKeyOutput,
  type CreateOrganizationOutput,
  type RenameKeyOutput,
  type RevokeKeyOutput,
} from '@mcpstack/contracts';
import { ConflictError, EventStoreUnavailableError } from '@mcpstack/event-store';
import { Log, ProblemFilter, validationPipe } from '@mcpstack/service-kit';
import { Controller, UseFilters, UsePipes } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { Envelope } from './envelope.ts';
import { CreateKeyCommand, RenameKeyCommand, RevokeKeyCommand } from './key/commands.ts';
import { CreateOrganizationCommand } from './organization/commands.ts';

/** More commands at once are refused: each holds memory, and one that waits to be final for seconds. */
export const MAX_IN_FLIGHT = 1_000;

@Controller()
@UsePipes(validationPipe())
@UseFilters(ProblemFilter)
export class CommandsController {
  private inFlight = 0;

  constructor(
    private readonly bus: CommandBus,
    private readonly log: Log,
  ) {}

  @MessagePattern(COMMAND_SUBJECTS.createOrganization)
  createOrganization(@Payload() command: CreateOrganizationCommand): Promise<CreateOrganizationOutput> {
    return this.run('createOrganization', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.createKey)
  createKey(@Payload() command: CreateKeyCommand): Promise<CreateKeyOutput> {
    return this.run('createKey', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.renameKey)
  renameKey(@Payload() command: RenameKeyCommand): Promise<RenameKeyOutput> {
    return this.run('renameKey', command);
  }

  @MessagePattern(COMMAND_SUBJECTS.revokeKey)
  revokeKey(@Payload() command: RevokeKeyCommand): Promise<RevokeKeyOutput> {
    return this.run('revokeKey', command);
  }

  /** Carries out one command and logs that it did: ids only, never the input or the Idempotency-Key. */
  private async run<Output>(name: string, command: Envelope<Output>): Promise<Output> {
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
function asProblem(cause: unknown): unknown {
  if (cause instanceof EventStoreUnavailableError)
    return new ProblemError('unavailable', 'The event log does not answer. Repeat the request.', { cause });
  if (cause instanceof ConflictError)
    return new ProblemError('conflict', 'Others kept changing the same resource. Repeat the request.', {
      cause,
    });
  return cause;
}
