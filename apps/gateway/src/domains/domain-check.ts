/** Asks the scheduler to look for a domain's proof now: it alone reaches the outside. */
import { CHECK_DOMAIN_SUBJECT, type CheckDomainReply, type CheckDomainRequest } from '@mcpstack/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import { unavailable } from '../http/problem-response.ts';

/** The scheduler answers within 15 seconds. */
const CHECK_TIMEOUT_MS = 16_000;

export class DomainCheck {
  constructor(
    private readonly nats: NatsConnection,
    private readonly timeoutMs = CHECK_TIMEOUT_MS,
  ) {}

  /** @throws HttpProblem `unavailable` when nobody answers in time, or not with an answer of the contract. */
  async look(request: CheckDomainRequest): Promise<CheckDomainReply> {
    try {
      const message = await this.nats.request(CHECK_DOMAIN_SUBJECT, JSON.stringify(request), {
        timeout: this.timeoutMs,
      });
      return message.json<CheckDomainReply>();
    } catch (cause) {
      throw unavailable('Domains cannot be checked now. Repeat the request in a moment.', cause);
    }
  }
}
