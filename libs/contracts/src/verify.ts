/** The verify contract: plain JSON over `VERIFY_SUBJECT`. A refused key is data, never an error. */
import type { KeyScope, KeyStateName } from './resources.ts';
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
  /** How many units this use costs against limits and quotas; 1 by default. */
  cost?: number;
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
  /** What stands in the way, where more than the code can be said; for people. */
  message?: string;
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
