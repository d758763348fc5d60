/**
 * What happened in an organization, as others are told: API, webhooks, exports. Each type's data is an allow-list:
 * never a credential or anything made of one, never anything of a person but their opaque id.
 */
import type {
  Actor,
  AllowedOrigin,
  DomainProofMethod,
  KeyScope,
  OrganizationPolicy,
  Quota,
  RateLimit,
  RevocationReason,
} from './resources.ts';
import type { Permission, Role } from './roles.ts';
import type { WebhookDisableReason } from './webhooks.ts';

type Nothing = Record<never, never>;

/** What a service key may be limited by. An absent field limits nothing, or did not change. */
interface KeyLimits {
  permissions?: readonly Permission[];
  scope?: KeyScope;
  expiresAt?: string;
  allowedIps?: readonly string[];
  limits?: readonly RateLimit[];
  quotas?: readonly Quota[];
}

/** Of each type of event what it tells beyond its subject. Times are ISO 8601, UTC. Fields are only ever added. */
export interface AuditEventData {
  OrganizationCreated: { name: string; ownerId: string };
  OrganizationRenamed: { name: string };
  /** The whole policy after the change. */
  OrganizationPolicyChanged: { policy: OrganizationPolicy };
  OrganizationSuspended: Nothing;
  OrganizationResumed: Nothing;
  MemberInvited: { role: Role; expiresAt: string };
  InvitationRevoked: Nothing;
  /** The user is a member from now on. */
  InvitationAccepted: { userId: string; role: Role };
  MemberRoleChanged: { role: Role };
  MemberSuspended: Nothing;
  MemberResumed: Nothing;
  MemberRemoved: Nothing;
  AgentCreated: { name: string };
  AgentRenamed: { name: string };
  AgentRemoved: Nothing;
  AgentDomainAdded: { agentId: string; domain: string };
  AgentDomainVerified: { agentId: string; method: DomainProofMethod };
  /** The proof was not found any more; the domain is still good until then. */
  AgentDomainStale: { agentId: string; graceEndsAt: string };
  AgentDomainLapsed: { agentId: string };
  /** Another organization has proven the name since. */
  AgentDomainContested: { agentId: string };
  AgentDomainRemoved: { agentId: string };
  ServerCreated: { name: string; url?: string };
  ServerRenamed: { name: string };
  ServerUrlChanged: { url: string };
  ServerRemoved: Nothing;
  KeyCreated: { name: string; role: Role; tags?: readonly string[]; environment?: string } & KeyLimits;
  KeyRenamed: { name: string };
  KeyTagged: { tags: readonly string[] };
  /** Each field that changed, with its whole new value. */
  KeyNarrowed: { role?: Role } & KeyLimits;
  /** The number of the new secret, and how the one before it ends. */
  KeyRotated: { version: number; previous: { validUntil: string; untilNextSeen?: true } };
  /** The secret of this number has ended: the next one was seen in use. */
  KeySecretRetired: { version: number };
  KeySuspended: Nothing;
  KeyResumed: Nothing;
  /** `source`: who found a leaked one. */
  KeyRevoked: { reason: RevocationReason; source?: string };
  KeyExpiring: { expiresAt: string; daysBefore: number };
  KeyExpired: { expiresAt: string };
  /** The secret was sent by a web page, where everybody can read it. */
  KeyExposed: Nothing;
  PublicKeyCreated: {
    name: string;
    agentId: string;
    origins: readonly AllowedOrigin[];
    development: boolean;
    expiresAt?: string;
  };
  PublicKeyOriginAdded: { origin: string; expiresAt: string };
  PublicKeyOriginRemoved: { origin: string };
  /** Of the address the origin alone: the rest of it may be a secret between two. Absent types are all. */
  WebhookCreated: { name?: string; origin: string; eventTypes?: readonly string[] };
  WebhookRenamed: { name: string };
  WebhookUrlChanged: { origin: string };
  WebhookEventTypesChanged: { eventTypes?: readonly string[] };
  WebhookSecretRotated: { version: number; previousValidUntil: string };
  /** `since`: when the failing began. */
  WebhookDisabled: { reason: WebhookDisableReason; since?: string };
  WebhookEnabled: Nothing;
  WebhookRemoved: Nothing;
}

/** The event's own name in the log. */
export type AuditEventType = keyof AuditEventData;

/** What an event is about, and how the id of such a thing begins. */
export const AUDIT_SUBJECTS = {
  organization: 'org',
  member: 'user',
  invitation: 'inv',
  agent: 'agent',
  domain: 'dom',
  server: 'srv',
  key: 'key',
  webhook: 'whk',
} as const;
export type AuditSubjectKind = keyof typeof AUDIT_SUBJECTS;

/** Which kind of subject each type of event is about. */
export const AUDIT_EVENT_SUBJECTS: Readonly<Record<AuditEventType, AuditSubjectKind>> = {
  OrganizationCreated: 'organization',
  OrganizationRenamed: 'organization',
  OrganizationPolicyChanged: 'organization',
  OrganizationSuspended: 'organization',
  OrganizationResumed: 'organization',
  MemberInvited: 'invitation',
  InvitationRevoked: 'invitation',
  InvitationAccepted: 'invitation',
  MemberRoleChanged: 'member',
  MemberSuspended: 'member',
  MemberResumed: 'member',
  MemberRemoved: 'member',
  AgentCreated: 'agent',
  AgentRenamed: 'agent',
  AgentRemoved: 'agent',
  AgentDomainAdded: 'domain',
  AgentDomainVerified: 'domain',
  AgentDomainStale: 'domain',
  AgentDomainLapsed: 'domain',
  AgentDomainContested: 'domain',
  AgentDomainRemoved: 'domain',
  ServerCreated: 'server',
  ServerRenamed: 'server',
  ServerUrlChanged: 'server',
  ServerRemoved: 'server',
  KeyCreated: 'key',
  KeyRenamed: 'key',
  KeyTagged: 'key',
  KeyNarrowed: 'key',
  KeyRotated: 'key',
  KeySecretRetired: 'key',
  KeySuspended: 'key',
  KeyResumed: 'key',
  KeyRevoked: 'key',
  KeyExpiring: 'key',
  KeyExpired: 'key',
  KeyExposed: 'key',
  PublicKeyCreated: 'key',
  PublicKeyOriginAdded: 'key',
  PublicKeyOriginRemoved: 'key',
  WebhookCreated: 'webhook',
  WebhookRenamed: 'webhook',
  WebhookUrlChanged: 'webhook',
  WebhookEventTypesChanged: 'webhook',
  WebhookSecretRotated: 'webhook',
  WebhookDisabled: 'webhook',
  WebhookEnabled: 'webhook',
  WebhookRemoved: 'webhook',
};

/** Every type, in the order of the table above. */
export const AUDIT_EVENT_TYPES = Object.keys(AUDIT_EVENT_SUBJECTS) as readonly AuditEventType[];

export function isAuditEventType(value: unknown): value is AuditEventType {
  return typeof value === 'string' && Object.hasOwn(AUDIT_EVENT_SUBJECTS, value);
}

interface AuditEventOf<Type extends AuditEventType> {
  /** The event's id in the log, a UUID: whoever is told twice knows it by this. */
  id: string;
  type: Type;
  /** ISO 8601, UTC. The order is that of `position`: clocks of several services differ a little. */
  at: string;
  actor: Actor;
  organizationId: string;
  subject: { kind: AuditSubjectKind; id: string };
  /** Of the request that set things off. */
  requestId: string;
  /** Its place in the log, decimal; grows from event to event. */
  position: string;
  data: AuditEventData[Type];
}

/** One event; its `type` tells what `data` holds. */
export type AuditEvent<Type extends AuditEventType = AuditEventType> = {
  [Each in Type]: AuditEventOf<Each>;
}[Type];
