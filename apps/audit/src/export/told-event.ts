/** What an export tells of an event: the allow-list of audit events, and one of its own for what they leave out. */
import {
  AUDIT_EVENT_TYPES,
  describeEvent,
  isAuditEventType,
  type AuditEvent,
  type AuditEventType,
  type AuditSubjectKind,
} from '@mcpstack/contracts';
import {
  auditEventOf,
  categoryOf,
  type CheckpointEvent,
  type DomainEvent,
  type UsageEvent,
  type UserEvent,
} from '@mcpstack/domain';
import { type RecordedEvent } from '@mcpstack/event-store';
import { AuditError } from '../errors.ts';

type More = UsageEvent | UserEvent | CheckpointEvent;
/** The event's own name in the log. */
export type ToldType = AuditEventType | More['type'];

export interface ToldEvent {
  id: string;
  type: ToldType;
  at: string;
  actor: AuditEvent['actor'];
  /** A profile and a checkpoint belong to none. */
  organizationId: string | undefined;
  subject: { kind: AuditSubjectKind | 'profile' | 'checkpoint'; id: string };
  requestId: string;
  /** Decimal. */
  position: string;
  /** In words, for people. Made when it is asked for. */
  what: () => string;
  data: object;
}

type Rule<Event extends More> = (
  data: Event['data'],
  id: string,
) => { kind: ToldEvent['subject']['kind']; what: () => string; data: object };

/** Never a digest: of erased events a profile's stream keeps some, and the checkpoint's leaves are some. */
const RULES: { readonly [Type in More['type']]: Rule<Extract<More, { type: Type }>> } = {
  KeyUsed: ({ from, to, count, lastUsedAt, lastUsedFrom }) => ({
    kind: 'key',
    what: () => `key used: ${count === 1 ? 'once' : `${count} times`} from ${from} to ${to}`,
    data: { from, to, count, lastUsedAt, ...(lastUsedFrom && { lastUsedFrom }) },
  }),
  UserProfileChanged: ({ name, email }) => ({
    kind: 'profile',
    what: () => 'profile of a person changed',
    data: { ...(name !== undefined && { name }), ...(email !== undefined && { email }) },
  }),
  UserProfileErased: () => ({ kind: 'profile', what: () => 'profile of a person erased', data: {} }),
  CheckpointSigned: ({ note, position }) => ({
    kind: 'checkpoint',
    what: () => `log signed up to position ${position}`,
    data: { note, position },
  }),
};

/** Every type that can be exported. */
export const TOLD_TYPES: readonly ToldType[] = [
  ...AUDIT_EVENT_TYPES,
  ...(Object.keys(RULES) as More['type'][]),
];

export function isToldType(text: string): text is ToldType {
  return TOLD_TYPES.includes(text as ToldType);
}

/** @throws AuditError for an event that has no line here: it must not be left out in silence. */
export function toldEvent(
  stored: RecordedEvent,
  event: DomainEvent,
  organizationId: string | undefined,
): ToldEvent {
  if (isAuditEventType(event.type)) {
    const told = auditEventOf(stored, event, organizationId ?? '')!;
    return { ...told, organizationId, what: () => describeEvent(told) };
  }
  const { type, at, actor } = event;
  if (!Object.hasOwn(RULES, type)) {
    throw new AuditError('unknown', `This version cannot export ${type}, at position ${stored.position}.`, {
      code: 'unknown-event',
      next: 'Use a newer mcpstack-audit: an export without it would not be whole.',
    });
  }
  const id = stored.stream.slice(categoryOf(stored.stream).length + 1);
  const rule = RULES[type as More['type']] as Rule<More>;
  const { kind, what, data } = rule(event.data as More['data'], id);
  const requestId = stored.metadata['$correlationId'];
  return {
    id: stored.id,
    type: type as More['type'],
    at,
    actor: { type: actor.type, id: actor.id },
    organizationId,
    subject: { kind, id },
    requestId: typeof requestId === 'string' ? requestId : 'unknown',
    position: String(stored.position),
    what,
    data,
  };
}
