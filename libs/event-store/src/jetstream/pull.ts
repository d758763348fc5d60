/**
 * Follows the log through an ephemeral consumer, pulling one bounded batch at a time: the next one is
 * asked for when all of the last was handed out, so that a slow reader holds the server back. Whatever
 * disturbs the order ends the pull with PullInterrupted; the caller begins a new one where it stood.
 */
import type { Msg, Subscription } from '@nats-io/transport-node';
import { Deadline } from './deadline.ts';
import type { LogStream } from './log-stream.ts';
import { decodeAppend, type StoredAppend } from './message.ts';

const BATCH_MESSAGES = 256;
/** More than one message of the largest size. */
const BATCH_BYTES = 2 * 1024 * 1024;
const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 1_000;
/** The server forgets a consumer that nobody asked anything for so long. */
const INACTIVE_MS = 5 * 60_000;
const NS_PER_MS = 1e6;

export class PullInterrupted extends Error {
  override readonly name = 'PullInterrupted';
}

export interface PullOptions {
  fromSequence: number;
  /** Subjects to filter by; absent: all. More than one needs a server from 2.10. */
  subjects?: readonly string[];
  batch?: number;
  /** The server is taken for lost when it says nothing, not even a heartbeat, for so long. */
  silenceMs: number;
  signal?: AbortSignal;
}

export class Pull {
  readonly #queue: Msg[] = [];
  readonly #inbox: string;
  #subscription!: Subscription;
  #consumer = '';
  /** Messages that the running request may still bring; 0 when none is running. */
  #outstanding = 0;
  #delivered = 0;
  #broken: string | undefined;
  #wake = () => {};
  #forgetLost = () => {};

  private constructor(
    readonly log: LogStream,
    readonly options: PullOptions,
  ) {
    this.#inbox = log.connection.inbox();
  }

  static async open(log: LogStream, options: PullOptions, deadline: Deadline): Promise<Pull> {
    const pull = new Pull(log, options);
    const config = consumerConfig(options);
    const request = { stream_name: log.name, config };
    const { name } = await log.call<{ name: string }>('CONSUMER.CREATE', request, deadline);
    pull.#consumer = name;
    pull.#subscription = log.connection.nats.subscribe(pull.#inbox, {
      callback: (error, message) => (error ? pull.#interrupt(error.message) : pull.#receive(message)),
    });
    pull.#forgetLost = log.connection.onLost(() => pull.#interrupt('the connection was lost'));
    options.signal?.addEventListener('abort', pull.#abort);
    return pull;
  }

  /** The next append in the order of the log; undefined once the signal aborts. @throws PullInterrupted */
  async next(): Promise<StoredAppend | undefined> {
    while (this.#queue.length === 0) {
      if (this.options.signal?.aborted) return undefined;
      if (this.#broken !== undefined) throw new PullInterrupted(this.#broken);
      if (this.#outstanding === 0) this.#ask();
      await this.#news();
    }
    return this.options.signal?.aborted ? undefined : this.#decode(this.#queue.shift()!);
  }

  /** Forgets the consumer, here and (without waiting) on the server. */
  close(): void {
    this.#forgetLost();
    this.options.signal?.removeEventListener('abort', this.#abort);
    const { connection } = this.log;
    if (connection.closed) return;
    this.#subscription.unsubscribe();
    this.log.call('CONSUMER.DELETE', {}, new Deadline(1_000), `.${this.#consumer}`).catch(() => undefined);
  }

  readonly #abort = () => this.#wake();

  #ask(): void {
    this.#outstanding = this.options.batch ?? BATCH_MESSAGES;
    const request = {
      batch: this.#outstanding,
      max_bytes: BATCH_BYTES,
      expires: EXPIRES_MS * NS_PER_MS,
      idle_heartbeat: HEARTBEAT_MS * NS_PER_MS,
    };
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.log.name}.${this.#consumer}`;
    this.log.connection.nats.publish(subject, JSON.stringify(request), { reply: this.#inbox });
  }

  /** Waits until something arrives, or breaks, or the server was silent for too long. */
  async #news(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#interrupt('the server is silent'), this.options.silenceMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }

  #receive(message: Msg): void {
    const status = message.headers?.code ?? 0;
    if (status === 0) {
      this.#outstanding -= 1;
      this.#queue.push(message);
    } else if (endsRequest(status, message.headers?.description ?? '')) {
      this.#outstanding = 0;
    } else if (status !== 100) {
      this.#interrupt(message.headers?.description || `status ${status}`);
    }
    this.#wake();
  }

  #interrupt(why: string): void {
    this.#broken ??= why;
    this.#wake();
  }

  #decode(message: Msg): StoredAppend {
    const { sequence, delivery } = deliveryOf(message.reply ?? '');
    if (delivery !== this.#delivered + 1) {
      throw new PullInterrupted(`delivery ${delivery} came after ${this.#delivered}`);
    }
    this.#delivered = delivery;
    const header = (name: string) => message.headers?.get(name);
    const stream = this.log.streamOf(message.subject);
    return decodeAppend(stream, sequence, header, () => message.string(), this.log.numbering);
  }
}

/** Whether the running request is over and a new one may follow: it expired, or its bytes were used up. */
function endsRequest(status: number, description: string): boolean {
  return status === 404 || status === 408 || (status === 409 && /maxbytes/i.test(description));
}

/** The stream's and the consumer's sequence, as the reply subject `$JS.ACK.…` spells them. */
function deliveryOf(reply: string): { sequence: number; delivery: number } {
  const parts = reply.split('.');
  // Newer servers put a domain and an account hash in front.
  const at = parts.length > 9 ? 7 : 5;
  return { sequence: Number(parts[at]), delivery: Number(parts[at + 1]) };
}

function consumerConfig({ fromSequence, subjects = [] }: PullOptions) {
  return {
    deliver_policy: 'by_start_sequence',
    opt_start_seq: Math.max(1, fromSequence),
    ack_policy: 'none',
    replay_policy: 'instant',
    inactive_threshold: INACTIVE_MS * NS_PER_MS,
    mem_storage: true,
    num_replicas: 1,
    ...(subjects.length === 1 && { filter_subject: subjects[0] }),
    ...(subjects.length > 1 && { filter_subjects: subjects }),
  };
}
