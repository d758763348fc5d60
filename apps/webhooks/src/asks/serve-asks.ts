/** What the gateway asks of the active process. */
import { WEBHOOK_SUBJECTS } from '@mcpstack/contracts';
import { serveJson, type Log } from '@mcpstack/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Asks } from './asks.ts';

export interface ServedAsks {
  close(): Promise<void>;
}

export function serveAsks(nats: NatsConnection, log: Log, asks: Asks): ServedAsks {
  const served = [
    serveJson(nats, log, WEBHOOK_SUBJECTS.test, (request) => asks.test(request)),
    serveJson(nats, log, WEBHOOK_SUBJECTS.replay, (request) => asks.replay(request)),
    serveJson(nats, log, WEBHOOK_SUBJECTS.deliveries, (request) => asks.deliveries(request)),
  ];
  return {
    async close() {
      await Promise.all(served.map((one) => one.close()));
    },
  };
}
