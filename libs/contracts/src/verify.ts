/** The verify contract: plain JSON over `VERIFY_SUBJECT`. A refused key is data, never an error. */
import type { KeyScope, KeyStateName, Quota, RateLimit } from './resources.ts';
import type { KeyKind } from './token.ts';
import type { Permission, Role } from './roles.ts';

export const VERIFY_CODES = [
  'VALID',
  'NOT_FOUND',
  'REVOKED',
  'EXPIRED',
  'SUSPENDED',
  'FORBIDDEN',
  'ORIGIN_NOT_ALLOWED',
  'IP_NOT_ALLOWED',
  'RATE_LIMITED',
  'QUOTA_EXCEEDED',
  'MALFORMED',
  'UNAVAILABLE',
] as const;
export type VerifyCode = (typeof VERIFY_CODES)[number];

/** Exactly one of `key` and `digest` is given. A field of the wrong shape makes the request MALFORMED. */
export interface VerifyRequest {
  /** The token itself, for callers without the SDK. */
  key?: string;
  /** SHA-256 of the token, 64 lower-case hexadecimal digits. */
  digest?: string;
  /** The permission that the key must hold; without it, any key in force is VALID. */
  permission?: string;
  /**
   * What the caller takes the key for. `agentId`: a publishable key's own agent, or one that a service key's
   * scope includes; `serverId` likewise. A scope that leaves it out is FORBIDDEN. A key without a scope covers
   * its organization's: compare `orgId` of the reply with whose agent or server it is.
   */
  expect?: { kind?: KeyKind; agentId?: string; serverId?: string };
  /** The browser's Origin header; needed for publishable keys. */
  origin?: string;
  /** The client's address; needed where the key has an allow list. */
  ip?: string;
  /** The client's User-Agent header: its family shows with the key's last use. Decides nothing. */
  userAgent?: string;
  /** How many units this use costs against limits and quotas, 0 to 1,000,000; 1 by default. */
  cost?: number;
  /**
   * How often the asker answered from an earlier VALID reply about this key since it last said so: counted as
   * uses of the key besides this one. 0 to 1,000,000.
   */
  reused?: number;
  /**
   * Asked for nobody: to renew an answer that is reused, or only to tell of `reused`. No use of the key by itself,
   * so `cost` must be absent: a key with limits is not charged.
   */
  refresh?: true;
  /** A `Mcpstack-Position`: the answer reflects at least everything up to it. */
  position?: string;
}

export interface VerifyReply {
  valid: boolean;
  code: VerifyCode;
  /** How long a caller may reuse this answer, counted from when it sent the request. Milliseconds. */
  freshForMs: number;
  keyId?: string;
  orgId?: string;
  kind?: KeyKind;
  role?: Role;
  permissions?: readonly Permission[];
  /** Of a publishable key: its one agent. */
  agentId?: string;
  /** Of a service key that is limited to some agents or servers. */
  scope?: KeyScope;
  environment?: string;
  expiresAt?: string;
  /** Of a key with limits or quotas, once they were looked at: where each stands after this answer. */
  rateLimits?: readonly RateLimitState[];
  /** What stands in the way, where more than the code can be said; for people. */
  message?: string;
}

/** One limit or quota of a key. A reply about a key that has any is never reused: `freshForMs` is 0. */
export interface RateLimitState {
  name: string;
  limit: number;
  /** Units that are left now. */
  remaining: number;
  /** When the refused units may be there (RATE_LIMITED, QUOTA_EXCEEDED), or all of them otherwise. Milliseconds. */
  resetMs: number;
}

/** What bounds a key's use. */
export interface Bounds {
  limits?: readonly RateLimit[];
  quotas?: readonly Quota[];
}

/** Asks over `VERIFY_BATCH_SUBJECT`: 0 to `MAX_BATCH` requests; the message at most what the server takes, 1 MiB. */
export interface VerifyBatchRequest {
  requests: readonly VerifyRequest[];
}
/** One reply for each request, in order; or, where the message as a whole could not be answered, why. */
export type VerifyBatchReply =
  { replies: readonly VerifyReply[] } | { code: 'MALFORMED' | 'UNAVAILABLE'; message: string };
export const MAX_BATCH = 1_000;

/**
 * Asks over `EXPLAIN_SUBJECT`. Names the key by one of `key`, `digest`, `keyId`. Consumes and counts nothing, and
 * what it answers permits nothing.
 */
export interface ExplainRequest extends Omit<VerifyRequest, 'userAgent' | 'reused' | 'refresh'> {
  /** With `organizationId`, which must be the key's. */
  keyId?: string;
  organizationId?: string;
}
export interface ExplainReply {
  /** What a check would answer now; `valid` here permits nothing. */
  code: VerifyCode;
  /** Every step that a check takes, in its order, also those after one that failed. */
  checks: readonly ExplainedCheck[];
  keyId?: string;
  orgId?: string;
  /** The log position that the answer reflects, and how old the reading was. */
  position?: string;
  ageMs?: number;
  /** Why nothing can be explained: MALFORMED, NOT_FOUND, UNAVAILABLE. */
  message?: string;
}
export interface ExplainedCheck {
  /** What was looked at. */
  check: 'proof' | 'expectation' | 'secret' | 'state' | 'origin' | 'address' | 'permission' | 'limits';
  passed: boolean;
  /** What a failed check alone would answer. */
  code?: VerifyCode;
  /** For people: what was found. Never a secret. */
  message: string;
}

/** Published on `CHANGED_SUBJECT`. */
export interface ChangeHint {
  /** Keys, organizations and agents that changed; 1 to 1,000. */
  ids: readonly string[];
}

/** Asks over `IDENTIFY_SUBJECT`. */
export interface IdentifyRequest {
  /** SHA-256 of tokens, 1 to 1,000. */
  digests: readonly string[];
}
/** `keys` has one entry for each digest, in order; `null` where no key has it. Absent: nothing can be said now. */
export interface IdentifyReply {
  keys?: readonly (IdentifiedKey | null)[];
  /** Why not. */
  reason?: string;
}
export interface IdentifiedKey {
  keyId: string;
  organizationId: string;
  kind: KeyKind;
  state: KeyStateName;
}
