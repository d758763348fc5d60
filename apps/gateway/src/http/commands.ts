/** Forwards a request to issuance as a command. */
import { ProblemError, type CommandContracts, type CommandName } from '@mcpstack/contracts';
import { CommandClient } from '@mcpstack/service-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { actorOf, callerOf } from '../auth/caller.ts';
import { commandIdOf, idempotencyKeyOf, requestDigest } from './idempotency.ts';

export interface SendOptions {
  /** Where it must be known beforehand, or several commands make up one request. */
  commandId?: string;
  /** What the caller asked for, where the input holds what was found out besides: it tells a retry from another request. */
  asked?: unknown;
}

@Injectable()
export class Commands {
  constructor(private readonly client: CommandClient) {}

  /**
   * Sends the command that this request asks for, in the name of its caller.
   * @throws ProblemError as issuance gave it, or `unavailable`.
   */
  async send<Name extends CommandName>(
    name: Name,
    request: FastifyRequest,
    input: CommandContracts[Name]['input'],
    { commandId = this.idOf(request), asked = input }: SendOptions = {},
  ): Promise<CommandContracts[Name]['output']> {
    const idempotencyKey = idempotencyKeyOf(request);
    const envelope = {
      commandId,
      requestId: request.id,
      actor: actorOf(callerOf(request)),
      requestDigest: requestDigest(name, asked),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      input,
    };
    try {
      return await this.client.send(name, envelope);
    } catch (error) {
      throw error instanceof ProblemError ? withCallersFields(error) : error;
    }
  }

  /** The id of the command that this request asks for: the same for every retry with one Idempotency-Key. */
  idOf(request: FastifyRequest): string {
    const actor = actorOf(callerOf(request));
    const route = `${request.method} ${request.routeOptions.url}`;
    const targets = Object.values(request.params as Record<string, string>);
    return commandIdOf({ actor, route, targets }, idempotencyKeyOf(request));
  }
}

/** Issuance names a field of its command, `input.name`; the caller sent a body with a field `name`. */
function withCallersFields(problem: ProblemError): ProblemError {
  const { code, message, errors, permission, rule } = problem;
  if (!errors?.some(({ field }) => field.startsWith('input.'))) return problem;
  return new ProblemError(code, message.replace(/^input\./, ''), {
    errors: errors.map((one) => ({ ...one, field: one.field.replace(/^input\./, '') })),
    ...(permission !== undefined && { permission }),
    ...(rule !== undefined && { rule }),
    cause: problem,
  });
}
