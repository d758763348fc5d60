/** The shapes that every answer has. */
import type { VerifyReply } from '@mcpstack/contracts';

export type RefusalCode = Exclude<VerifyReply['code'], 'VALID'>;

/** A refusal is never to be reused: the next request may be answered otherwise. */
export function refuse(code: RefusalCode, message?: string): VerifyReply {
  return { valid: false, code, freshForMs: 0, ...(message !== undefined && { message }) };
}

export function unavailable(message: string): VerifyReply {
  return refuse('UNAVAILABLE', message);
}

export function malformed(message: string): VerifyReply {
  return refuse('MALFORMED', message);
}
