/** Express: a middleware that lets a request through if its key may pass. */
import type { ServerResponse } from 'node:http';
import type { RequireKeyOptions } from './http.ts';
import { requireKey as requireKeyOfNode, type NodeRequest } from './http-node.ts';
import type { Verifier } from './verifier.ts';

export { keyOf } from './http-node.ts';
export type { CheckedKey, RequireKeyOptions } from './http.ts';

/**
 * A middleware for an app, a router or a route. Refusals are answered here; handlers read `keyOf(request)`.
 *
 * @example
 * app.get('/servers', requireKey(verifier, { permission: 'servers:read' }), (request, response) => {
 *   response.json({ organization: keyOf(request).orgId });
 * });
 *
 * @throws RangeError for an option that cannot be used.
 */
export function requireKey(
  verifier: Verifier,
  options: RequireKeyOptions = {},
): (
  request: NodeRequest & { originalUrl?: string },
  response: Pick<ServerResponse, 'writeHead' | 'end'>,
  next: (error?: unknown) => void,
) => void {
  const check = requireKeyOfNode(verifier, options);
  return (request, response, next) => {
    // What a handler throws is Express's; what this throws is given to it.
    check(request, response).then((key) => key && next(), next);
  };
}
