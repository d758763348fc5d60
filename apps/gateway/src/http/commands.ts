/** Forwards a request to issuance as a command. */
import type { CommandContracts, CommandName } from '@mcpstack/contracts';
import { CommandClient } from '@mcpstack/service-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { actorOf, callerOf } from '../auth/caller.ts';
import { commandIdOf, idempotencyKeyOf, requestDigest } from './idempotency.ts';

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
  ): Promise<CommandContracts[Name]['output']> {
    const actor = actorOf(callerOf(request));
    const idempotencyKey = idempotencyKeyOf(request);
    const route = `${request.method} ${request.routeOptions.url}`;
    const targets = Object.values(request.params as Record<string, string>);
    return this.client.send(name, {
      commandId: commandIdOf({ actor, route, targets }, idempotencyKey),
      requestId: request.id,
      actor,
      requestDigest: requestDigest(name, input),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      input,
    });
  }
}
