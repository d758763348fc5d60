/** An HTTP or HTTPS server of our own on a loopback address, which notes who asked for what. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';

export class ProofServer {
  /** Path and Host header of each request. */
  readonly requests: { path: string; host: string; headers: readonly string[] }[] = [];
  connections = 0;
  /** What is answered; each spec sets its own. */
  handle: RequestListener = (_request, response) => void response.writeHead(404).end();

  private constructor(private readonly server: Server) {
    server.on('connection', () => (this.connections += 1));
    server.on('request', (request, response) => {
      const { url = '', headers, rawHeaders } = request;
      this.requests.push({ path: url, host: headers.host ?? '', headers: rawHeaders });
      this.handle(request, response);
    });
  }

  static async start(
    options: { address?: string; port?: number; tls?: Certificate } = {},
  ): Promise<ProofServer> {
    const { address = '127.0.0.1', port = 0, tls } = options;
    const server = tls ? createTlsServer(tls) : createServer();
    server.listen(port, address);
    await once(server, 'listening');
    return new ProofServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Answers every request with this text. */
  serve(text: string): void {
    this.handle = (_request, response) => void response.writeHead(200).end(text);
  }

  reset(): void {
    this.requests.length = 0;
    this.connections = 0;
    this.handle = (_request, response) => void response.writeHead(404).end();
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
