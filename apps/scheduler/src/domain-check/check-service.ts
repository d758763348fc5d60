/** Checks of domains on demand, over NATS: somebody has set the record and does not want to wait for a round. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  CHECK_DOMAIN_SUBJECT,
  isId,
  QUEUE_GROUPS,
  type CheckDomainReply,
  type CheckDomainRequest,
} from '@mcpstack/contracts';
import type { ReadModels } from '@mcpstack/read-models';
import type { Log } from '@mcpstack/service-kit';
import { Svcm, type Service, type ServiceMsg } from '@nats-io/services';
import type { NatsConnection } from '@nats-io/transport-node';
import { Slots } from '../slots.ts';
import { trusted } from '../trusted.ts';
import type { CheckedDomain, DomainChecks } from './domain-checks.ts';
import type { LastLooks } from './last-looks.ts';
import type { Rounds } from './rounds.ts';

const AT_ONCE = 8;
const MOST_WAITING = 8;
const MOST_REQUEST_BYTES = 2_048;
const DRAIN_TIMEOUT_MS = 3_000;

export interface CheckServiceOptions {
  models: Pick<ReadModels, 'getAgent'>;
  checks: Pick<DomainChecks, 'check'>;
  looks: Pick<LastLooks, 'note'>;
  rounds: Pick<Rounds, 'forget'>;
  log: Log;
  nowMs?: () => number;
}

export interface CheckService {
  /** Takes no more, answers what was taken. */
  stop(): Promise<void>;
}

/** Serves `CHECK_DOMAIN_SUBJECT` through the services protocol. */
export async function serveChecks(nats: NatsConnection, options: CheckServiceOptions): Promise<CheckService> {
  const { log } = options;
  const demand = new ChecksOnDemand(options);
  const service: Service = await new Svcm(nats).add({
    name: 'mcpstack-scheduler',
    version: '1.0.0',
    description: 'Looks for the proof of a domain now.',
    queue: QUEUE_GROUPS.scheduler,
  });
  const onError = (error: unknown): void => log.error('a domain check was not answered', { err: error });
  const underWay = new Set<Promise<void>>();
  const answer = async (message: ServiceMsg): Promise<void> => {
    message.respond(JSON.stringify(await demand.answer(message.data)));
  };
  service.addEndpoint('check', {
    subject: CHECK_DOMAIN_SUBJECT,
    handler: (error, message) => {
      if (error) return onError(error);
      const task = answer(message)
        .catch(onError)
        .finally(() => underWay.delete(task));
      underWay.add(task);
    },
  });
  // Served once the server knows of it: whoever is told that we are ready is answered.
  await nats.flush();
  return {
    async stop() {
      // Stopping drains: what the server has sent is still handled. Without a server the drain would wait for it.
      await Promise.race([service.stop(), delay(DRAIN_TIMEOUT_MS, undefined, { ref: false })]);
      await Promise.allSettled(underWay);
      const bound = delay(DRAIN_TIMEOUT_MS, undefined, { ref: false });
      await Promise.race([nats.flush().catch(() => undefined), bound]);
    },
  };
}

export class ChecksOnDemand {
  readonly #options: CheckServiceOptions;
  readonly #slots = new Slots(AT_ONCE, MOST_WAITING);
  /** One look at a domain serves all who ask for it meanwhile. */
  readonly #underWay = new Map<string, Promise<CheckDomainReply>>();

  constructor(options: CheckServiceOptions) {
    this.#options = options;
  }

  /** Answers one request. Never rejects. */
  async answer(bytes: Uint8Array): Promise<CheckDomainReply> {
    const request = parseRequest(bytes);
    if (!request) return { problem: 'not-found' };
    const { organizationId, agentId, domainId } = request;
    const what = [organizationId, agentId, domainId].join('/');
    const current = this.#underWay.get(what);
    if (current) return current;
    const reply = this.#slots
      .run(() => this.#check(request))
      .catch((error: unknown): CheckDomainReply => {
        const { log } = this.#options;
        log.warn('a domain check failed', {
          requestId: request.requestId,
          orgId: organizationId,
          err: error,
        });
        const isGone = (error as { code?: unknown }).code === 'not-found';
        return { problem: isGone ? 'not-found' : 'unavailable' };
      })
      .finally(() => this.#underWay.delete(what));
    this.#underWay.set(what, reply);
    return reply;
  }

  async #check(request: CheckDomainRequest): Promise<CheckDomainReply> {
    const { models, checks, nowMs = Date.now } = this.#options;
    const { organizationId, agentId, domainId, requestId } = request;
    const reading = await models.getAgent(organizationId, agentId);
    const agent = trusted(reading);
    const domain = agent?.state === 'active' ? agent.domains.find(({ id }) => id === domainId) : undefined;
    if (!domain) return { problem: 'not-found' };
    const checked = await checks.check(domain, { requestId });
    await this.#note(checked, nowMs());
    return {
      domain: checked.domain,
      position: checked.position ?? reading.position,
      found: checked.found,
    };
  }

  /** The rounds count it as a look. Whoever asked is answered even if that cannot be written down. */
  async #note({ domain, isUnfinished }: CheckedDomain, lookedAtMs: number): Promise<void> {
    const { looks, rounds, log } = this.#options;
    await looks
      .note(domain.id, isUnfinished ? undefined : lookedAtMs)
      .catch((error: unknown) => log.warn('a look was not written down', { err: error }));
    if (isUnfinished) rounds.forget(domain);
  }
}

function parseRequest(bytes: Uint8Array): CheckDomainRequest | undefined {
  if (bytes.length > MOST_REQUEST_BYTES) return undefined;
  try {
    const request = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as CheckDomainRequest;
    const { organizationId, agentId, domainId, requestId } = request;
    const isWhole =
      isId('organization', organizationId) &&
      isId('agent', agentId) &&
      isId('domain', domainId) &&
      typeof requestId === 'string' &&
      /^[!-~]{1,128}$/.test(requestId);
    return isWhole ? request : undefined;
  } catch {
    return undefined;
  }
}
