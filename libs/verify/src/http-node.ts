/** Node's own HTTP server, and all that is built on its requests. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestCheck, type CheckedKey, type CheckedRequest, type RequireKeyOptions } from './http.ts';
import type { Verifier } from './verifier.ts';

/** Of a request of Node, HTTP/1 or 2, what a check reads. */
export type NodeRequest = Pick<IncomingMessage, 'rawHeaders' | 'url'> & {
  socket: { remoteAddress?: string | undefined };
};

export function fromNode(request: NodeRequest, url = request.url): CheckedRequest {
  return { url: url ?? '', headers: request.rawHeaders, remoteAddress: request.socket.remoteAddress };
}

const KEYS = new WeakMap<object, CheckedKey>();

export function keep(request: object, key: CheckedKey): void {
  KEYS.set(request, key);
}

/**
 * The key that let this request through.
 *
 * @throws Error where none was checked, so that a route that forgot the check serves nobody.
 */
export function keyOf(request: object): CheckedKey {
  const key = KEYS.get(request);
  if (key) return key;
  throw new Error('no key was checked for this request: put requireKey before the handler');
}

/**
 * A check for Node's own server: resolves to the key, or answers the request and resolves to `undefined`.
 *
 * @example
 * const check = requireKey(verifier, { permission: 'servers:read' });
 * createServer(async (request, response) => {
 *   const key = await check(request, response);
 *   if (key) response.end(`hello ${key.orgId}`);
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
) => Promise<CheckedKey | undefined> {
  const check = requestCheck(verifier, options);
  return async (request, response) => {
    const outcome = await check(fromNode(request, request.originalUrl ?? request.url));
    if (outcome.ok) {
      keep(request, outcome.key);
      return outcome.key;
    }
    response.writeHead(outcome.status, outcome.headers);
    response.end(JSON.stringify(outcome.body));
    return undefined;
  };
}
