/** Verify over the NATS services protocol: plain JSON in and out, discoverable with `nats micro ls`. */
import { setTimeout as delay } from 'node:timers/promises';
import { QUEUE_GROUPS, VERIFY_SUBJECT } from '@mcpstack/contracts';
import { Svcm, type Service, type ServiceMsg } from '@nats-io/services';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Verifier } from './verifier.ts';

/** Longer than any verify takes. */
const DRAIN_TIMEOUT_MS = 3_000;

export interface VerifyService {
  /** Takes no more, answers what was taken. */
  stop(): Promise<void>;
}

export async function serveVerify(
  nats: NatsConnection,
  verifier: Verifier,
  onError: (error: unknown) => void,
): Promise<VerifyService> {
  const service: Service = await new Svcm(nats).add({
    name: 'mcpstack-authorizer',
    version: '1.0.0',
    description: 'Answers whether a key may do something now.',
    queue: QUEUE_GROUPS.authorizer,
  });
  const answer = async (message: ServiceMsg): Promise<void> => {
    message.respond(JSON.stringify(await verifier.verify(message.data)));
  };
  const underWay = new Set<Promise<void>>();
  service.addEndpoint('verify', {
    subject: VERIFY_SUBJECT,
    handler: (error, message) => {
      if (error) return onError(error);
      const task = answer(message)
        .catch(onError)
        .finally(() => underWay.delete(task));
      underWay.add(task);
    },
  });
  return {
    async stop() {
      // Stopping drains the subscriptions: what the server has sent us is still handed to the handler.
      // Without a server nothing comes any more, and the drain would wait for it.
      const bound = delay(DRAIN_TIMEOUT_MS, undefined, { ref: false });
      await Promise.race([service.stop(), bound]);
      await Promise.allSettled(underWay);
      await Promise.race([nats.flush().catch(() => undefined), bound]);
    },
  };
}
