/**
 * Asks questions: while nothing is under way, at once, with whatever is asked in the same tick; those that come while
 * some are under way gather, and go out together. A service that is busy so pays for a message once in many checks, and
 * one that is idle never waits.
 */
import { VERIFY_BATCH_SUBJECT, VERIFY_SUBJECT, type VerifyReply } from '@mcpstack/contracts';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { Inbox } from './inbox.ts';
import { readReplies, readReply, unavailable } from './replies.ts';
import { traceHeadersOf } from './trace-context.ts';

/** A question to be asked. */
export interface Asked {
  /** As JSON. */
  text: string;
  /** Goes alone, because its answer may take long. */
  isSlow: boolean;
  /** When it must be answered. */
  deadlineMs: number;
  /** Of the trace that it is asked in, if any. */
  trace: string | undefined;
  /** When it was handed to the connection; `Infinity` until then. */
  sentAtMs: number;
  /** Called once. */
  onReply(reply: VerifyReply): void;
}

/** With so many messages under way others gather. More keep the authorizers busier, and make batches smaller. */
const MAX_MESSAGES = 4;
/** The longest reply (a scope of a hundred ids, twenty limits) has 5.9 KB: those to so many fit in NATS' 1 MiB. */
const MAX_PER_MESSAGE = 160;
/** UTF-16 units; at most three bytes each. */
const MAX_TEXT_LENGTH = 160 * 1_024;

export class Asker {
  readonly #inbox: Inbox;
  readonly #timeoutMs: number;
  #queue: Asked[] = [];
  /** Messages under way that others wait for. */
  #busy = 0;
  #isScheduled = false;
  #isConnected: boolean;
  #closed: string | undefined;
  #messages = 0;

  constructor(
    connection: NatsConnection,
    { timeoutMs, inboxPrefix }: { timeoutMs: number; inboxPrefix?: string | undefined },
  ) {
    this.#inbox = new Inbox(connection, inboxPrefix);
    this.#timeoutMs = timeoutMs;
    this.#isConnected = connection.info !== undefined;
  }

  /** Messages that were sent. */
  get messages(): number {
    return this.#messages;
  }
  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#inbox.underWay === 0;
  }

  ask(asked: Asked): void {
    if (this.#closed !== undefined) return asked.onReply(unavailable(this.#closed));
    if (asked.isSlow && this.#isConnected) return this.#send([asked]);
    this.#queue.push(asked);
    if (this.#busy < MAX_MESSAGES) this.#schedule();
  }

  /** To be called every few milliseconds while anything waits. */
  tick(nowMs: number): void {
    const why = `no answer within ${this.#timeoutMs} ms`;
    this.#inbox.expire(nowMs, why);
    if (this.#queue.some(({ deadlineMs }) => deadlineMs <= nowMs)) {
      const late = this.#queue.filter(({ deadlineMs }) => deadlineMs <= nowMs);
      this.#queue = this.#queue.filter(({ deadlineMs }) => deadlineMs > nowMs);
      for (const asked of late) asked.onReply(unavailable(this.#isConnected ? why : 'NATS is not connected'));
    }
    // Messages that nobody answers must not hold up the others, which may reach a better authorizer.
    this.#flush(true);
  }

  /** What is under way is lost; what comes waits for the connection, as long as it may. */
  disconnected(): void {
    this.#isConnected = false;
    this.#inbox.failAll('the connection to NATS was lost');
  }
  reconnected(): void {
    this.#isConnected = true;
    this.#flush(true);
  }
  /** Ends what is under way, for instance because NATS does not allow it. */
  fail(why: string): void {
    this.#inbox.failAll(why);
  }
  /** Nothing is asked any more. */
  close(why: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = why;
    this.#inbox.failAll(why);
    for (const asked of this.#queue.splice(0)) asked.onReply(unavailable(why));
    this.#inbox.close();
  }

  /**
   * What goes together: everything that this turn of the event loop brings; where nothing is under way to wait for, all
   * that goes on from the same event, such as the checks that follow those of one reply.
   */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const flush = (): void => {
      this.#isScheduled = false;
      this.#flush(false);
    };
    if (this.#busy === 0) process.nextTick(flush);
    else setImmediate(flush);
  }

  #flush(isOverdue: boolean): void {
    while (this.#isConnected && this.#queue.length > 0 && (isOverdue || this.#busy < MAX_MESSAGES)) {
      let count = 0;
      let length = 0;
      for (const { text, isSlow } of this.#queue) {
        length += text.length;
        if (count > 0 && (isSlow || length > MAX_TEXT_LENGTH)) break;
        count += 1;
        if (isSlow || count === MAX_PER_MESSAGE) break;
      }
      this.#send(this.#queue.splice(0, count));
    }
  }

  #send(batch: Asked[]): void {
    const isSlow = batch[0]!.isSlow;
    const isSingle = batch.length === 1;
    const payload = isSingle ? batch[0]!.text : `{"requests":[${batch.map(({ text }) => text).join(',')}]}`;
    let deadlineMs = Infinity;
    // Before it is handed on: what the answer is reused for is counted from here (G3).
    const sentAtMs = performance.now();
    for (const asked of batch) {
      asked.sentAtMs = sentAtMs;
      if (asked.deadlineMs < deadlineMs) deadlineMs = asked.deadlineMs;
    }
    const settle = (replies: readonly VerifyReply[]): void => {
      if (!isSlow) this.#busy -= 1;
      for (let index = 0; index < batch.length; index += 1) batch[index]!.onReply(replies[index]!);
      if (this.#queue.length > 0) this.#schedule();
    };
    const onFailure = (why: string): void => settle(batch.map(() => unavailable(why)));
    const onReply = (message: Msg): void => {
      const value = parse(message);
      settle(isSingle ? [readReply(value)] : readReplies(value, batch.length));
    };
    if (!isSlow) this.#busy += 1;
    try {
      const subject = isSingle ? VERIFY_SUBJECT : VERIFY_BATCH_SUBJECT;
      this.#inbox.send(subject, payload, { deadlineMs, onReply, onFailure }, traceHeadersOf(batch));
      this.#messages += 1;
    } catch (error) {
      onFailure(`NATS did not take the question: ${(error as Error).message}`);
    }
  }
}

function parse(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}
