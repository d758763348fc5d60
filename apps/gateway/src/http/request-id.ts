/** The id that finds one request in every log, from here to the projection. */
import { randomUUID } from 'node:crypto';
import { redactText } from '@mcpstack/service-kit';

/**
 * The caller's `X-Request-Id` when it is sane, else a new one. One that spells a credential is none: it would stand
 * in the event log for good (G1).
 */
export function requestIdFrom(header: string | string[] | undefined): string {
  const isSane = typeof header === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(header);
  return isSane && redactText(header) === header ? header : randomUUID();
}
