/** Hono: a middleware that lets a request through if its key may pass. */
import type { Context, MiddlewareHandler } from 'hono';
import { requestCheck, type CheckedKey, type RequireKeyOptions } from './http.ts';
import type { NodeRequest } from './http-node.ts';
import type { Verifier } from './verifier.ts';

export type { CheckedKey, RequireKeyOptions } from './http.ts';

export interface RequireKeyOnHonoOptions extends RequireKeyOptions {
  /** Who connected. With `@hono/node-server` it is known; elsewhere give `(c) => getConnInfo(c).remote.address`. */
  remoteAddress?: (c: Context) => string | undefined;
}

/**
 * A middleware for an app or a route. Refusals are answered here; handlers read `keyOf(c)`, or `c.get('key')`.
 *
 * @example
 * app.get('/servers', requireKey(verifier, { permission: 'servers:read' }), (c) =>
 *   c.json({ organization: c.get('key').orgId }),
 * );
 *
 * @throws RangeError for an option that cannot be used.
 */
export function requireKey(
  verifier: Verifier,
  { remoteAddress = (c) => nodeRequest(c)?.socket.remoteAddress, ...options }: RequireKeyOnHonoOptions = {},
): MiddlewareHandler<{ Variables: { key: CheckedKey } }> {
  if (typeof remoteAddress !== 'function')
    throw new RangeError('remoteAddress must be a function, such as (c) => getConnInfo(c).remote.address');
  const check = requestCheck(verifier, options);
  return async (c, next) => {
    const headers = nodeRequest(c)?.rawHeaders ?? listed(c.req.raw.headers);
    const outcome = await check({ url: c.req.url, headers, remoteAddress: remoteAddress(c) });
    if (!outcome.ok) {
      const { status, headers: answered, body } = outcome;
      return new Response(JSON.stringify(body), { status, headers: answered });
    }
    c.set('key', outcome.key);
    await next();
    return undefined;
  };
}

/**
 * The key that let this request through.
 *
 * @throws Error where none was checked, so that a route that forgot the check serves nobody.
 */
export function keyOf(c: Context): CheckedKey {
  const key = c.get('key') as CheckedKey | undefined;
  if (key) return key;
  throw new Error('no key was checked for this request: put requireKey before the handler');
}

/** Node's own request, which `@hono/node-server` hands down. */
function nodeRequest(c: Context): NodeRequest | undefined {
  const env = c.env as { incoming?: NodeRequest; server?: { incoming?: NodeRequest } } | undefined;
  return env?.incoming ?? env?.server?.incoming;
}

/** The platform joins what was sent twice with a comma and a space; no key contains a space. */
function listed(headers: Headers): string[] {
  const list: string[] = [];
  for (const [name, joined] of headers) {
    const isCredential = name === 'authorization' || name === 'x-api-key';
    for (const value of isCredential ? joined.split(', ') : [joined]) list.push(name, value);
  }
  return list;
}
