/** Checks as spans: only those whose message says of which trace it is, and that this trace is recorded. */
import { TRACEPARENT, type TracePlace } from '@mcpstack/contracts';
import { placeIn, tellSpan } from '@mcpstack/service-kit';
import type { MsgHdrs } from '@nats-io/transport-node';

/** A batch may have checks of many callers; more than this many are not told of it. */
const MOST_CALLERS = 16;

/** The recorded traces that a message is of; `undefined` where there is none. */
export function callersOf(headers: MsgHdrs | undefined): TracePlace[] | undefined {
  if (!headers?.has(TRACEPARENT)) return undefined;
  const values = headers.values(TRACEPARENT).slice(0, MOST_CALLERS);
  const callers = values.map(placeIn).filter((place) => place !== undefined);
  return callers.length > 0 ? callers : undefined;
}

/** Writes down what was answered, as codes alone. */
export function traceChecks(
  name: string,
  subject: string,
  { callers, reply, durationMs }: { callers: readonly TracePlace[]; reply: string; durationMs: number },
): void {
  const codes = codesOf(reply);
  const fields = {
    'messaging.destination.name': subject,
    'mcpstack.code': [...new Set(codes)].sort().join(' '),
    'mcpstack.checks': codes.length,
  };
  for (const parent of callers) tellSpan({ name, kind: 'server', parent, fields, durationMs });
}

function codesOf(reply: string): string[] {
  const { code, replies } = JSON.parse(reply) as { code?: string; replies?: { code: string }[] };
  return replies?.map((one) => one.code) ?? (code === undefined ? [] : [code]);
}
