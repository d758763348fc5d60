/**
 * Events into records (G5). Any event may come twice, late, or from two projections at once: a record
 * carries its stream's revision, only the next revision is applied to it, and record, guard and position
 * change in one atomic step. An event that cannot be read is parked and its stream fails closed.
 */
import { codecFor, type DomainEvent } from '@mcpstack/domain';
import type { RecordedEvent } from '@mcpstack/event-store';
import { ToldEvents } from './told-events.ts';
import { names, type Generation } from './namespace.ts';
import { readModelOf } from './models.ts';
import type { AnyReadModel, Part, PartName, Write } from './read-model.ts';
import type { Change, StoredRecord, WriteSession } from './writer.ts';

/** Reads the rest of one stream from the log, from this revision on. */
export type ReadStream = (stream: string, from: bigint) => AsyncIterable<RecordedEvent>;

/** An event that was set aside; for the alarm. Names no value of the event. */
export interface ParkedEvent {
  stream: string;
  revision: bigint;
  position: bigint;
  type: string;
  requestId: string | undefined;
  /** Absent for the events that follow a parked one in its stream. */
  cause?: Error;
}

export type ApplyResult = 'superseded' | { parked: readonly ParkedEvent[] };

/** A record that keeps changing under us is somebody else's; this often, we give the session up. */
const MAX_TRIES = 5;

/** What a batch of events changes, against the records that stood there when it was folded. */
export interface FoldedEvents {
  events: readonly RecordedEvent[];
  /** Absent where more must be known first. */
  changes?: Change[];
  parked: ParkedEvent[];
}

/**
 * Applies a batch of events to a generation and then moves its position to the last of them.
 * @throws ReadModelsUnavailableError, SessionEndedError; an Error when the log lacks revisions it had.
 */
export async function applyEvents(
  session: WriteSession,
  generation: Generation,
  events: readonly RecordedEvent[],
  readStream: ReadStream,
): Promise<ApplyResult> {
  return applyFolded(
    session,
    generation,
    await foldEvents(session, generation, events, readStream),
    readStream,
  );
}

/**
 * The first half of `applyEvents`: reads what is stored and changes nothing. It may run while the batch before is
 * still being applied: whatever that changes meanwhile is found by the guards, and looked at again.
 */
export async function foldEvents(
  session: WriteSession,
  generation: Generation,
  events: readonly RecordedEvent[],
  readStream: ReadStream,
  { trustBeginnings = true }: { trustBeginnings?: boolean } = {},
): Promise<FoldedEvents> {
  const byStream = groupByStream(events);
  const streams = [...byStream.keys()].filter((stream) => readModelOf(stream) !== undefined);
  const isUnknown = (stream: string): boolean => !trustBeginnings || !begins(byStream.get(stream)!);
  const stored = await loadSome(session, generation, streams, isUnknown);
  const parked: ParkedEvent[] = [];
  const changes: Change[] = [];
  for (const [index, stream] of streams.entries()) {
    const loadPart = (part: PartName) => session.part(generation, part);
    const fold = new StreamFold({ stream, stored: stored[index]!, parked, loadPart });
    await fold.applyAll(byStream.get(stream)!, readStream);
    if (fold.change) changes.push(fold.change);
  }
  // A park is told once: whether this one stands already, only the record says.
  const isCertain = parked.length === 0 || streams.every(isUnknown);
  return { events, parked, ...(isCertain && { changes }) };
}

/**
 * The second half. The batch before must have been applied: the position that this one moves covers both.
 * @throws as `applyEvents` does.
 */
export async function applyFolded(
  session: WriteSession,
  generation: Generation,
  folded: FoldedEvents,
  readStream: ReadStream,
): Promise<ApplyResult> {
  const { events } = folded;
  if (events.length === 0) return { parked: [] };
  const last = events.reduce((latest, event) => (event.position > latest.position ? event : latest));
  let { changes, parked } = folded;
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    if (changes) {
      const result = await session.apply(generation, changes, last);
      if (result === 'superseded') return 'superseded';
      if (result.conflicts.length === 0) return { parked };
    }
    const again = { trustBeginnings: false };
    ({ changes, parked } = await foldEvents(session, generation, events, readStream, again));
  }
  throw new Error(`records changed under this session ${MAX_TRIES} times`);
}

/** A stream that begins here has no record yet. Where it has one after all, the guard of its revision tells. */
function begins(events: readonly RecordedEvent[]): boolean {
  return events.some(({ revision }) => revision === 0n);
}

/** Of each stream what is stored; nothing of those that need no look. */
async function loadSome(
  session: WriteSession,
  generation: Generation,
  streams: readonly string[],
  isUnknown: (stream: string) => boolean,
): Promise<StoredRecord[]> {
  const loaded = await session.load(generation, streams.filter(isUnknown).map(recordNameOf));
  let next = 0;
  return streams.map((stream) => (isUnknown(stream) ? loaded[next++]! : NO_RECORD));
}

const NO_RECORD: StoredRecord = { revision: -1n, data: undefined, parked: undefined };

interface StreamFoldDeps {
  stream: string;
  stored: StoredRecord;
  parked: ParkedEvent[];
  loadPart: (part: PartName) => Promise<string | undefined>;
}

/** One stream's record and its parts as the events pass over them. */
class StreamFold {
  readonly #deps: StreamFoldDeps;
  readonly #stream: string;
  readonly #model: AnyReadModel;
  readonly #id: string;
  readonly #writes: Write[] = [];
  /** As they stand now, by name and field; `undefined` for those that are not there. */
  readonly #parts = new Map<string, Part>();
  readonly #changedParts = new Set<string>();
  readonly #told = new ToldEvents();
  #revision: bigint;
  #record: unknown;
  #isParked: boolean;

  constructor(deps: StreamFoldDeps) {
    const { stream, stored } = deps;
    const { model, id } = readModelOf(stream)!;
    this.#deps = deps;
    this.#stream = stream;
    this.#model = model;
    this.#id = id;
    this.#revision = stored.revision;
    this.#record = stored.data === undefined ? undefined : JSON.parse(stored.data);
    this.#isParked = stored.parked !== undefined;
  }

  get change(): Change | undefined {
    const { stored } = this.#deps;
    if (this.#revision === stored.revision) return undefined;
    const name = recordNameOf(this.#stream);
    const isNew = stored.revision < 0n;
    const record: Write =
      this.#record === undefined
        ? ['HDEL', name, 'data']
        : ['HSET', name, 'data', JSON.stringify(this.#record), ...(isNew ? this.#told.fields : [])];
    const parts = [...this.#changedParts].map((key) => writeOf(this.#parts.get(key)!));
    const noted = isNew ? [] : this.#told.noted(name);
    const writes = [record, ...parts, ...this.#writes, ...noted, ...this.#told.writes];
    return { name, expected: stored.revision, revision: this.#revision, writes };
  }

  async applyAll(events: readonly RecordedEvent[], readStream: ReadStream): Promise<void> {
    const inOrder = events.toSorted((a, b) => (a.revision < b.revision ? -1 : 1));
    for (const event of inOrder) {
      if (event.revision > this.#revision + 1n) await this.#fillGap(event.revision, readStream);
      await this.#apply(event);
    }
  }

  /** Revisions are missing before this one: the log has them, unless they were deleted as they may be. */
  async #fillGap(until: bigint, readStream: ReadStream): Promise<void> {
    for await (const event of readStream(this.#stream, this.#revision + 1n)) await this.#apply(event);
    if (this.#revision >= until) return;
    if (!this.#model.deletable)
      throw new Error(
        `the log answers ${this.#stream} up to ${this.#revision} only, though it sent ${until}`,
      );
    this.#forget(until);
  }

  /** All before this revision was deleted. */
  #forget(until: bigint): void {
    this.#record = undefined;
    this.#revision = until - 1n;
  }

  async #apply(event: RecordedEvent): Promise<void> {
    if (event.revision <= this.#revision) return;
    if (event.revision !== this.#revision + 1n) {
      if (!this.#model.deletable)
        throw new Error(`${this.#stream} goes from revision ${this.#revision} to ${event.revision}`);
      this.#forget(event.revision);
    }
    this.#revision = event.revision;
    if (this.#isParked) return this.#park(event);
    const decoded = this.#decoded(event);
    if (!decoded) return;
    const partName = this.#model.partOf?.(this.#id, decoded);
    const part = partName && (await this.#part(partName));
    try {
      const at = { id: this.#id, position: event.position, part };
      const { record, parts = [], writes } = this.#model.project(this.#record, decoded, at);
      this.#record = record;
      for (const each of parts) this.#change(each);
      this.#writes.push(...writes);
      const organizationId = record === undefined ? undefined : this.#model.toldIn?.(record);
      if (organizationId !== undefined) this.#told.add(event, decoded, organizationId);
    } catch (cause) {
      this.#park(event, cause as Error);
    }
  }

  #decoded(event: RecordedEvent): DomainEvent | undefined {
    try {
      return codecFor(this.#model.category).decode(event);
    } catch (cause) {
      this.#park(event, cause as Error);
      return undefined;
    }
  }

  async #part(name: PartName): Promise<unknown> {
    const key = keyOf(name);
    if (!this.#parts.has(key)) {
      const data = await this.#deps.loadPart(name);
      this.#parts.set(key, { ...name, value: data === undefined ? undefined : JSON.parse(data) });
    }
    return this.#parts.get(key)!.value;
  }

  #change(part: Part): void {
    const key = keyOf(part);
    this.#parts.set(key, part);
    this.#changedParts.add(key);
  }

  #park({ revision, position, type, metadata }: RecordedEvent, cause?: Error): void {
    const code = (cause as { code?: unknown } | undefined)?.code;
    const reason = cause ? (typeof code === 'string' ? code : cause.name) : 'follows a parked event';
    const requestId = metadata['$correlationId'];
    const stream = this.#stream;
    this.#deps.parked.push({
      stream,
      revision,
      position,
      type,
      requestId: typeof requestId === 'string' ? requestId : undefined,
      ...(cause && { cause }),
    });
    const entry = JSON.stringify({ stream, revision: `${revision}`, type: type.slice(0, 64), reason });
    this.#writes.push(['ZADD', names.parked, `${position}`, entry]);
    // A parked profile is shown to nobody, and its erasure would be parked as well.
    if (this.#model.deletable) this.#record = undefined;
    if (this.#isParked) return;
    this.#isParked = true;
    this.#writes.push(['HSET', recordNameOf(stream), 'parked', `${revision} ${reason}`]);
  }
}

function recordNameOf(stream: string): string {
  const { model, id } = readModelOf(stream)!;
  return model.recordName(id);
}

function keyOf({ name, field }: PartName): string {
  return `${name} ${field}`;
}

function writeOf({ name, field, value }: Part): Write {
  return value === undefined ? ['HDEL', name, field] : ['HSET', name, field, JSON.stringify(value)];
}

function groupByStream(events: readonly RecordedEvent[]): Map<string, RecordedEvent[]> {
  const groups = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    const group = groups.get(event.stream);
    if (group) group.push(event);
    else groups.set(event.stream, [event]);
  }
  return groups;
}
