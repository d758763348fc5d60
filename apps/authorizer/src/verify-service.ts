/** Verify, explain and identify over the NATS services protocol: plain JSON, discoverable with `nats micro ls`. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  EXPLAIN_SUBJECT,
  IDENTIFY_SUBJECT,
  QUEUE_GROUPS,
  VERIFY_BATCH_SUBJECT,
  VERIFY_SUBJECT,
} from '@mcpstack/contracts';
import { Svcm, type Service, type ServiceMsg } from '@nats-io/services';
import type { NatsConnection } from '@nats-io/transport-node';
import { isTracing } from '@mcpstack/service-kit';
import type { Explainer } from './explainer.ts';
import type { Identifier } from './identifier.ts';
import { callersOf, traceChecks } from './traces.ts';
import type { Verifier } from './verifier.ts';

/** Longer than any verify takes. */
const DRAIN_TIMEOUT_MS = 3_000;

const TOO_LONG = JSON.stringify({
  code: 'UNAVAILABLE',
  message: 'the replies are longer than a message may be: send fewer requests in one',
});

export interface VerifyService {
  /** Takes no more, answers what was taken. */
  stop(): Promise<void>;
}

export interface Answering {
  verifier: Verifier;
  explainer: Explainer;
  identifier: Identifier;
}

export async function serveVerify(
  nats: NatsConnection,
  { verifier, explainer, identifier }: Answering,
  onError: (error: unknown) => void,
): Promise<VerifyService> {
  const service: Service = await new Svcm(nats).add({
    name: 'mcpstack-authorizer',
    version: '1.0.0',
    description: 'Answers whether a key may do something now.',
    queue: QUEUE_GROUPS.authorizer,
  });
  const underWay = new Set<Promise<void>>();
  const add = (name: string, subject: string, answer: (bytes: Uint8Array) => Promise<string>): void => {
    const respond = async (message: ServiceMsg): Promise<void> => {
      const callers = isTracing() ? callersOf(message.headers) : undefined;
      const beganMs = callers && performance.now();
      const reply = await answer(message.data);
      const isTooLong = Buffer.byteLength(reply) > (nats.info?.max_payload ?? Infinity);
      message.respond(isTooLong ? TOO_LONG : reply);
      if (callers) traceChecks(name, subject, { callers, reply, durationMs: performance.now() - beganMs! });
    };
    service.addEndpoint(name, {
      subject,
      handler: (error, message) => {
        if (error) return onError(error);
        const task = respond(message)
          .catch(onError)
          .finally(() => underWay.delete(task));
        underWay.add(task);
      },
    });
  };
  add('verify', VERIFY_SUBJECT, (bytes) => verifier.verify(bytes));
  add('verify-batch', VERIFY_BATCH_SUBJECT, (bytes) => verifier.verifyBatch(bytes));
  add('explain', EXPLAIN_SUBJECT, async (bytes) => JSON.stringify(await explainer.explain(bytes)));
  add('identify', IDENTIFY_SUBJECT, async (bytes) => JSON.stringify(await identifier.identify(bytes)));
  // Whoever is told that we are ready finds us: the server knows of the subscriptions once it answers this.
  await nats.flush();
  return {
    async stop() {
      // Stopping drains the subscriptions: what the server has sent us is still handed to the handler.
      // Without a server nothing comes any more, and the drain would wait for it.
      const bound = delay(DRAIN_TIMEOUT_MS, undefined, { ref: false });
      await Promise.race([service.stop(), bound]);
      await Promise.allSettled(underWay);
      // What was too late to be answered may tell of uses all the same.
      await Promise.race([verifier.drained(), bound]);
      await Promise.race([nats.flush().catch(() => undefined), bound]);
    },
  };
}
