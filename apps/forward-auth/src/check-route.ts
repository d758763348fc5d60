/** Forward auth over HTTP: nginx, Caddy and Traefik ask here, each with a copy of the client's request. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { demandsOfQuery, queryOf } from './demands.ts';
import type { KeyChecks } from './key-checks.ts';

/** Answers `/check` to any method: some proxies ask with GET, some with the client's own. */
export function serveCheckRoute(instance: FastifyInstance, checks: KeyChecks): void {
  void instance.register((scope, _options, done) => {
    // A body is the client's, and of no interest.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, parsed) => parsed(null));
    scope.all('/check', (request, reply) => answer(request, reply, checks));
    done();
  });
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  checks: KeyChecks,
): Promise<FastifyReply> {
  const { raw, headers } = request;
  const forwardedUri = headers['x-forwarded-uri'];
  const decision = await checks.check({
    asker: raw.socket.remoteAddress,
    connectedFrom: raw.socket.remoteAddress,
    headers: headersOf(raw.rawHeaders),
    demands: () => demandsOfQuery(queryOf(raw.url ?? ''), [forwardedUri].flat()[0]),
  });
  void reply.header('cache-control', 'no-store');
  if (decision.allowed) return reply.code(200).headers(decision.identity).send();
  return reply.code(decision.status).headers(decision.headers).send(decision.body);
}

/** Every value of every header, by lower-case name: Node itself drops all but the first of some. */
function headersOf(rawHeaders: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    (headers[rawHeaders[at]!.toLowerCase()] ??= []).push(rawHeaders[at + 1]!);
  }
  return headers;
}
