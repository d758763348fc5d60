/** Both ends of a proxy: a client that writes each header as it likes, and a service that tells what it got. */
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { makeToken } from '@mcpstack/contracts';

export const KEY = makeToken('service');

/** The service behind the proxy: answers with the headers that reached it. */
export class Upstream {
  /** How many requests reached it. */
  requests = 0;
  status = 200;
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(): Promise<Upstream> {
    const server = createServer((incoming, response) => {
      upstream.requests += 1;
      incoming.resume();
      response.writeHead(upstream.status, { 'x-upstream': 'yes' }).end(JSON.stringify(incoming.headers));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const upstream = new Upstream(server, (server.address() as AddressInfo).port);
    return upstream;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The headers that the service got, where the request reached it. */
  seen: IncomingHttpHeaders | undefined;
}

type Header = readonly [string, string];
const BEARER: Header = ['Authorization', `Bearer ${KEY}`];

/** A client's request, header by header, so that one may be sent twice or in any spelling. */
export function ask(
  url: string,
  {
    headers = [],
    method = 'GET',
    key = BEARER,
  }: { headers?: Header[]; method?: string; key?: Header | null } = {},
): Promise<Answer> {
  const sent = [['Host', 'api.example.com'] as const, ...(key ? [key] : []), ...headers];
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method, headers: sent.flat(), timeout: 15_000, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const { statusCode: status = 0, headers: got } = response;
          const seen = got['x-upstream'] ? (JSON.parse(text) as IncomingHttpHeaders) : undefined;
          resolve({ status, headers: got, text, seen });
        });
      },
    );
    outgoing.on('error', reject).on('timeout', () => outgoing.destroy(new Error('no answer within 15 s')));
    outgoing.end(method === 'POST' ? '{"not json' : undefined);
  });
}

/** Takes connections and says nothing. */
export async function startHung(): Promise<{ port: number; stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { port: (server.address() as AddressInfo).port, stop };
}
