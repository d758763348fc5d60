/**
 * What a key may do, decided from one reading. Pure.
 *
 * Order: what the data set proves, then whether the key is the expected one, then its state, then its
 * permissions. Only a trusted and fresh reading permits, and only it may say "unknown": an emptied or
 * outdated data set knows nothing. That a key is revoked is answered from an untrusted one too: a key never
 * comes back, so an old answer cannot be wrong there, and a refusal permits nothing.
 */
import type { Permission, VerifyReply } from '@mcpstack/contracts';
import type { KeyLookup, Reading } from '@mcpstack/read-models';
import type { ParsedRequest } from './request.ts';

/** Decides at `nowMs`, on the clock of the reading. */
export function evaluate(request: ParsedRequest, reading: Reading<KeyLookup>, nowMs: number): VerifyReply {
  const { value } = reading;
  if (value.status === 'unprovable') return unavailable(value.reason);
  // A reading is good for Δ from when it began; later than that it proves nothing any more (G3).
  const isFresh = reading.trusted && nowMs < reading.freshUntilMs;
  const why = reading.reason ?? 'the read took longer than an answer may be based on';
  if (value.status === 'unknown') return isFresh ? refuse('NOT_FOUND') : unavailable(why);

  const { key, organization } = value;
  // Another kind than expected is answered like an unknown key, so that it shows nothing of what it is.
  // No key of ours belongs to an agent yet, so whoever expects one expects another key.
  const isExpected = (request.expectKind ?? key.kind) === key.kind && request.expectAgentId === undefined;
  if (!isExpected) return isFresh ? refuse('NOT_FOUND') : unavailable(why);

  const known = { keyId: key.id, orgId: key.organizationId, kind: key.kind };
  if (key.state === 'revoked') return { ...refuse('REVOKED'), ...known };
  if (!isFresh) return unavailable(why);
  // An unknown state fails closed: a newer version may know it, this one does not.
  if (key.state !== 'active') return unavailable('the key is in a state that is not known here');
  if (organization.status !== 'active') return { ...refuse('SUSPENDED'), ...known };
  if (request.permission !== undefined && !key.permissions.includes(request.permission as Permission))
    return { ...refuse('FORBIDDEN'), ...known, message: `the key lacks ${request.permission}` };
  return {
    valid: true,
    code: 'VALID',
    freshForMs: reading.freshForMs(nowMs),
    ...known,
    role: key.role,
    permissions: key.permissions,
  };
}

export function unavailable(message: string): VerifyReply {
  return { ...refuse('UNAVAILABLE'), message };
}

export function malformed(message: string): VerifyReply {
  return { ...refuse('MALFORMED'), message };
}

/** A refusal is never to be reused: the next request may be answered otherwise. */
function refuse(code: Exclude<VerifyReply['code'], 'VALID'>): VerifyReply {
  return { valid: false, code, freshForMs: 0 };
}
