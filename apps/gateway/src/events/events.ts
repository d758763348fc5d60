/** The query and the answers of the event routes. */
import {
  AUDIT_EVENT_TYPES,
  AUDIT_SUBJECTS,
  type AuditEvent,
  type AuditEventType,
  type AuditSubjectKind,
} from '@mcpstack/contracts';
import type { AuditEventPage, AuditEventRequest } from '@mcpstack/read-models';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayUnique, IsIn, IsString, Matches } from 'class-validator';
import { ActorAnswer, actorAnswer } from '../http/actor-answer.ts';
import { IsGiven, IsIsoTime } from '../http/fields.ts';
import { ListOf, listOf, pageOf, PAGE_FIELDS, PageQuery } from '../http/pages.ts';
import { fieldProblem } from '../http/problem-response.ts';

const ORDERS = ['newest', 'oldest'] as const;
type Order = (typeof ORDERS)[number];
const POSITION = /^(?:0|[1-9][0-9]{0,15})$/;
/** People and keys by their ids; parts of the system by their names. */
const ACTOR = /^(?:(?:user|key)_[0-9A-Za-z]{1,64}|[a-z][a-z-]{0,31})$/;
const SUBJECT = new RegExp(`^(?:${Object.values(AUDIT_SUBJECTS).join('|')})_[0-9A-Za-z]{1,64}$`);
const KINDS = Object.keys(AUDIT_SUBJECTS) as AuditSubjectKind[];

export const KEY_EVENT_FIELDS = [...PAGE_FIELDS, 'order', 'after'] as const;
export const EVENT_FIELDS = [...KEY_EVENT_FIELDS, 'type', 'actor', 'subject', 'from', 'to'] as const;

export class ListKeyEventsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ORDERS, default: 'newest', description: 'Which events come first.' })
  @IsIn(ORDERS)
  @IsGiven()
  order?: Order;

  @ApiPropertyOptional({
    pattern: POSITION.source,
    description:
      'Only what came after this `position`. With `order=oldest` this is how to follow the events.',
  })
  @Matches(POSITION, { message: 'after must be a position that a list of events answered' })
  @IsString()
  @IsGiven()
  after?: string;
}

export class ListEventsQuery extends ListKeyEventsQuery {
  @ApiPropertyOptional({
    enum: AUDIT_EVENT_TYPES,
    isArray: true,
    description: 'Only events of this type; given more than once, of any of these.',
  })
  @Transform(({ value }: { value: unknown }): unknown => (Array.isArray(value) ? value : [value]))
  @IsIn(AUDIT_EVENT_TYPES, { each: true, message: 'type must be the name of an event, such as KeyRevoked' })
  @ArrayUnique()
  @IsGiven()
  type?: AuditEventType[];

  @ApiPropertyOptional({
    pattern: ACTOR.source,
    description: 'Only what this user, key or part of the system did.',
  })
  @Matches(ACTOR, { message: 'actor must be the id of a user or a key, or the name of a part of the system' })
  @IsString()
  @IsGiven()
  actor?: string;

  @ApiPropertyOptional({
    pattern: SUBJECT.source,
    description: 'Only what is about this key, agent, server, …: its id.',
  })
  @Matches(SUBJECT, { message: 'subject must be the id of what events are about, such as that of a key' })
  @IsString()
  @IsGiven()
  subject?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'At this time or later.' })
  @IsIsoTime()
  @IsGiven()
  from?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Before this time.' })
  @IsIsoTime()
  @IsGiven()
  to?: string;
}

/** @throws ProblemError `validation-failed` for a span that ends before it begins. */
export function requestOf(query: ListEventsQuery): AuditEventRequest {
  const { order, after, type, actor, subject, from, to } = query;
  if (from !== undefined && to !== undefined && from > to)
    throw fieldProblem('to', 'must not be before from');
  return {
    ...pageOf(query),
    ...(order !== undefined && { order }),
    ...(after !== undefined && { after }),
    filter: {
      ...(type && { types: type }),
      ...(actor !== undefined && { actor }),
      ...(subject !== undefined && { subject }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    },
  };
}

export class SubjectAnswer {
  @ApiProperty({ enum: KINDS, example: 'key' })
  kind!: AuditSubjectKind;

  @ApiProperty({ example: 'key_0aB3dE5gH7jK9mN1pQ3sT5' })
  id!: string;
}

export class EventAnswer {
  @ApiProperty({
    example: '0b6f7e6c-7a3c-4b52-9a53-0d9a1f3e5b7d',
    description: 'The same wherever the event is told.',
  })
  id!: string;

  @ApiProperty({ enum: AUDIT_EVENT_TYPES, example: 'KeyRevoked' })
  type!: AuditEventType;

  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ type: ActorAnswer, description: 'Who did it.' })
  actor!: ActorAnswer;

  @ApiProperty({ example: 'org_4fZ0q2m1c8bVdJw5rT7yXa' })
  organizationId!: string;

  @ApiProperty({ type: SubjectAnswer, description: 'What it is about.' })
  subject!: SubjectAnswer;

  @ApiProperty({
    example: 'f1a2b3c4-0000-4000-8000-000000000000',
    description: 'Of the request that set it off; the answer to that request named it in `X-Request-Id`.',
  })
  requestId!: string;

  @ApiProperty({ example: '42', description: 'Its place in the log, growing from event to event.' })
  position!: string;

  @ApiProperty({
    type: Object,
    additionalProperties: true,
    example: { reason: 'requested' },
    description:
      'What the type tells beyond this; docs/audit-events.md has it for each. Fields may be added.',
  })
  data!: Record<string, unknown>;
}

export class EventList extends ListOf(EventAnswer) {
  @ApiPropertyOptional({
    example: '42',
    description:
      'All events up to here were looked at: send it as `after`, with `order=oldest`, for what comes later. ' +
      'With `order=newest` on the first page alone.',
  })
  position?: string;

  @ApiPropertyOptional({
    description: 'There are so many events that those before this position are no longer kept here.',
  })
  droppedBefore?: string;
}

/** Field by field; what may be told of each type is decided where events are mapped. */
export function eventAnswer(event: AuditEvent): EventAnswer {
  const { id, type, at, actor, organizationId, subject, requestId, position, data } = event;
  return {
    id,
    type,
    at,
    actor: actorAnswer(actor),
    organizationId,
    subject: { kind: subject.kind, id: subject.id },
    requestId,
    position,
    data: { ...data },
  };
}

export function eventListOf({ position, droppedBefore, ...page }: AuditEventPage): EventList {
  return {
    ...listOf(page, eventAnswer),
    ...(position !== undefined && { position }),
    ...(droppedBefore !== undefined && { droppedBefore }),
  };
}
