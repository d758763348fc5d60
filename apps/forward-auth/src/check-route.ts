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
  const { rawHeaders, socket, url = '' } = request.raw;
  const { remoteAddress } = socket;
  const forwardedUri = [request.headers['x-forwarded-uri']].flat()[0];
  const decision = await checks.check({
    asker: remoteAddress,
    // The URL of the check is the proxy's own; the client's is what it reports.
    request: { url: forwardedUri ?? '', headers: rawHeaders, remoteAddress },
    demands: () => demandsOfQuery(queryOf(url), forwardedUri),
  });
  void reply.header('cache-control', 'no-store');
  if (decision.ok) return reply.code(200).headers(decision.identity).send();
  return reply.code(decision.status).headers(decision.headers).send(JSON.stringify(decision.body));
}
