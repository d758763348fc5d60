/** The span of a request: the root of what it causes here, and part of its caller's trace where that was told. */
import { readTraceparent, TRACEPARENT } from '@mcpstack/contracts';
import { rootOf, tellSpan } from '@mcpstack/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Asked for every few seconds by whoever looks whether we live. */
const HEALTH = '/health';

/**
 * Writes down a request that is over. Of its URL, the pattern of its route alone.
 * @param answered whether the client got its answer.
 */
export function traceRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  { route, answered }: { route: string; answered: boolean },
): void {
  const place = route.startsWith(HEALTH) ? undefined : rootOf(request.id);
  if (!place) return;
  const caller = readTraceparent(request.headers[TRACEPARENT]);
  const isOfCaller = caller?.traceId === place.traceId;
  const { statusCode } = reply;
  tellSpan({
    name: `${request.method} ${route}`,
    kind: 'server',
    place,
    parent: isOfCaller ? caller : undefined,
    // The caller gave the request an id of its own as well, which its events bear: that made another trace.
    link: isOfCaller ? undefined : caller,
    durationMs: reply.elapsedTime,
    fields: {
      'mcpstack.request_id': request.id,
      'http.request.method': request.method,
      'http.route': route,
      'http.response.status_code': answered ? statusCode : undefined,
    },
    failure: !answered ? 'client_left' : statusCode >= 500 ? `${statusCode}` : undefined,
  });
}
