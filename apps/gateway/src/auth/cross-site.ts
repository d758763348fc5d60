/**
 * Requests that another site makes a browser send: the cookie comes with them, so it alone permits no change. Browsers
 * say where a request comes from, in headers that no page can set (Fetch Metadata; RFC 6454 for those without it).
 */
import { type IncomingMessage } from 'node:http';
import { ProblemError } from '@mcpstack/contracts';
import { headerValues } from '../http/headers.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * For what is authenticated by a cookie.
 * @param origin of this gateway, as browsers write it.
 * @throws ProblemError `cross-site` for a change that is not known to come from a page of ours.
 */
export function refuseCrossSite(request: IncomingMessage, origin: string): void {
  if (SAFE_METHODS.has(request.method ?? '')) return;
  const site = headerValues(request, 'sec-fetch-site');
  const from = headerValues(request, 'origin');
  const isOurs =
    site.length > 0
      ? site.length === 1 && site[0] === 'same-origin'
      : from.length === 1 && from[0] === origin;
  if (!isOurs)
    throw new ProblemError(
      'cross-site',
      'A change with a cookie must come from a page of this site. Programs send a token as `Authorization: Bearer`.',
    );
}
