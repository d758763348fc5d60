/** Asks the webhooks service: it alone reaches receivers, and knows how far each has been told. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  ProblemError,
  WEBHOOK_SUBJECTS,
  type CheckWebhookUrlReply,
  type CheckWebhookUrlRequest,
  type ReplayWebhookReply,
  type ReplayWebhookRequest,
  type TestWebhookReply,
  type TestWebhookRequest,
  type WebhookAskProblem,
  type WebhookDeliveriesReply,
  type WebhookDeliveriesRequest,
} from '@mcpstack/contracts';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import { fieldProblem, HttpProblem, unavailable } from '../http/problem-response.ts';

/** A receiver may take 15 seconds to answer a test. */
const ASK_TIMEOUT_MS = 17_000;
/** When the active process has died, a standby answers after so long. */
const TAKE_OVER_MS = 5_000;
const AGAIN_MS = 100;

export class WebhookAsks {
  constructor(
    private readonly nats: NatsConnection,
    private readonly timeoutMs = ASK_TIMEOUT_MS,
    private readonly takeOverMs = TAKE_OVER_MS,
  ) {}

  /** @throws ProblemError `validation-failed` for a URL that nothing is sent to. */
  async refuseBadUrl(url: string): Promise<void> {
    const { problem } = await this.ask<CheckWebhookUrlRequest, CheckWebhookUrlReply>('checkUrl', { url });
    if (problem !== undefined) throw fieldProblem('url', problem);
  }

  async test(request: TestWebhookRequest): Promise<NonNullable<TestWebhookReply['attempt']>> {
    const { attempt, problem } = await this.ask<TestWebhookRequest, TestWebhookReply>('test', request);
    if (!attempt) throw asProblem(problem);
    return attempt;
  }

  async replay(request: ReplayWebhookRequest): Promise<NonNullable<ReplayWebhookReply['progress']>> {
    const { progress, problem } = await this.ask<ReplayWebhookRequest, ReplayWebhookReply>('replay', request);
    if (!progress) throw asProblem(problem);
    return progress;
  }

  async deliveries(
    request: WebhookDeliveriesRequest,
  ): Promise<Required<Omit<WebhookDeliveriesReply, 'problem'>>> {
    const reply = await this.ask<WebhookDeliveriesRequest, WebhookDeliveriesReply>('deliveries', request);
    const { progress, attempts, problem } = reply;
    if (!progress || !attempts) throw asProblem(problem);
    return { progress, attempts };
  }

  private async ask<Request, Reply>(name: keyof typeof WEBHOOK_SUBJECTS, request: Request): Promise<Reply> {
    const began = performance.now();
    for (;;) {
      try {
        const message = await this.nats.request(WEBHOOK_SUBJECTS[name], JSON.stringify(request), {
          timeout: this.timeoutMs,
        });
        return message.json<Reply>();
      } catch (cause) {
        const isNobody = cause instanceof errors.RequestError && cause.isNoResponders();
        if (!isNobody || performance.now() - began > this.takeOverMs) throw notNow(cause);
        await delay(AGAIN_MS);
      }
    }
  }
}

function notNow(cause?: unknown): ProblemError {
  return unavailable('The webhooks service does not answer. Repeat the request in a moment.', cause);
}

export function noWebhook(): ProblemError {
  return new ProblemError('not-found', 'There is no such webhook in this organization.');
}

function asProblem(problem: WebhookAskProblem | undefined): ProblemError {
  switch (problem) {
    case 'not-found':
      return noWebhook();
    case 'not-active':
      return new ProblemError('conflict', 'The webhook is disabled: enable it first.');
    case 'bad-position':
      return fieldProblem(
        'position',
        'must not lie ahead of what was delivered: a replay goes back, and skips nothing. `deliveries` says how far that is',
      );
    case 'busy':
      return new HttpProblem(
        'too-many-requests',
        'Too many tests are under way: wait for the answer of another one.',
        { 'Retry-After': '1' },
      );
    case 'unavailable':
    case undefined:
      return notNow();
    default:
      return problem satisfies never;
  }
}
