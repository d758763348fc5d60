/** Fastify as we run it: bounds, request ids, one log line a request, safe JSON, problems everywhere. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PROBLEMS, ProblemError, TRACEPARENT } from '@mcpstack/contracts';
import { type Log } from '@mcpstack/service-kit';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readJsonBody } from './json-body.ts';
import { asProblem, problemBody, problemHeaders } from './problem-response.ts';
import { requestIdFrom } from './request-id.ts';
import { traceRequest } from './request-trace.ts';
import { RouteTable } from './route-table.ts';

const MAX_BODY_BYTES = 1024 * 1024;
/** A client that sends its request slower than this is cut off. Milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;
/** At stop, requests that were taken may last this long; a command is answered or given up within 15 s. */
const DRAIN_TIMEOUT_MS = 16_000;

/** Routes whose body is signed as it was sent: they get its bytes. */
export const GITHUB_SCANNING_PATH = '/api/v1/integrations/github/secret-scanning';
const RAW_BODY_ROUTES: ReadonlySet<string> = new Set([GITHUB_SCANNING_PATH]);
/** Where a person lets a device in. */
export const DEVICE_PAGE_PATH = '/auth/device';
/** Where a person logs their browser out. */
export const LOGOUT_PAGE_PATH = '/auth/logout';
/** Routes that take the form of a page of ours: they get its text. */
const FORM_ROUTES: ReadonlySet<string> = new Set([DEVICE_PAGE_PATH, LOGOUT_PAGE_PATH]);

/** Credentials of ours look like this, whatever their checksum says. */
function credentialPattern(tokenPrefix: string): RegExp {
  return new RegExp(`${tokenPrefix}_(?:sk|pk|st|rt|dc|it)_[0-9A-Za-z_]{16}`, 'i');
}

/** `route` is a pattern, or none; `status` is absent where the client left before its answer. */
export type OnRequest = (request: {
  method: string;
  route: string;
  status: number | undefined;
  /** Absent of a stream, which lasts as long as somebody listens. */
  durationMs: number | undefined;
}) => void;

export class GatewayAdapter extends FastifyAdapter {
  readonly routes: RouteTable;
  private stopping = false;
  private inFlight = 0;
  private idle: (() => void) | undefined;

  constructor(
    private readonly log: Log,
    tokenPrefix: string,
    /** Addresses and networks, separated by commas. */
    trustedProxies?: string,
    /** Told of each request that is over. */
    private readonly onRequest?: OnRequest,
  ) {
    super({
      bodyLimit: MAX_BODY_BYTES,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Whoever wants the address behind a proxy must say which proxies are theirs; none are by default. Of the chain
      // that they report, the last address that is none of theirs counts: what stands before it, anybody may write.
      trustProxy: trustedProxies ?? false,
      genReqId: ({ headers }: { headers: Record<string, string | string[] | undefined> }) =>
        requestIdFrom(
          headers['x-request-id'],
          [headers['authorization'], headers['x-api-key'], headers['cookie']],
          headers[TRACEPARENT],
        ),
      requestIdHeader: false,
      // While it stops, the server finishes what comes in on open connections and then closes them.
      return503OnClosing: false,
      frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
        answerEarly(log, error, request, reply),
      clientErrorHandler: (error: Error & { code?: string }, socket: Socket) => answerRaw(log, error, socket),
    });
    this.routes = new RouteTable();
    this.addHooks(credentialPattern(tokenPrefix));
  }

  private addHooks(credential: RegExp): void {
    const instance = this.getInstance();
    instance.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) this.routes.add(one, url);
    });
    instance.addHook('onRequest', (request, reply, done) => {
      this.follow(request, reply);
      setCommonHeaders(request, reply);
      if (spells(request.raw.url ?? '', credential)) {
        const detail = 'Credentials do not belong into a URL, where logs keep them. Revoke this one.';
        done(new ProblemError('bad-request', detail));
      } else done();
    });
    instance.addHook('onSend', (_request, reply, _payload, done) => {
      // Else a client would keep its connection, and the server would wait for it.
      if (this.stopping) void reply.header('Connection', 'close');
      done();
    });
  }

  /** Counts the request until it is over, and logs it: also one whose client left without its answer. */
  private follow(request: FastifyRequest, reply: FastifyReply): void {
    this.inFlight += 1;
    reply.raw.once('close', () => {
      this.inFlight -= 1;
      if (this.inFlight === 0) this.idle?.();
      const answered = reply.raw.writableFinished;
      const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
      const isStream = `${reply.getHeader('content-type') as string | undefined}`.startsWith(
        'text/event-stream',
      );
      this.onRequest?.({
        method: request.method,
        route,
        status: answered ? reply.statusCode : undefined,
        durationMs: isStream ? undefined : reply.elapsedTime,
      });
      if (!isStream) traceRequest(request, reply, { route, answered });
      this.log.info('request', {
        requestId: request.id,
        method: request.method,
        route,
        ...(answered ? { status: reply.statusCode } : { reason: 'the client left' }),
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
      });
    });
  }

  get requestsInFlight(): number {
    return this.inFlight;
  }

  override beforeClose(): void {
    super.beforeClose();
    this.stopping = true;
  }

  /**
   * Waits for the requests that were taken, then cuts what is left: a server that closes would wait for
   * clients that have connected and send nothing, or half a request.
   */
  override async close(): Promise<void> {
    const closed = super.close();
    if (this.inFlight > 0) {
      const idle = new Promise<void>((resolve) => (this.idle = resolve));
      await Promise.race([idle, delay(DRAIN_TIMEOUT_MS, undefined, { ref: false })]);
    }
    // The last answer is in the socket by now; one turn later it has been handed to the system.
    await new Promise((resolve) => setImmediate(resolve));
    this.getInstance().server.closeAllConnections();
    await closed;
  }

  /** Only JSON, read by our own reader, and forms where a page of ours has one; Nest would take forms everywhere. */
  override registerParserMiddleware(): void {
    const instance = this.getInstance();
    const parser = instance.getDefaultJsonParser('error', 'error');
    const parse = (request: FastifyRequest, text: string): unknown => {
      let parsed: unknown;
      // It calls back before it returns; what the callback throws comes out here.
      void parser(request, text, (error, value) => {
        if (error) throw error;
        parsed = value;
      });
      return parsed;
    };
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      // eslint-disable-next-line @typescript-eslint/require-await -- a throw becomes a rejection
      async (request: FastifyRequest, body: Buffer) => {
        refuseEncoding(request);
        if (RAW_BODY_ROUTES.has(request.routeOptions.url ?? '')) return body;
        return readJsonBody(body, (text) => parse(request, text));
      },
    );
    instance.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string' },
      // eslint-disable-next-line @typescript-eslint/require-await -- a throw becomes a rejection
      async (request: FastifyRequest, body: string) => {
        refuseEncoding(request);
        if (FORM_ROUTES.has(request.routeOptions.url ?? '')) return body;
        throw new ProblemError('unsupported-media-type', 'Send the body as application/json.');
      },
    );
  }
}

/** Nothing here unpacks bodies: a compressed one is not JSON that can be read. */
function refuseEncoding(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw new ProblemError('unsupported-media-type', 'Send the body without Content-Encoding.');
}

function setCommonHeaders(request: FastifyRequest, reply: FastifyReply): void {
  void reply.headers({
    'X-Request-Id': request.id,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cache-Control': 'no-store',
  });
}

/** Whether the text holds a credential, as it stands or percent-encoded (twice at most). */
function spells(url: string, credential: RegExp): boolean {
  let text = url;
  for (let times = 0; times <= 2; times += 1) {
    if (credential.test(text)) return true;
    text = text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  }
  return false;
}

/** What the router refuses before any hook runs: a malformed URL, an overlong parameter. */
function answerEarly(log: Log, error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  const problem =
    status < 500 ? new ProblemError('bad-request', 'The address cannot be read.') : asProblem(error);
  setCommonHeaders(request, reply);
  log.info('request', { requestId: request.id, method: request.method, route: 'none', code: problem.code });
  void reply
    .status(PROBLEMS[problem.code].status)
    .headers(problemHeaders(problem))
    .send(problemBody(problem, request.id));
}

/** What is no HTTP at all (or headers without end): answered on the socket and cut. */
function answerRaw(log: Log, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const problem = new ProblemError('bad-request', 'This is no HTTP request that can be read.');
  const requestId = requestIdFrom(undefined);
  const { status } = PROBLEMS[problem.code];
  log.info('request', { requestId, route: 'none', status, code: error.code });
  if (socket.writable) {
    const body = JSON.stringify(problemBody(problem, requestId));
    const headers = {
      ...problemHeaders(problem),
      Connection: 'close',
      'Content-Length': Buffer.byteLength(body),
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  }
  socket.destroySoon();
}
