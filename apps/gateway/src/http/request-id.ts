/** The id that finds one request in every log, from here to the projection. */
import { randomUUID } from 'node:crypto';

/** The caller's `X-Request-Id` when it is sane, else a new one. */
export function requestIdFrom(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(header) ? header : randomUUID();
}
