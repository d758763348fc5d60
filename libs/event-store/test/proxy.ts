/** A TCP proxy that can lose what passes: for tests of answers and requests that never arrive. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export class Proxy {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#serve(client));
  #refusing = false;
  #trap: { text: string; lose: 'request' | 'answer'; sprung: () => void } | undefined;

  private constructor(readonly upstream: { host: string; port: number }) {}

  static async to(url: string): Promise<Proxy> {
    const { hostname, port } = new URL(url);
    const proxy = new Proxy({ host: hostname, port: Number(port) });
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** The URL with the proxy's address in place of the server's. */
  through(url: string): string {
    const at = new URL(url);
    at.port = String((this.#server.address() as AddressInfo).port);
    return at.href;
  }

  /** Cuts the connection once, at the next request that holds `text`: before it gets there, or before its answer does. */
  loseOnce(text: string, lose: 'request' | 'answer'): Promise<void> {
    return new Promise((sprung) => (this.#trap = { text, lose, sprung }));
  }

  /** Cuts all connections and takes no new one until `mend`. */
  cut(): void {
    this.#refusing = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#refusing = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #serve(client: Socket): void {
    if (this.#refusing) return void client.destroy();
    const server = connect(this.upstream);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.end();
      });
    }
    let losing = false;
    server.on('data', (chunk) => {
      // The server acted on the request: now its answer, and the connection, are lost.
      if (losing) return void client.destroy();
      client.write(chunk);
    });
    client.on('data', (chunk) => {
      const trap = this.#trap;
      if (trap && chunk.includes(trap.text)) {
        this.#trap = undefined;
        trap.sprung();
        if (trap.lose === 'request') return void client.destroy();
        losing = true;
      }
      server.write(chunk);
    });
  }
}
