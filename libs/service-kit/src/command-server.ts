/** The receiving end of commands: Nest's NATS transport, drained in order when the process stops. */
import { ProblemError, toWireProblem, TRACEPARENT } from '@mcpstack/contracts';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ServerNats } from '@nestjs/microservices';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { throwError, type Observable } from 'rxjs';
import { natsOptions } from './nats.ts';
import type { NatsPlace } from './places.ts';
import { Log } from './log.ts';
import { insideOf, isTracing } from './tracing.ts';

const DRAIN_TIMEOUT_MS = 15_000;

/**
 * Nest's own graceful shutdown sleeps for a fixed time and then cuts what still runs. This one stops
 * taking, waits until every command that was taken has been answered (bounded), and then closes.
 */
export class DrainingNatsServer extends ServerNats {
  private inFlight = 0;
  private idle: (() => void) | undefined;

  constructor(place: NatsPlace | string, name: string, queue: string) {
    super({ ...natsOptions(place, name), queue });
  }

  override getMessageHandler(channel: string): (error: object | undefined, message: Msg) => Promise<void> {
    const handle = super.getMessageHandler(channel) as (
      error: object | undefined,
      message: Msg,
    ) => Promise<void>;
    return async (error, message) => {
      this.inFlight += 1;
      try {
        if (isTracing()) await insideOf(message.headers?.get(TRACEPARENT), () => handle(error, message));
        else await handle(error, message);
      } finally {
        this.inFlight -= 1;
        if (this.inFlight === 0) this.idle?.();
      }
    };
  }

  /** Listening once the server knows every subscription: before that a command would find nobody. */
  override start(callback: (error?: unknown) => void): void {
    const { natsClient } = this as unknown as { natsClient: NatsConnection };
    this.bindEvents(natsClient);
    natsClient.flush().then(() => callback(), callback);
  }

  override async close(): Promise<void> {
    const { natsClient, subscriptions } = this as unknown as {
      natsClient: NatsConnection | null;
      subscriptions: Subscription[];
    };
    if (!natsClient || natsClient.isClosed()) return;
    await Promise.race([this.drain(subscriptions), timeout(DRAIN_TIMEOUT_MS)]);
    await Promise.race([natsClient.flush().catch(() => undefined), timeout(1_000)]);
    await super.close();
  }

  private async drain(subscriptions: readonly Subscription[]): Promise<void> {
    await Promise.allSettled(subscriptions.map((subscription) => subscription.drain()));
    if (this.inFlight > 0) await new Promise<void>((resolve) => (this.idle = resolve));
  }
}

function timeout(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** Errors keep their code across the wire. What nobody expected becomes `internal`, without its text. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> {
    const data: unknown = host.switchToRpc().getData();
    const requestId = (data as { requestId?: unknown } | null)?.requestId;
    const known = typeof requestId === 'string' ? { requestId } : {};
    if (error instanceof ProblemError) {
      this.log.info('command refused', { ...known, code: error.code });
      return throwError(() => toWireProblem(error));
    }
    this.log.error('command failed', { ...known, err: error });
    return throwError(() => toWireProblem(new ProblemError('internal', 'Something went wrong on our side.')));
  }
}
