/**
 * A TCP relay on 127.0.0.1 in front of a server: it can hold what flows (a half-open connection: nobody answers,
 * nobody hangs up, and what was sent arrives late), cut connections, and lead new ones to another server.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Seen from the client: `up` is what it sends. */
export type Direction = 'up' | 'down' | 'both';

interface Pair {
  client: Socket;
  server: Socket;
}

export class Relay {
  /** Where new connections go. Those that are open stay where they are. */
  targetPort: number;
  readonly port: number;
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  #held: Direction | undefined;

  private constructor(listener: Server, port: number, targetPort: number) {
    this.#listener = listener;
    this.port = port;
    this.targetPort = targetPort;
    listener.on('connection', (client) => this.#open(client));
  }

  /** Listens on a free port. */
  static async start(targetPort: number): Promise<Relay> {
    const listener = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(0, '127.0.0.1', resolve);
    });
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
    return new Relay(listener, address.port, targetPort);
  }

  /** Connections that are open now. */
  get size(): number {
    return this.#pairs.size;
  }

  /** Nothing flows any more, in this direction or both, until `release()`; new connections are taken, and hang. */
  hold(direction: Direction = 'both'): void {
    this.#held = direction;
    for (const pair of this.#pairs) this.#flow(pair);
  }

  /** What was held flows on, in order. */
  release(): void {
    this.#held = undefined;
    for (const pair of this.#pairs) this.#flow(pair);
  }

  /** Ends the connections that `choose` picks; all by default. */
  cut(choose: () => boolean = () => true): void {
    for (const pair of this.#pairs) if (choose()) this.#close(pair);
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  #open(client: Socket): void {
    const server = connect({ port: this.targetPort, host: '127.0.0.1' });
    const pair: Pair = { client, server };
    this.#pairs.add(pair);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (chunk) => {
        // A slow receiver holds the sender up, as one connection between them would.
        if (!to.write(chunk)) from.pause();
      });
      from.on('drain', () => this.#flow(pair));
      from.on('error', () => this.#close(pair));
      from.on('close', () => this.#close(pair));
    }
    this.#flow(pair);
  }

  #flow({ client, server }: Pair): void {
    const held = this.#held;
    if (held === 'up' || held === 'both') client.pause();
    else client.resume();
    if (held === 'down' || held === 'both') server.pause();
    else server.resume();
  }

  #close(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    pair.client.destroy();
    pair.server.destroy();
  }
}
