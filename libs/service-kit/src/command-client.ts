/** The sending end of commands: Nest's NATS transport with a deadline and errors that keep their code. */
import {
  COMMAND_SUBJECTS,
  fromWireProblem,
  ProblemError,
  PROBLEMS,
  type CommandContracts,
  type CommandEnvelope,
  type CommandName,
} from '@mcpstack/contracts';
import { ClientNats, NatsRecordBuilder } from '@nestjs/microservices';
import { firstValueFrom, timeout, TimeoutError } from 'rxjs';
import { natsOptions } from './nats.ts';
import type { NatsPlace } from './places.ts';
import { rootOf, traced, traceHeaders } from './tracing.ts';

/** Longer than issuance takes at most to answer "recorded, not yet final". */
export const COMMAND_TIMEOUT_MS = 15_000;

export class CommandClient {
  private readonly client: ClientNats;

  constructor(place: NatsPlace | string, name: string) {
    this.client = new ClientNats({ ...natsOptions(place, name) });
  }

  async connect(): Promise<void> {
    await this.client.connect();
  }

  /**
   * Sends one command and answers its output.
   * @throws ProblemError with the code that issuance gave; `unavailable` when nobody answers in time, in
   *   which case the command may have been carried out: send the same command id again.
   */
  async send<Name extends CommandName>(
    name: Name,
    envelope: CommandEnvelope<CommandContracts[Name]['input']>,
    { timeoutMs = COMMAND_TIMEOUT_MS }: { timeoutMs?: number } = {},
  ): Promise<CommandContracts[Name]['output']> {
    const subject = COMMAND_SUBJECTS[name];
    const parent = rootOf(envelope.requestId, envelope.actor);
    const fields = { 'messaging.destination.name': subject, 'mcpstack.command': name };
    return traced(`send ${name}`, { kind: 'client', parent, fields }, async ({ place }) => {
      const headers = traceHeaders(place);
      const sent = headers ? new NatsRecordBuilder(envelope).setHeaders(headers).build() : envelope;
      try {
        const answers = this.client.send<CommandContracts[Name]['output']>(subject, sent);
        return await firstValueFrom(answers.pipe(timeout(timeoutMs)));
      } catch (error) {
        throw asProblem(error);
      }
    });
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}

function asProblem(error: unknown): ProblemError {
  const code = (error as { code?: unknown } | null)?.code;
  if (error instanceof TimeoutError) {
    return new ProblemError('unavailable', 'The command was not answered in time. Repeat the request.', {
      cause: error,
    });
  }
  if (!(error instanceof Error) && typeof code === 'string' && code in PROBLEMS)
    return fromWireProblem(error);
  // No responders, a lost connection, a closed client: nobody took the command.
  return new ProblemError('unavailable', 'Issuance does not answer. Repeat the request in a moment.', {
    cause: error,
  });
}
