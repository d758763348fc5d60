/** A way to a server on which packets can be lost for ever while both ends believe in the connection. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class Way {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #isOpen = true;

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => undefined);
        from.on('data', (bytes) => this.#isOpen && to.write(bytes));
        from.on('close', () => this.#isOpen && to.destroy());
      }
    });
  }

  static async to(port: number): Promise<Way> {
    const way = new Way(port);
    await new Promise<void>((resolve) => way.#server.listen(0, '127.0.0.1', resolve));
    return way;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#isOpen = false;
  }

  /** For new connections; what was lost stays lost. */
  mend(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#isOpen = true;
  }

  close(): void {
    this.mend();
    this.#server.close();
  }
}
