/** A receiver of webhooks of our own: checks every signature with the specification's own library, and behaves as told. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuditEvent } from '@mcpstack/contracts';
import { Webhook } from 'standardwebhooks';

/** A status to answer; `hang`: none at all; `drop`: the connection ends. Headers may stand beside a status. */
export type Behaviour = number | 'hang' | 'drop' | { status: number; headers: Record<string, string> };

export interface Received {
  id: string;
  type: string;
  event: AuditEvent;
  signatures: number;
  atMs: number;
}

export class Receiver {
  /** What was taken, with a status of success, in order. */
  readonly taken: Received[] = [];
  /** All that came, whatever was answered. */
  requests = 0;
  /** Signatures that were not good. */
  forged = 0;
  behave: (received: Received) => Behaviour | Promise<Behaviour> = () => 204;
  #server: Server | undefined;
  #port = 0;

  /** @param secrets any of these may have signed. */
  private constructor(public secrets: readonly string[]) {}

  static async start(secrets: readonly string[]): Promise<Receiver> {
    const receiver = new Receiver(secrets);
    await receiver.listen();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/in`;
  }

  async listen(): Promise<void> {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => void this.#take(body, request.headers as Record<string, string>, response));
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** As if it were killed: nobody listens, and what is open breaks. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  async crashFor(ms: number): Promise<void> {
    await this.stop();
    await delay(ms);
    await this.listen();
  }

  /** The ids of what was taken, each once, in the order in which they came first. */
  firsts(): string[] {
    return [...new Set(this.taken.map(({ id }) => id))];
  }

  async #take(body: string, headers: Record<string, string>, response: ServerResponse): Promise<void> {
    this.requests += 1;
    const good = this.secrets.filter((secret) => isGood(secret, body, headers));
    if (good.length === 0) this.forged += 1;
    const { type, data } = JSON.parse(body) as { type: string; data: AuditEvent };
    const signatures = headers['webhook-signature']!.split(' ').length;
    const received = { id: headers['webhook-id']!, type, event: data, signatures, atMs: Date.now() };
    const behaviour = await this.behave(received);
    if (behaviour === 'hang') return;
    if (behaviour === 'drop') return void response.destroy();
    const { status, headers: more = {} } = typeof behaviour === 'number' ? { status: behaviour } : behaviour;
    if (status < 300) this.taken.push(received);
    response.writeHead(status, more).end();
  }
}

function isGood(secret: string, body: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}
