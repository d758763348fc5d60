/**
 * Read model: what happened in an organization, in the order of the log: its newest events, each once, as compact
 * text in a sorted set by position. What is about one key, agent or server is found by the positions that stand with
 * its record.
 */
import {
  AUDIT_EVENT_SUBJECTS,
  AUDIT_SUBJECTS,
  type AuditEvent,
  type AuditEventType,
  type AuditSubjectKind,
} from '@mcpstack/contracts';
import type { KeyFold } from './keys.ts';
import { readModelOf } from './models.ts';
import { names } from './namespace.ts';
import { pageOf, scoreIn, type Listed } from './page.ts';
import { READ_SCRIPTS } from './read-scripts.ts';
import type { Page, PageRequest, ReadModels, Reading } from './reading.ts';
import { readable, type Row } from './row.ts';
import type { TrustedReader } from './trusted-reader.ts';
import { KEPT_EVENTS } from './write-scripts.ts';

export interface AuditEventFilter {
  /** Any of these. */
  types?: readonly AuditEventType[];
  /** The id of whoever did it. */
  actor?: string;
  /** The id of what it is about. */
  subject?: string;
  /** At this time or later; ISO 8601. */
  from?: string;
  /** Before this time. */
  to?: string;
}
export interface AuditEventRequest extends PageRequest {
  /** `newest` first by default. A cursor is good for its own order alone. */
  order?: 'newest' | 'oldest';
  /** Only events beyond this log position, or before that one; decimal. */
  after?: string;
  before?: string;
  filter?: AuditEventFilter;
}
export interface AuditEventPage extends Page<AuditEvent> {
  /**
   * All events up to here were looked at: what comes later is what follows `after` this. With the newest first only on
   * the first page: on later ones there may be newer events that no page has shown.
   */
  position?: string;
  /** The oldest event that is kept stands here: older ones may have been dropped. Absent while all are kept. */
  droppedBefore?: string;
}

/** A filtered page looks at no more: it is then not full, and says where to go on. */
const MOST_LOOKED_AT = 10_000;
const HIGHEST = BigInt(Number.MAX_SAFE_INTEGER);

/** Position, organization and kind of subject go without saying. */
type Member = readonly [
  id: string,
  type: AuditEventType,
  at: string,
  actorType: AuditEvent['actor']['type'],
  actorId: string,
  subjectId: string,
  requestId: string,
  data: unknown,
];

export function memberOf({ id, type, at, actor, subject, requestId, data }: AuditEvent): string {
  return JSON.stringify([id, type, at, actor.type, actor.id, subject.id, requestId, data] satisfies Member);
}

function eventIn(member: string, position: string, organizationId: string): AuditEvent {
  const [id, type, at, actorType, actorId, subjectId, requestId, data] = JSON.parse(member) as Member;
  return {
    id,
    type,
    at,
    actor: { type: actorType, id: actorId },
    organizationId,
    subject: { kind: AUDIT_EVENT_SUBJECTS[type], id: subjectId },
    requestId,
    position,
    data,
  } as AuditEvent;
}

export function auditEventReads(
  reader: TrustedReader,
): Pick<ReadModels, 'listAuditEvents' | 'listKeyEvents'> {
  return {
    listAuditEvents: async (organizationId, request = {}) => {
      const { subject } = request.filter ?? {};
      const record = subject === undefined ? undefined : recordOf(subject);
      return listEvents(reader, organizationId, { request, record });
    },
    listKeyEvents: async (organizationId, keyId, request = {}) => {
      let isOurs = true;
      const ofKey = { ...request, filter: { ...request.filter, subject: keyId } };
      const page = await listEvents(reader, organizationId, {
        request: ofKey,
        record: names.key(keyId),
        // A foreign key and an unknown one give the same answer (G8).
        onRecord: (key) => (isOurs &&= (key as KeyFold | undefined)?.organizationId === organizationId),
      });
      return isOurs ? page : { ...page, value: undefined };
    },
  };
}

interface EventList {
  request: AuditEventRequest;
  /** Under which the positions stand of all that is about the subject; absent: all are looked at. */
  record: string | undefined;
  onRecord?: (record: unknown) => void;
}

async function listEvents(
  reader: TrustedReader,
  organizationId: string,
  { request, record, onRecord }: EventList,
): Promise<Reading<AuditEventPage>> {
  const { order = 'newest', filter } = request;
  const name = names.eventsOf(organizationId);
  // A cursor of the one direction is none of the other: it would answer the rest as if it were all.
  const list = { name: `${name} ${order}`, order };
  let droppedBefore: string | undefined;
  let lastSeen = -1n;
  const reading = await pageOf(
    list,
    request,
    (bound, count) => {
      const [lowest, highest] = rangeOf(request, order, bound);
      const args = [name, order, `${lowest}`, `${highest}`, `${count}`, `${KEPT_EVENTS}`, record ?? ''];
      return reader.read(READ_SCRIPTS.events, args, (reply) => {
        const [row, found, oldest] = reply as unknown as [Row | null, string[], [string, string] | null];
        if (row) onRecord?.(readable(row)?.data);
        droppedBefore = oldest && !isFirstOfAll(oldest[0]) ? oldest[1] : undefined;
        lastSeen = BigInt(found.at(-1) ?? lastSeen);
        return listedIn(found, organizationId);
      });
    },
    { matches: matcherOf(filter), mostLookedAt: MOST_LOOKED_AT },
  );
  const { nextCursor } = reading.value;
  const value: AuditEventPage = { ...reading.value, ...(droppedBefore !== undefined && { droppedBefore }) };
  if (order === 'newest') {
    const isFirst = request.cursor === undefined && request.before === undefined;
    return { ...reading, value: isFirst ? { ...value, position: reading.position } : value };
  }
  return { ...reading, value: { ...value, position: lookedAtUntil(reading, nextCursor, lastSeen) } };
}

/** Nothing of an organization comes before its making: where that still stands, a full list has lost nothing. */
function isFirstOfAll(member: string): boolean {
  const [, type] = JSON.parse(member) as Member;
  return type === 'OrganizationCreated';
}

/** Up to where a page that goes on from the oldest has looked: nothing up to there will ever be new. */
function lookedAtUntil(
  { position }: Reading<unknown>,
  nextCursor: string | undefined,
  lastSeen: bigint,
): string {
  if (nextCursor !== undefined) return scoreIn(nextCursor);
  // Events may have come between the steps of a page: the first one's position is older than the last event's.
  return lastSeen > BigInt(position) ? `${lastSeen}` : position;
}

/** Where a subject has a record with positions of its own: of members, invitations and domains there is none. */
function recordOf(subject: string): string | undefined {
  const prefix = subject.slice(0, subject.indexOf('_'));
  const kinds = Object.keys(AUDIT_SUBJECTS) as AuditSubjectKind[];
  const kind = kinds.find((one) => AUDIT_SUBJECTS[one] === prefix);
  const found = readModelOf(`${kind}-${subject}`);
  return found?.model.toldIn && found.model.recordName(subject);
}

/** Lowest and highest position that the next step looks at, both inclusive. `bound` as pages have it. */
function rangeOf(
  { after, before }: AuditEventRequest,
  order: 'newest' | 'oldest',
  bound: string,
): [bigint, bigint] {
  let lowest = after === undefined ? 0n : positionIn(after) + 1n;
  let highest = before === undefined ? HIGHEST : positionIn(before) - 1n;
  if (!bound.startsWith('(')) return [lowest, highest];
  const last = BigInt(bound.slice(1));
  if (order === 'newest') highest = last - 1n < highest ? last - 1n : highest;
  else lowest = last + 1n > lowest ? last + 1n : lowest;
  return [lowest, highest];
}

function positionIn(text: string): bigint {
  if (!/^[0-9]{1,16}$/.test(text)) throw new RangeError('a position is a decimal number');
  return BigInt(text);
}

function listedIn(found: readonly string[], organizationId: string): Listed<AuditEvent>[] {
  const listed: Listed<AuditEvent>[] = [];
  for (let place = 0; place < found.length; place += 2) {
    const score = found[place + 1]!;
    listed.push({ score, item: eventIn(found[place]!, score, organizationId) });
  }
  return listed;
}

function matcherOf({ types, actor, subject, from, to }: AuditEventFilter = {}): (
  event: AuditEvent,
) => boolean {
  const wanted = types && new Set<string>(types);
  const [fromMs, toMs] = [millisOf(from) ?? -Infinity, millisOf(to) ?? Infinity];
  const isTimed = from !== undefined || to !== undefined;
  return (event) => {
    if (wanted && !wanted.has(event.type)) return false;
    if (actor !== undefined && event.actor.id !== actor) return false;
    if (subject !== undefined && event.subject.id !== subject) return false;
    if (!isTimed) return true;
    const atMs = Date.parse(event.at);
    return atMs >= fromMs && atMs < toMs;
  };
}

function millisOf(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw new RangeError('from and to are times');
  return ms;
}
