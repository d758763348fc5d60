/** Fastify: a hook that lets a request through if its key may pass. */
import { requestCheck, type RequireKeyOptions } from './http.ts';
import { fromNode, keep, type NodeRequest } from './http-node.ts';
import type { Verifier } from './verifier.ts';

export { keyOf } from './http-node.ts';
export type { CheckedKey, RequireKeyOptions } from './http.ts';

/**
 * An `onRequest` hook, for a route or, with `addHook`, for all of a plugin. It runs before the body is read. Refusals
 * are answered here; handlers read `keyOf(request)`.
 *
 * @example
 * const onRequest = requireKey(verifier, { permission: 'servers:read' });
 * app.get('/servers', { onRequest }, (request) => ({ organization: keyOf(request).orgId }));
 *
 * @throws RangeError for an option that cannot be used.
 */
export function requireKey(
  verifier: Verifier,
  options: RequireKeyOptions = {},
): (
  request: { raw: NodeRequest; originalUrl: string },
  reply: { code(status: number): unknown; headers(values: object): unknown; send(body: string): unknown },
) => Promise<unknown> {
  const check = requestCheck(verifier, options);
  return async (request, reply) => {
    const outcome = await check(fromNode(request.raw, request.originalUrl));
    if (outcome.ok) {
      keep(request, outcome.key);
      return undefined;
    }
    reply.code(outcome.status);
    reply.headers(outcome.headers);
    reply.send(JSON.stringify(outcome.body));
    return reply;
  };
}
