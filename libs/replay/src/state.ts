/**
 * What a log comes to, as an auditor holds it: everything of all organizations, in memory, with what tells who did it
 * and since when. Times are ISO 8601, UTC; positions are those of the log.
 */
import type {
  Actor,
  AllowedOrigin,
  DomainProofMethod,
  DomainState,
  KeyScope,
  KeyStateName,
  LastUsedFrom,
  OrganizationPolicy,
  Permission,
  Quota,
  RateLimit,
  RevocationReason,
  Role,
} from '@mcpstack/contracts';
import type { ToldList } from './told.ts';

export interface LogState {
  readonly organizations: Map<string, AuditedOrganization>;
  readonly users: Map<string, AuditedUser>;
  readonly agents: Map<string, AuditedAgent>;
  readonly servers: Map<string, AuditedServer>;
  readonly webhooks: Map<string, AuditedWebhook>;
  readonly keys: Map<string, AuditedKey>;
  /** By key id; also of keys that nobody knows. */
  readonly usage: Map<string, AuditedUsage>;
  /** By digest: who registered it first. Never given up: an ended secret still leads to its key. */
  readonly claims: Map<string, Claim>;
  /** By organization: the keys that made service keys. */
  readonly makingKeys: Map<string, Set<string>>;
  /** By organization: what others are told. */
  readonly told: Map<string, ToldList>;
}

export function emptyState(): LogState {
  return {
    organizations: new Map(),
    users: new Map(),
    agents: new Map(),
    servers: new Map(),
    webhooks: new Map(),
    keys: new Map(),
    usage: new Map(),
    claims: new Map(),
    makingKeys: new Map(),
    told: new Map(),
  };
}

/** What has a stream of its own. */
export interface Streamed {
  /** Of its last event. */
  revision: number;
  /** Positions of the events that are about it, as the read models keep them; where they are asked for. */
  noted?: string;
}

export interface AuditedOrganization extends Streamed {
  id: string;
  name: string;
  state: 'active' | 'suspended';
  policy: OrganizationPolicy;
  createdAt: string;
  /** When it was made or last resumed. */
  activeSince: string;
  suspendedAt?: string;
  /** By user id. */
  members: Map<string, AuditedMember>;
  invitations: Map<string, AuditedInvitation>;
}

export interface AuditedMember {
  userId: string;
  role: Role;
  state: 'active' | 'suspended';
  joinedAt: string;
  joinedPosition: number;
  /** Absent: the organization was made for them. */
  invitationId?: string;
  /** Who gave the role that stands, and when. */
  roleBy: Actor;
  roleAt: string;
  /** Since when the member has held each role that stands, or a higher one, without a break. */
  heldSince: Partial<Record<Role, string>>;
  /** When the member joined or was last resumed. */
  activeSince: string;
}

export interface AuditedInvitation {
  id: string;
  role: Role;
  state: 'pending' | 'accepted' | 'revoked';
  profileId: string;
  credential: Credential;
  expiresAt: string;
  createdAt: string;
  createdBy: Actor;
  acceptedBy?: string;
  position: number;
}

export interface AuditedUser extends Streamed {
  /** Absent: never told, or erased. */
  profile: { userId: string; name?: string; email?: string } | undefined;
}

export interface AuditedAgent extends Streamed {
  id: string;
  organizationId: string;
  name: string;
  state: 'active' | 'removed';
  createdAt: string;
  createdBy: Actor;
  position: number;
  /** Of those that were not removed, in the order in which they were added. */
  domains: Map<string, AuditedDomain>;
}

export interface AuditedDomain {
  id: string;
  domain: string;
  state: DomainState;
  challenge: string;
  createdAt: string;
  verifiedAt?: string;
  method?: DomainProofMethod;
  graceEndsAt?: string;
  contestedAt?: string;
  position: number;
  /** Since when it is verified or stale without a break; absent while it is neither. */
  heldPosition?: number;
}

export interface AuditedServer extends Streamed {
  id: string;
  organizationId: string;
  name: string;
  url?: string;
  state: 'active' | 'removed';
  createdAt: string;
  createdBy: Actor;
  position: number;
}

export interface AuditedWebhook extends Streamed {
  id: string;
  organizationId: string;
  name?: string;
  url: string;
  /** Absent: all, also those to come. */
  eventTypes?: readonly string[];
  state: 'active' | 'disabled' | 'removed';
  /** For good, whatever follows in its stream. */
  wasRemoved?: true;
  /** Which secrets sign: the one before, if any, and the current one. */
  secrets: readonly { version: number; keyVersion: number; createdAt: string; validUntil?: string }[];
  enabledAt: string;
  disabledAt?: string;
  disabledReason?: string;
  failingSince?: string;
  createdAt: string;
  createdBy: Actor;
  position: number;
}

/** HMAC-SHA-256 under a pepper, hexadecimal: it tells nothing of the secret to whoever lacks the pepper. */
export interface Credential {
  digest: string;
  pepperVersion: number;
}
export interface Claim {
  keyId: string;
  position: number;
}

/** A secret of a service key; the last one is current. */
export interface AuditedSecret {
  version: number;
  credential: Credential;
  createdAt: string;
  hint?: string;
  /** Until when an older one still works. */
  validUntil?: string;
  untilNextSeen?: true;
}

interface AnyKey extends Streamed {
  id: string;
  organizationId: string;
  name: string;
  state: KeyStateName;
  expiresAt?: string;
  /** Days before the expiry that stands. */
  noticesGiven: readonly number[];
  createdAt: string;
  createdBy: Actor;
  suspendedAt?: string;
  resumedAt?: string;
  revokedAt?: string;
  revocationReason?: RevocationReason;
  position: number;
  /** Of the event with which it was revoked or expired, whichever came first. */
  endedPosition?: number;
}

export interface AuditedServiceKey extends AnyKey {
  kind: 'service';
  role: Role;
  /** Narrows the role; absent: all that the role may. */
  permissions?: readonly Permission[];
  scope?: KeyScope;
  allowedIps?: readonly string[];
  limits?: readonly RateLimit[];
  quotas?: readonly Quota[];
  tags: readonly string[];
  environment?: string;
  /** Whether the older one still works is told by the clock. */
  secrets: readonly AuditedSecret[];
  exposedAt?: string;
}

export interface AuditedPublishableKey extends AnyKey {
  kind: 'publishable';
  agentId: string;
  value: string;
  credential: Credential;
  origins: readonly AllowedOrigin[];
  development: boolean;
}

export type AuditedKey = AuditedServiceKey | AuditedPublishableKey;

export interface AuditedUsage extends Streamed {
  keyId: string;
  count: number;
  firstUsedAt: string;
  lastUsedAt: string;
  lastUsedFrom?: LastUsedFrom;
  /** `lastUsedAt` of the window that told `lastUsedFrom`. */
  toldAt?: string;
  /** The newest, newest first, where they are asked for. */
  windows: { from: string; to: string; count: number }[];
}

/** A key that was revoked, or whose expiry was recorded: it never works again. */
export function hasEnded({ state }: Pick<AuditedKey, 'state'>): boolean {
  return state === 'revoked' || state === 'expired';
}
