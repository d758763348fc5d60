/** A place in a trace, as it travels between processes: the header `traceparent` of W3C Trace Context. */

/** The header of NATS messages and HTTP requests that carries it. */
export const TRACEPARENT = 'traceparent';

/** A span, as those name it that are inside. */
export interface TracePlace {
  /** 32 hexadecimal digits in lower case, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits in lower case, not all zero. */
  readonly spanId: string;
  /** Whether the trace is recorded. */
  readonly isSampled: boolean;
}

const SHAPE = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROS = /^0+$/;

/** What a header says; `undefined` for one that is absent or that the specification calls invalid. */
export function readTraceparent(header: unknown): TracePlace | undefined {
  if (typeof header !== 'string') return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = SHAPE.exec(header) ?? [];
  // Version 00 ends with the flags; a later one may go on.
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (parseInt(flags, 16) & 1) === 1 };
}

/** The header for what is asked of others from this place. */
export function traceparentOf({ traceId, spanId, isSampled }: TracePlace): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}
