/** The id that finds one request in every log, from here to the projection. */
import { readTraceparent } from '@mcpstack/contracts';
import { newRequestId, redactText } from '@mcpstack/service-kit';

/** Shorter is no credential: what a key of another make measures at least. */
const MIN_CREDENTIAL_LENGTH = 16;

/**
 * The caller's `X-Request-Id` when it is sane, else a new one. One that spells a credential of ours, or repeats the one
 * that the request shows, is none: it would stand in the event log for good (G1).
 * @param shown the headers that carry credentials, as they were sent.
 * @param traceparent of the caller: where traces are on, a new id is of the caller's trace.
 */
export function requestIdFrom(
  header: string | string[] | undefined,
  shown: readonly (string | string[] | undefined)[] = [],
  traceparent?: string | string[],
): string {
  const isShown = (text: string): boolean =>
    text.length >= MIN_CREDENTIAL_LENGTH && shown.flat().some((one) => one?.includes(text));
  const isSane = typeof header === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(header);
  if (isSane && redactText(header) === header && !isShown(header)) return header;
  const caller = readTraceparent(traceparent);
  return newRequestId(caller && !isShown(caller.traceId) ? caller : undefined);
}
