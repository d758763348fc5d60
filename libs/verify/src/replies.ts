/** Replies as they are read: strictly, because what is not understood permits nothing. */
import { VERIFY_CODES, type VerifyReply } from '@mcpstack/contracts';

const CODES: ReadonlySet<unknown> = new Set(VERIFY_CODES);

export function unavailable(message: string): VerifyReply {
  return { valid: false, code: 'UNAVAILABLE', freshForMs: 0, message };
}

export function malformed(message: string): VerifyReply {
  return { valid: false, code: 'MALFORMED', freshForMs: 0, message };
}

const NOT_UNDERSTOOD = 'the reply was not understood';

/** One reply; UNAVAILABLE where it is none. */
export function readReply(value: unknown): VerifyReply {
  return isReply(value) ? value : unavailable(NOT_UNDERSTOOD);
}

/** The replies to a batch, one for each of `count` requests. */
export function readReplies(value: unknown, count: number): VerifyReply[] {
  const { replies, code, message } = (value ?? {}) as Record<string, unknown>;
  if (Array.isArray(replies) && replies.length === count) return replies.map(readReply);
  const why = typeof code === 'string' && typeof message === 'string' ? message : NOT_UNDERSTOOD;
  return Array.from({ length: count }, () => unavailable(why));
}

function isReply(value: unknown): value is VerifyReply {
  if (typeof value !== 'object' || value === null) return false;
  const { valid, code, freshForMs, keyId, orgId, kind } = value as Record<string, unknown>;
  if (!CODES.has(code) || valid !== (code === 'VALID')) return false;
  if (!Number.isFinite(freshForMs) || (freshForMs as number) < 0) return false;
  if (!valid) return true;
  const isKnown = kind === 'service' || kind === 'publishable';
  return isKnown && typeof keyId === 'string' && typeof orgId === 'string';
}

/** The reply as all get it who it is reused for. What is left of its time is not theirs to pass on. */
export function shared(reply: VerifyReply): VerifyReply {
  return freeze({ ...reply, freshForMs: 0 });
}

/** However deep it is nested. */
function freeze<Value extends object>(value: Value): Value {
  const parts: object[] = [value];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    Object.freeze(part);
    for (const inner of Object.values(part) as unknown[])
      if (typeof inner === 'object' && inner !== null) parts.push(inner);
  }
  return value;
}
