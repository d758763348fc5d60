/** Gathers all that happened to somebody or something, in one reading of the log and a few looks back. */
import { categoryOf, codecFor, InvalidEventError, UnknownEventError } from '@mcpstack/domain';
import { type RecordedEvent } from '@mcpstack/event-store';
import { toldEvent } from '../export/told-event.ts';
import { type AuditedLog } from '../log.ts';
import { RequestIndex, requestOf } from './request-index.ts';
import { type Subject } from './subject.ts';

export interface Happened {
  position: string;
  at: string;
  type: string;
  /** In words. */
  what: string;
  actor: { type: string; id: string };
  subject: { kind: string; id: string };
  requestId: string;
  /** What it was done by, and not what it was done to. */
  isBy: boolean;
  /** Other events of the same request. */
  with: Omit<Happened, 'with' | 'isBy'>[];
}

export interface Use {
  count: number;
  firstAt: string;
  lastAt: string;
}

export interface Gathered {
  /** The first of them, in the order of the log. */
  events: Happened[];
  /** How many come after these. */
  more: number;
  /** Not all others of the same requests are named. */
  relatedCut: boolean;
  use: Use | undefined;
  /** Names of people whose profile stands. */
  names: ReadonlyMap<string, string>;
  /** Events that this version cannot read, in a few words each. */
  unknown: { place: string; concerns: boolean }[];
  invalid: string[];
}

/** So many events are kept: about 1 kB each, with what they are told with. */
const MOST_EVENTS = 10_000;
/** Others of the same requests that are looked up. */
const MOST_RELATED = 2_000;
const MOST_UNKNOWN = 20;

export interface GatherOptions {
  /** Only what comes after this position. */
  after?: bigint;
  /** For specs. */
  mostEvents?: number;
  mostRelated?: number;
}

/** Reads all of the log whatever is asked for: what a stream is of stands at its beginning. */
export async function gather(
  log: Pick<AuditedLog, 'events'>,
  subject: Subject,
  { after = -1n, mostEvents = MOST_EVENTS, mostRelated = MOST_RELATED }: GatherOptions = {},
): Promise<Gathered> {
  const found: Gathered = {
    ...{ events: [], more: 0, relatedCut: false, use: undefined, names: new Map() },
    ...{ unknown: [], invalid: [] },
  };
  const names = new Map<string, string>();
  const index = new RequestIndex();
  for await (const stored of log.events({ label: 'Reading' })) {
    // In KurrentDB somebody's event may be anything.
    const event = stored.data === null ? { ...stored, data: {} } : stored;
    index.add(event);
    learnName(names, event);
    const [isOf, isBy] = [subject.isOf(event), subject.isBy(event)];
    if (!isKnown(event)) addUnknown(found, event, isOf || isBy);
    else if (subject.isUse(event)) found.use = added(found.use, event);
    else if ((isOf || isBy) && event.position > after) {
      const happened = inWords(event, found.invalid);
      if (!happened) continue;
      if (found.events.length >= mostEvents) found.more += 1;
      else found.events.push({ ...happened, isBy: isBy && !isOf, with: [] });
    }
  }
  const relatedCut = await addRelated(log, index, found, mostRelated);
  return { ...found, names, relatedCut };
}

/** By type and version alone: an event that is none of ours may have meant anything. */
function isKnown({ stream, type, metadata }: RecordedEvent): boolean {
  try {
    const { versions } = codecFor(categoryOf(stream));
    const version = metadata['schemaVersion'];
    const known = Object.hasOwn(versions, type) ? versions[type]! : 0;
    return typeof version === 'number' && version >= 1 && version <= known;
  } catch (error) {
    if (error instanceof UnknownEventError) return false;
    throw error;
  }
}

function addUnknown({ unknown }: Gathered, event: RecordedEvent, concerns: boolean): void {
  if (unknown.length < MOST_UNKNOWN) unknown.push({ place: placeOf(event), concerns });
}

/** Nothing, with a remark, for an event that is not as it must be. */
function inWords(event: RecordedEvent, invalid: string[]): Omit<Happened, 'with' | 'isBy'> | undefined {
  try {
    const decoded = codecFor(categoryOf(event.stream)).decode(event);
    const told = toldEvent(event, decoded, undefined);
    const { position, at, type, actor, subject, requestId } = told;
    return { position, at, type, what: told.what(), actor, subject, requestId };
  } catch (error) {
    if (!(error instanceof InvalidEventError)) throw error;
    if (invalid.length < MOST_UNKNOWN) invalid.push(`${placeOf(event)}: ${error.message}`);
    return undefined;
  }
}

/** What else came of the same requests: where it came from, and what it led to. @returns whether that is not all. */
async function addRelated(
  log: Pick<AuditedLog, 'events'>,
  index: RequestIndex,
  { events, invalid }: Gathered,
  most: number,
): Promise<boolean> {
  const requests = new Set(events.map(({ requestId }) => requestId));
  requests.delete('');
  requests.delete('unknown');
  const known = new Set(events.map(({ position }) => Number(position)));
  const others = new Map<string, Happened['with']>();
  const places = index.placesOf(requests, known);
  for await (const event of index.read(log, requests, places.slice(0, most))) {
    const happened = isKnown(event) ? inWords(event, invalid) : undefined;
    if (happened) others.set(requestOf(event), [...(others.get(requestOf(event)) ?? []), happened]);
  }
  for (const one of events) one.with = others.get(one.requestId) ?? [];
  return places.length > most;
}

/** The latest name counts, and none after an erasure. */
function learnName(names: Map<string, string>, { stream, type, data }: RecordedEvent): void {
  if (!stream.startsWith('user-')) return;
  const [id, name] = [stream.slice('user-'.length), data['name']];
  if (type === 'UserProfileChanged' && typeof name === 'string') names.set(id, name);
  else names.delete(id);
}

function added(use: Use | undefined, { data }: RecordedEvent): Use {
  const { count, from, lastUsedAt } = data as { count: number; from: string; lastUsedAt: string };
  if (!use) return { count, firstAt: from, lastAt: lastUsedAt };
  return {
    count: use.count + count,
    firstAt: Date.parse(from) < Date.parse(use.firstAt) ? from : use.firstAt,
    lastAt: Date.parse(lastUsedAt) > Date.parse(use.lastAt) ? lastUsedAt : use.lastAt,
  };
}

function placeOf({ type, stream, position }: RecordedEvent): string {
  return `${type.slice(0, 64)} at position ${position} (${stream})`;
}
