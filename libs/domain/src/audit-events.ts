/**
 * Events of the log as others are told them: per type an allow-list of what is told. A new event of one of these
 * categories does not compile before it has a line here.
 */
import {
  AUDIT_EVENT_SUBJECTS,
  isAuditEventType,
  type AuditEvent,
  type AuditEventData,
  type AuditEventType,
  type WebhookDisableReason,
} from '@mcpstack/contracts';
import type { AgentEvent } from './agent/events.ts';
import type { DomainEvent } from './decider.ts';
import type { KeyEvent } from './key/events.ts';
import type { OrganizationEvent } from './organization/events.ts';
import type { ServerEvent } from './server/events.ts';
import { parsed } from './web/domain-name.ts';
import type { WebhookEvent } from './webhook/events.ts';

/** Of use, of people and of checkpoints nothing is told. */
type Told = OrganizationEvent | AgentEvent | ServerEvent | KeyEvent | WebhookEvent;

type DataOf<Type extends Told['type']> = Extract<Told, { type: Type }>['data'];
/** @param id of the aggregate, as its stream's name holds it. */
type Rule<Type extends Told['type']> = (data: DataOf<Type>, id: string) => AuditEventData[Type];

const nothing = () => ({});
/** What may be told of a key's terms. */
const TERMS = ['role', 'permissions', 'scope', 'expiresAt', 'allowedIps', 'limits', 'quotas'] as const;

const RULES: { readonly [Type in Told['type']]: Rule<Type> } & Readonly<Record<AuditEventType, unknown>> = {
  OrganizationCreated: (data) => only(data, 'name', 'ownerId'),
  OrganizationRenamed: (data) => only(data, 'name'),
  OrganizationPolicyChanged: (data) => only(data, 'policy'),
  OrganizationSuspended: nothing,
  OrganizationResumed: nothing,
  MemberInvited: (data) => only(data, 'role', 'expiresAt'),
  InvitationRevoked: nothing,
  InvitationAccepted: (data) => only(data, 'userId', 'role'),
  MemberRoleChanged: (data) => only(data, 'role'),
  MemberSuspended: nothing,
  MemberResumed: nothing,
  MemberRemoved: nothing,
  AgentCreated: (data) => only(data, 'name'),
  AgentRenamed: (data) => only(data, 'name'),
  AgentRemoved: nothing,
  AgentDomainAdded: (data, agentId) => ({ agentId, ...only(data, 'domain') }),
  AgentDomainVerified: (data, agentId) => ({ agentId, ...only(data, 'method') }),
  AgentDomainStale: (data, agentId) => ({ agentId, ...only(data, 'graceEndsAt') }),
  AgentDomainLapsed: (_, agentId) => ({ agentId }),
  AgentDomainContested: (_, agentId) => ({ agentId }),
  AgentDomainRemoved: (_, agentId) => ({ agentId }),
  ServerCreated: (data) => only(data, 'name', 'url'),
  ServerRenamed: (data) => only(data, 'name'),
  ServerUrlChanged: (data) => only(data, 'url'),
  ServerRemoved: nothing,
  KeyCreated: (data) => only(data, 'name', ...TERMS, 'tags', 'environment'),
  KeyRenamed: (data) => only(data, 'name'),
  KeyTagged: (data) => only(data, 'tags'),
  KeyNarrowed: (data) => only(data, ...TERMS),
  KeyRotated: (data) => only(data, 'version', 'previous'),
  KeySecretRetired: (data) => only(data, 'version'),
  KeySuspended: nothing,
  KeyResumed: nothing,
  KeyRevoked: (data) => only(data, 'reason', 'source'),
  KeyExpiring: (data) => only(data, 'expiresAt', 'daysBefore'),
  KeyExpired: (data) => only(data, 'expiresAt'),
  KeyExposed: nothing,
  PublicKeyCreated: (data) => only(data, 'name', 'agentId', 'origins', 'development', 'expiresAt'),
  PublicKeyOriginAdded: (data) => only(data, 'origin', 'expiresAt'),
  PublicKeyOriginRemoved: (data) => only(data, 'origin'),
  WebhookCreated: (data) => ({ ...only(data, 'name', 'eventTypes'), origin: originOf(data.url) }),
  WebhookRenamed: (data) => only(data, 'name'),
  WebhookUrlChanged: (data) => ({ origin: originOf(data.url) }),
  WebhookEventTypesChanged: (data) => only(data, 'eventTypes'),
  WebhookSecretRotated: (data) => only(data, 'version', 'previousValidUntil'),
  WebhookDisabled: (data) =>
    only({ ...data, reason: data.reason as WebhookDisableReason }, 'reason', 'since'),
  WebhookEnabled: nothing,
  WebhookRemoved: nothing,
};

/** What the log holds of an event beside what its codec reads. A recorded event is one. */
export interface StoredPlace {
  id: string;
  stream: string;
  position: bigint;
  metadata: Readonly<Record<string, unknown>>;
}

/**
 * The event as others are told it, or `undefined` for one that is told to nobody.
 * @param organizationId of the aggregate: only its first event names it.
 */
export function auditEventOf(
  place: StoredPlace,
  { type, data, at, actor }: DomainEvent,
  organizationId: string,
): AuditEvent | undefined {
  if (!isAuditEventType(type)) return undefined;
  const aggregateId = place.stream.slice(place.stream.indexOf('-') + 1);
  const requestId = place.metadata['$correlationId'];
  const rule = RULES[type] as (data: unknown, id: string) => unknown;
  return {
    id: place.id,
    type,
    at,
    actor: { type: actor.type, id: actor.id },
    organizationId,
    subject: subjectOf(type, data as Parts, aggregateId),
    requestId: typeof requestId === 'string' ? requestId : 'unknown',
    position: String(place.position),
    data: rule(data, aggregateId),
  } as AuditEvent;
}

/** What an event may be about that has no stream of its own. */
interface Parts {
  userId: string;
  invitationId: string;
  domainId: string;
}

function subjectOf(type: AuditEventType, parts: Parts, aggregateId: string): AuditEvent['subject'] {
  const kind = AUDIT_EVENT_SUBJECTS[type];
  switch (kind) {
    case 'member':
      return { kind, id: parts.userId };
    case 'invitation':
      return { kind, id: parts.invitationId };
    case 'domain':
      return { kind, id: parts.domainId };
    case 'organization':
    case 'agent':
    case 'server':
    case 'key':
    case 'webhook':
      return { kind, id: aggregateId };
    default:
      return kind satisfies never;
  }
}

/** The rest of the address of a webhook may be a secret between two, and other webhooks are told of it. */
function originOf(url: string): string {
  return parsed(url)?.origin ?? 'unknown';
}

/** These fields and no other, as far as they are there. */
function only<Data extends object, Field extends keyof Data>(
  data: Data,
  ...fields: readonly Field[]
): Pick<Data, Field> {
  const picked: Partial<Pick<Data, Field>> = {};
  for (const field of fields) if (data[field] !== undefined) picked[field] = data[field];
  return picked as Pick<Data, Field>;
}
