/**
 * The trace that a check is made in, where the service that checks uses OpenTelemetry: its package is found at run time, and
 * is no dependency of ours.
 */
import { TRACEPARENT, traceparentOf } from '@mcpstack/contracts';
import { headers, type MsgHdrs } from '@nats-io/transport-node';

/** Whose traces one message may be of. */
const MOST_CALLERS = 16;

type Find = () => string | undefined;

let find: Find = () => undefined;
let looking: Promise<void> | undefined;

/** Finds OpenTelemetry if it is installed; once. Never rejects. */
export function findTracing(): Promise<void> {
  return (looking ??= import('@opentelemetry/api').then(
    ({ trace }) => {
      find = () => {
        const active = trace.getActiveSpan()?.spanContext();
        if (active === undefined || (active.traceFlags & 1) === 0) return undefined;
        return traceparentOf({ ...active, isSampled: true });
      };
    },
    () => undefined,
  ));
}

/** The caller's place, as a header says it; `undefined` where nothing is traced. */
export function activeTrace(): string | undefined {
  return find();
}

/** Headers of a message with these checks; `undefined` where none of them is traced. */
export function traceHeadersOf(asked: readonly { trace: string | undefined }[]): MsgHdrs | undefined {
  let callers: Set<string> | undefined;
  for (const { trace } of asked) if (trace !== undefined) (callers ??= new Set()).add(trace);
  if (callers === undefined) return undefined;
  const made = headers();
  for (const caller of [...callers].slice(0, MOST_CALLERS)) made.append(TRACEPARENT, caller);
  return made;
}
