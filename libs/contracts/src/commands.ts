/** Commands from the gateway to issuance: one envelope, one input and one output per command. */
import type { Permission, Role } from './roles.ts';

/** Who acts. `system` is set-up and operations, never reachable over HTTP. */
export interface Actor {
  type: 'user' | 'key' | 'system';
  id: string;
}

export interface CommandEnvelope<Input> {
  /** UUID. The same for every retry of one command: event ids and new identifiers derive from it. */
  commandId: string;
  /** The HTTP request that asked for it; becomes `$correlationId`. */
  requestId: string;
  actor: Actor;
  /** SHA-256 of what was asked, so that one Idempotency-Key with another body is found out. */
  requestDigest: string;
  /** The caller's Idempotency-Key: opens the kept reply. Never logged, never stored. */
  idempotencyKey?: string;
  input: Input;
}

export interface CreateOrganizationInput {
  name: string;
  /** The user who becomes its first owner. */
  ownerId: string;
}
export interface CreateOrganizationOutput {
  organization: { id: string; name: string; createdAt: string };
  position: string;
}

export interface CreateKeyInput {
  organizationId: string;
  name: string;
  role: Role;
  /** Narrows the role to these; absent means all that the role may. */
  permissions?: readonly Permission[];
}
export interface CreateKeyOutput {
  key: ApiKey;
  /** Shown once. Absent when a retry cannot open the kept reply; then `secretAlreadyShown` is true. */
  secret?: string;
  secretAlreadyShown?: true;
  position: string;
}

export interface RenameKeyInput {
  organizationId: string;
  keyId: string;
  name: string;
}
export interface RenameKeyOutput {
  key: ApiKey;
  position: string;
}

export interface RevokeKeyInput {
  organizationId: string;
  keyId: string;
}
/** Answered only when the revocation is final: no VALID for a request that begins after this reply. */
export interface RevokeKeyOutput {
  position: string;
}

export interface CommandContracts {
  createOrganization: { input: CreateOrganizationInput; output: CreateOrganizationOutput };
  createKey: { input: CreateKeyInput; output: CreateKeyOutput };
  renameKey: { input: RenameKeyInput; output: RenameKeyOutput };
  revokeKey: { input: RevokeKeyInput; output: RevokeKeyOutput };
}

/** A service key as lists and details show it. Never the secret, never its digest. */
export interface ApiKey {
  id: string;
  organizationId: string;
  kind: 'service';
  name: string;
  role: Role;
  permissions: readonly Permission[];
  state: 'active' | 'revoked';
  createdAt: string;
  createdBy: Actor;
  revokedAt?: string;
}

/** Asked of the active projection by issuance. */
export interface ConfirmRequest {
  /** Log position, decimal. `-1`, before the first event: asks only whether a projection is active. */
  position: string;
  /**
   * `visible`: the read models hold it. `final`: they hold it, and no reader may still answer from a
   * primary of before this projection's session.
   */
  need: 'visible' | 'final';
  /** Give up after this long. Milliseconds. */
  timeoutMs: number;
}
export interface ConfirmReply {
  confirmed: boolean;
  /** Why not, for the log. */
  reason?: string;
}
