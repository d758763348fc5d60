/** The other side of the SDK, scripted: it speaks the verify protocol over real NATS, when and as a spec says. */
import {
  CHANGED_SUBJECT,
  VERIFY_BATCH_SUBJECT,
  VERIFY_SUBJECT,
  type VerifyReply,
  type VerifyRequest,
} from '@mcpstack/contracts';
import { connect, type Msg, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';

/** One message that came, with one question or many. */
export interface Received {
  isBatch: boolean;
  requests: VerifyRequest[];
  /** As it came. */
  text: string;
  atMs: number;
  /** Answers it with these replies, in order. */
  reply: (replies: readonly unknown[]) => void;
  /** Answers it with whatever this is. */
  replyText: (text: string) => void;
}

export class Responder {
  /** All that came, in order. */
  readonly received: Received[] = [];
  /** What it does with a message; `undefined` leaves it to the spec. */
  onMessage: ((received: Received) => void) | undefined;
  readonly #nats: NatsConnection;
  #waiting: (() => void)[] = [];

  private constructor(nats: NatsConnection) {
    this.#nats = nats;
    for (const subject of [VERIFY_SUBJECT, VERIFY_BATCH_SUBJECT])
      nats.subscribe(subject, { callback: (_, message) => this.#take(message) });
  }

  static async start(nats: NodeConnectionOptions): Promise<Responder> {
    const connection = await connect({ maxReconnectAttempts: -1, reconnectTimeWait: 20, ...nats });
    const responder = new Responder(connection);
    await connection.flush();
    return responder;
  }

  /** Answers each question with what this says, at once. */
  answer(reply: (request: VerifyRequest) => VerifyReply): void {
    this.onMessage = (received) => received.reply(received.requests.map(reply));
  }

  /** The message of this number, once it is there. */
  async message(index: number): Promise<Received> {
    while (this.received.length <= index) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.received[index]!;
  }

  /** Every question that came, in order. */
  get requests(): VerifyRequest[] {
    return this.received.flatMap(({ requests }) => requests);
  }

  /** As the projection tells of changes. */
  hint(text: string): void {
    this.#nats.publish(CHANGED_SUBJECT, text);
  }

  stop(): Promise<void> {
    return this.#nats.close();
  }

  #take(message: Msg): void {
    const isBatch = message.subject === VERIFY_BATCH_SUBJECT;
    const value = message.json<VerifyRequest & { requests: VerifyRequest[] }>();
    const replyText = (text: string): void => void message.respond(text);
    const received: Received = {
      isBatch,
      requests: isBatch ? value.requests : [value],
      text: message.string(),
      atMs: performance.now(),
      replyText,
      reply: (replies) => replyText(JSON.stringify(isBatch ? { replies } : replies[0])),
    };
    this.received.push(received);
    this.onMessage?.(received);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export function valid(freshForMs: number, more: Partial<VerifyReply> = {}): VerifyReply {
  const known = { keyId: 'key_1', orgId: 'org_1', kind: 'service', role: 'developer' } as const;
  return { valid: true, code: 'VALID', freshForMs, ...known, permissions: ['servers:read'], ...more };
}

export function refused(code: VerifyReply['code'] = 'REVOKED'): VerifyReply {
  return { valid: false, code, freshForMs: 0 };
}
