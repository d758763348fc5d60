/** A gateway over real HTTP that knows the login contract and a little more, counts what it is asked, and misbehaves. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeToken, PROBLEMS, type ProblemCode } from '@mcpstack/contracts';

export interface Asked {
  method: string;
  path: string;
  authorization: string | undefined;
  body: Record<string, unknown>;
}

interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}
type Handler = (asked: Asked) => Reply | Promise<Reply>;

export const USER_ID = `user_${'1'.repeat(22)}`;
export const ORG_ID = `org_${'1'.repeat(22)}`;
export const KEY_ID = `key_${'1'.repeat(22)}`;

export class FakeGateway {
  readonly asked: Asked[] = [];
  /** By `METHOD /path`, before what stands below. */
  readonly overrides = new Map<string, Handler>();
  /** Access tokens that are good, and refresh tokens that may be used once. */
  readonly access = new Set<string>();
  readonly refresh = new Set<string>();
  readonly keys = new Set([makeToken('service')]);
  organizations = [{ id: ORG_ID, name: 'Acme', role: 'owner' }];
  /** Of access tokens. Seconds. */
  expiresIn = 900;
  /** Of the device grant. Seconds. */
  interval = 0.05;
  grantLife = 600;
  /** What polls are answered, one after the other; the last one goes on. */
  grant: string[] = ['approved'];
  readonly #server: Server;

  private constructor(makeServer: (listener: RequestListener) => Server) {
    this.#server = makeServer((request, response) => {
      void this.#answer(request)
        .catch((error: unknown): Reply => ({ status: 500, body: String(error) }))
        .then(({ status, body, headers = {} }) => {
          const isJson = typeof body !== 'string';
          const type = isJson
            ? status < 400
              ? 'application/json'
              : 'application/problem+json'
            : 'text/html';
          response.writeHead(status, { 'content-type': type, ...headers });
          response.end(body === undefined ? undefined : isJson ? JSON.stringify(body) : body);
        });
    });
  }

  static async start(makeServer: (listener: RequestListener) => Server = createServer): Promise<FakeGateway> {
    const gateway = new FakeGateway(makeServer);
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get key(): string {
    return [...this.keys][0]!;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Requests of this method and path. */
  count(method: string, path: string): number {
    return this.asked.filter((one) => one.method === method && one.path === path).length;
  }

  get refreshes(): number {
    return this.asked.filter(({ body }) => body['grantType'] === 'refresh-token').length;
  }

  /** A session as the server gives it out. */
  session() {
    const accessToken = `mcpstack_st_${randomBytes(24).toString('hex')}`;
    const refreshToken = `mcpstack_rt_${randomBytes(24).toString('hex')}`;
    this.access.add(accessToken);
    this.refresh.add(refreshToken);
    const { expiresIn } = this;
    return { accessToken, tokenType: 'Bearer', expiresIn, refreshToken, sessionId: 'ses_1', userId: USER_ID };
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const asked: Asked = {
      method: request.method!,
      path: request.url!.split('?')[0]!,
      authorization: request.headers.authorization,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
    this.asked.push(asked);
    const handler = this.overrides.get(`${asked.method} ${asked.path}`) ?? this.overrides.get('*');
    return handler ? handler(asked) : this.#usual(asked);
  }

  #usual(asked: Asked): Reply {
    switch (`${asked.method} ${asked.path}`) {
      case 'POST /api/v1/auth/device':
        return { status: 200, body: this.#device() };
      case 'POST /api/v1/auth/token':
        return this.#token(asked);
      default:
    }
    const token = asked.authorization?.replace(/^Bearer /, '') ?? '';
    const isKey = this.keys.has(token);
    if (!isKey && !this.access.has(token)) return problem('unauthenticated', 'The credential is not valid.');
    switch (`${asked.method} ${asked.path}`) {
      case 'POST /api/v1/auth/logout':
        this.access.delete(token);
        return { status: 204 };
      case 'GET /api/v1/me':
        return { status: 200, body: isKey ? KEY : { type: 'user', id: USER_ID } };
      case 'GET /api/v1/me/profile':
        return { status: 200, body: { userId: USER_ID, name: 'Ada', email: 'ada@example.com' } };
      case 'GET /api/v1/me/sessions':
        return { status: 200, body: { data: SESSIONS } };
      case 'DELETE /api/v1/me/sessions/ses_2':
        return { status: 204 };
      case 'POST /api/v1/me/revoke':
        this.keys.delete(token);
        return { status: 200, body: KEY };
      case 'GET /api/v1/organizations':
        return { status: 200, body: { data: this.organizations } };
      case `GET /api/v1/organizations/${ORG_ID}`:
        return { status: 200, body: this.organizations[0] };
      default:
        return problem('not-found', 'There is no such thing here.');
    }
  }

  #device() {
    const verificationUri = `${this.url}/auth/device`;
    return {
      deviceCode: 'device-code',
      userCode: 'BCDF-GHJK',
      verificationUri,
      verificationUriComplete: `${verificationUri}?userCode=BCDF-GHJK`,
      expiresIn: this.grantLife,
      interval: this.interval,
    };
  }

  #token({ body }: Asked): Reply {
    if (body['grantType'] === 'refresh-token') {
      if (this.refresh.delete(String(body['refreshToken']))) return { status: 200, body: this.session() };
      return problem('unauthenticated', 'The refresh token is not valid.');
    }
    const answer = this.grant.length > 1 ? this.grant.shift()! : this.grant[0]!;
    if (answer === 'approved') return { status: 200, body: this.session() };
    return problem(answer, 'Not now.', 400);
  }
}

const KEY = {
  type: 'key',
  id: KEY_ID,
  organizationId: ORG_ID,
  role: 'developer',
  permissions: ['servers:read'],
};

const TIMES = {
  createdAt: '2030-01-31T12:00:00.000Z',
  lastUsedAt: '2030-01-31T12:00:00.000Z',
  expiresAt: '2030-02-28T12:00:00.000Z',
};
const SESSIONS = [
  { id: 'ses_2', kind: 'browser', label: 'Firefox on Linux', ...TIMES, current: false },
  { id: 'ses_1', kind: 'device', label: 'mcpstack on build-7', ...TIMES, current: true },
];

export function problem(code: string, detail: string, status?: number, more: object = {}): Reply {
  const known = PROBLEMS[code as ProblemCode] as { status: number } | undefined;
  const number = status ?? known?.status ?? 500;
  return {
    status: number,
    body: { type: `urn:mcpstack:problem:${code}`, title: code, status: number, code, detail, ...more },
  };
}
