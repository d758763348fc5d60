/**
 * One inbox for all replies: a single subscription, told apart by the last token of the subject. The messages
 * under way have no timers of their own; whoever owns the inbox looks for those that are too old.
 */
import {
  createInbox,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';

/** A message that waits for its reply. Exactly one of the two is called, once. */
export interface Expected {
  /** When it is too late, on `performance.now()`. */
  deadlineMs: number;
  onReply(message: Msg): void;
  onFailure(why: string): void;
}

const NO_RESPONDERS = 503;

export class Inbox {
  readonly #connection: NatsConnection;
  readonly #subject: string;
  readonly #subscription: Subscription;
  /** By token. One that is not here was not asked for, or is over: its reply is nobody's. */
  readonly #expected = new Map<string, Expected>();
  #last = 0;
  #refusal: string | undefined;

  constructor(connection: NatsConnection, prefix?: string) {
    this.#connection = connection;
    this.#subject = `${createInbox(prefix)}.`;
    this.#subscription = connection.subscribe(`${this.#subject}*`, {
      callback: (error, message) => {
        if (error) this.#refuse(error);
        else this.#receive(message);
      },
    });
  }

  get underWay(): number {
    return this.#expected.size;
  }

  /** Sends. @throws when the connection does not take it; then nothing is expected. */
  send(subject: string, payload: string, expected: Expected, headers?: MsgHdrs): void {
    if (this.#refusal !== undefined) throw new Error(this.#refusal);
    const token = (this.#last += 1).toString(36);
    const reply = this.#subject + token;
    this.#connection.publish(subject, payload, headers ? { reply, headers } : { reply });
    this.#expected.set(token, expected);
  }

  /** Ends what is too old. */
  expire(nowMs: number, why: string): void {
    for (const [token, expected] of this.#expected) {
      if (nowMs < expected.deadlineMs) continue;
      this.#expected.delete(token);
      expected.onFailure(why);
    }
  }

  failAll(why: string): void {
    const all = [...this.#expected.values()];
    this.#expected.clear();
    for (const expected of all) expected.onFailure(why);
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  /** Without its subscription no reply ever comes. */
  #refuse(error: Error): void {
    this.#refusal = `allow this client to subscribe to ${this.#subject}*, or set inboxPrefix (${error.message})`;
    this.failAll(this.#refusal);
  }

  #receive(message: Msg): void {
    const token = message.subject.slice(this.#subject.length);
    const expected = this.#expected.get(token);
    if (!expected) return;
    this.#expected.delete(token);
    if (message.data.length === 0 && message.headers?.code === NO_RESPONDERS)
      expected.onFailure('no authorizer is there');
    else expected.onReply(message);
  }
}
