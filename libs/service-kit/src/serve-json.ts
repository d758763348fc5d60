/** Answers plain JSON requests on a subject, many at a time, and waits for all of them when it closes. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { Log } from './log.ts';

/** How long the last answers may take on their way out. */
const FLUSH_TIMEOUT_MS = 500;

export interface Served {
  /** Takes no more, answers what was taken. */
  close(): Promise<void>;
}

/** @param queue of the processes that share the work; without one, each that serves answers. */
export function serveJson(
  nats: NatsConnection,
  log: Log,
  subject: string,
  handle: (request: unknown) => Promise<object>,
  { queue }: { queue?: string } = {},
): Served {
  const subscription = nats.subscribe(subject, queue === undefined ? {} : { queue });
  const underWay = new Set<Promise<void>>();
  const answer = async (message: Msg): Promise<void> => {
    try {
      const reply = await handle(parse(message));
      message.respond(JSON.stringify(reply));
    } catch (error) {
      log.error('a request was not answered', { err: error, code: subject });
    }
  };
  const take = async (): Promise<void> => {
    for await (const message of subscription) {
      const task = answer(message).finally(() => underWay.delete(task));
      underWay.add(task);
    }
  };
  const taking = take().catch((error: unknown) =>
    log.error('a subscription ended', { err: error, code: subject }),
  );
  return {
    async close() {
      if (!nats.isClosed()) subscription.unsubscribe();
      await taking;
      await Promise.allSettled(underWay);
      const bound = delay(FLUSH_TIMEOUT_MS, undefined, { ref: false });
      await Promise.race([nats.flush().catch(() => undefined), bound]);
    },
  };
}

function parse(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}
