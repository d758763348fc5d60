/** Resources as answers show them. Never a secret, never its digest. Times are ISO 8601, UTC. */
import type { Permission, Role } from './roles.ts';

/** Who acts. `system` is set-up and operations, never reachable over HTTP. */
export interface Actor {
  type: 'user' | 'key' | 'system';
  id: string;
}

/** What an organization demands of the service keys that are made in it. */
export interface OrganizationPolicy {
  /** A new key lives at most this many days, 1 to 3650; such a rule also demands an expiry. */
  longestKeyLifeDays?: number;
  /** A new key must expire. */
  expiryRequired?: boolean;
  /** A new key has one of these roles; absent means any that its maker may give. */
  allowedKeyRoles?: readonly Role[];
  /**
   * What becomes of the keys that a member made, once they hold more than the member still does: `list` shows
   * them as `beyondMaker`, `revoke` revokes them before the change of the member is answered.
   */
  onMakerLoss: 'list' | 'revoke';
}

export interface Organization {
  id: string;
  name: string;
  state: 'active' | 'suspended';
  policy: OrganizationPolicy;
  createdAt: string;
  /** Of its stream, decimal: what an ETag holds and If-Match compares. The same in every resource below. */
  revision: string;
}

export interface Member {
  organizationId: string;
  userId: string;
  role: Role;
  state: 'active' | 'suspended';
  joinedAt: string;
}

export interface Invitation {
  id: string;
  organizationId: string;
  role: Role;
  state: 'pending' | 'accepted' | 'revoked';
  /** After this it cannot be accepted any more. */
  expiresAt: string;
  createdAt: string;
  createdBy: Actor;
  /** The stream `user-<id>` that holds the invited person's e-mail address, and can be deleted whole. */
  profileId: string;
  /** Who accepted it. */
  acceptedBy?: string;
}

/** Of a person; stands in `user-<id>` alone. */
export interface UserProfile {
  userId: string;
  name?: string;
  email?: string;
}

export interface Agent {
  id: string;
  organizationId: string;
  name: string;
  state: 'active' | 'removed';
  createdAt: string;
  createdBy: Actor;
  revision: string;
}

/**
 * `pending`: not proven yet, or to be proven again. `verified`. `stale`: the proof was not found at the last
 * look; still good until `graceEndsAt`. `lapsed`: the grace is over.
 */
export type DomainState = 'pending' | 'verified' | 'stale' | 'lapsed';

/** A domain name that an agent's pages live under. */
export interface AgentDomain {
  id: string;
  organizationId: string;
  agentId: string;
  /** In lower case, A-labels, no trailing dot. */
  domain: string;
  state: DomainState;
  /** What to publish, as TXT at `_mcpstack-challenge.<domain>` or in `DOMAIN_PROOF_PATH`. */
  challenge: string;
  createdAt: string;
  verifiedAt?: string;
  method?: DomainProofMethod;
  graceEndsAt?: string;
  /** Another organization has proven the domain since. */
  contestedAt?: string;
}
export type DomainProofMethod = 'dns' | 'file';
export const DOMAIN_PROOF_LABEL = '_mcpstack-challenge';
export const DOMAIN_PROOF_PATH = '/.well-known/mcpstack-challenge.txt';

export interface Server {
  id: string;
  organizationId: string;
  name: string;
  url?: string;
  state: 'active' | 'removed';
  createdAt: string;
  createdBy: Actor;
  revision: string;
}

/** Limits a service key to some agents or servers of its organization. A list that is absent limits nothing. */
export interface KeyScope {
  agents?: readonly string[];
  servers?: readonly string[];
}

/** At most `limit` units in any `windowMs`. */
export interface RateLimit {
  /** 1 to 32 of a-z, 0-9, dash. */
  name: string;
  limit: number;
  windowMs: number;
}
export const QUOTA_INTERVALS = ['hour', 'day', 'week', 'month'] as const;
/** At most `limit` units in each calendar interval, UTC; weeks begin on Monday. */
export interface Quota {
  name: string;
  limit: number;
  interval: (typeof QUOTA_INTERVALS)[number];
}

export type KeyStateName = 'active' | 'suspended' | 'expired' | 'revoked';

/** Why a key was revoked. */
export const REVOCATION_REASONS = [
  'requested',
  /** Its maker lost the rights that the key holds (G8). */
  'maker-lost-rights',
  /** Found where it should not be, and reported. */
  'reported-leak',
  /** Whoever held the secret ended it. */
  'ended-by-holder',
] as const;
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

interface KeyCommon {
  id: string;
  organizationId: string;
  name: string;
  state: KeyStateName;
  expiresAt?: string;
  createdAt: string;
  createdBy: Actor;
  suspendedAt?: string;
  revokedAt?: string;
  revocationReason?: RevocationReason;
  /** Of the last use that was counted. */
  lastUsedAt?: string;
  lastUsedFrom?: LastUsedFrom;
  revision: string;
}

/** Where the last use that was counted came from, as far as the asking service told: no more than this is kept. */
export interface LastUsedFrom {
  /** The network of the client's address: an IPv4 /24 or an IPv6 /48 in canonical CIDR form. */
  addressPrefix?: string;
  /** The family of its user agent, such as `Firefox`, `curl`, `python-requests`. */
  userAgent?: string;
}

/** One secret of a service key. The last one is current. */
export interface KeySecret {
  /** 1, 2, 3, … */
  version: number;
  createdAt: string;
  /** How the token begins, where it is none of our own making. */
  hint?: string;
  /** Until when an older secret still works. */
  validUntil?: string;
  /** The older secret ends earlier, once the next one has been seen in use. */
  untilNextSeen?: true;
}

/** A service key as lists and details show it. */
export interface ApiKey extends KeyCommon {
  kind: 'service';
  role: Role;
  permissions: readonly Permission[];
  scope?: KeyScope;
  /** CIDR blocks in canonical form; absent means any address. */
  allowedIps?: readonly string[];
  tags: readonly string[];
  environment?: string;
  limits?: readonly RateLimit[];
  quotas?: readonly Quota[];
  /** Those that still work, oldest first. */
  secrets: readonly KeySecret[];
  /** When the secret was last seen where it must not be: sent by a web page. */
  exposedAt?: string;
}

export interface AllowedOrigin {
  /** Serialised as the WHATWG URL standard says: scheme, host, port. */
  origin: string;
  /** A temporary one. */
  expiresAt?: string;
}

/** A publishable key. Its value is no secret and stays readable. */
export interface PublicKey extends KeyCommon {
  kind: 'publishable';
  agentId: string;
  value: string;
  origins: readonly AllowedOrigin[];
  /** May also be used from localhost. */
  development: boolean;
}
