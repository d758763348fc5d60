/**
 * Events into records (G5). Any event may come twice, late, or from two projections at once: a record
 * carries its stream's revision, only the next revision is applied to it, and record, guard and position
 * change in one atomic step. An event that cannot be read is parked and its stream fails closed.
 */
import { codecFor } from '@mcpstack/domain';
import type { RecordedEvent } from '@mcpstack/event-store';
import type { Generation } from './namespace.ts';
import { names } from './namespace.ts';
import { readModelOf, type Write } from './read-model.ts';
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
  const position = events.reduce((max, event) => (event.position > max ? event.position : max), -1n);
  const byStream = groupByStream(events);
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const streams = [...byStream.keys()].filter((stream) => readModelOf(stream) !== undefined);
    const stored = await session.load(generation, streams.map(recordNameOf));
    const parked: ParkedEvent[] = [];
    const changes: Change[] = [];
    for (const [index, stream] of streams.entries()) {
      const fold = new StreamFold(stream, stored[index]!, parked);
      await fold.applyAll(byStream.get(stream)!, readStream);
      if (fold.change) changes.push(fold.change);
    }
    const result = await session.apply(generation, changes, position);
    if (result === 'superseded') return 'superseded';
    if (result.conflicts.length === 0) return { parked };
  }
  throw new Error(`records changed under this session ${MAX_TRIES} times`);
}

/** One stream's record as the events pass over it. */
class StreamFold {
  readonly #stream: string;
  readonly #before: bigint;
  readonly #parked: ParkedEvent[];
  readonly #writes: Write[] = [];
  #revision: bigint;
  #record: unknown;
  #isParked: boolean;

  constructor(stream: string, stored: StoredRecord, parked: ParkedEvent[]) {
    this.#stream = stream;
    this.#before = stored.revision;
    this.#revision = stored.revision;
    this.#record = stored.data === undefined ? undefined : JSON.parse(stored.data);
    this.#isParked = stored.parked !== undefined;
    this.#parked = parked;
  }

  get change(): Change | undefined {
    if (this.#revision === this.#before) return undefined;
    const name = recordNameOf(this.#stream);
    const record: Write[] =
      this.#record === undefined ? [] : [['HSET', name, 'data', JSON.stringify(this.#record)]];
    return { name, expected: this.#before, revision: this.#revision, writes: [...record, ...this.#writes] };
  }

  async applyAll(events: readonly RecordedEvent[], readStream: ReadStream): Promise<void> {
    const inOrder = events.toSorted((a, b) => (a.revision < b.revision ? -1 : 1));
    for (const event of inOrder) {
      if (event.revision > this.#revision + 1n) await this.#fillGap(event.revision, readStream);
      this.#apply(event);
    }
  }

  /** Revisions are missing before this one: the log has them. */
  async #fillGap(until: bigint, readStream: ReadStream): Promise<void> {
    for await (const event of readStream(this.#stream, this.#revision + 1n)) this.#apply(event);
    if (this.#revision < until)
      throw new Error(
        `the log answers ${this.#stream} up to ${this.#revision} only, though it sent ${until}`,
      );
  }

  #apply(event: RecordedEvent): void {
    if (event.revision <= this.#revision) return;
    if (event.revision !== this.#revision + 1n)
      throw new Error(`${this.#stream} goes from revision ${this.#revision} to ${event.revision}`);
    this.#revision = event.revision;
    if (this.#isParked) return this.#park(event);
    const { model, id } = readModelOf(this.#stream)!;
    try {
      const decoded = codecFor(model.category).decode(event);
      const { record, writes } = model.project(this.#record, decoded, { id, position: event.position });
      this.#record = record;
      this.#writes.push(...writes);
    } catch (cause) {
      this.#park(event, cause as Error);
    }
  }

  #park({ revision, position, type, metadata }: RecordedEvent, cause?: Error): void {
    const code = (cause as { code?: unknown } | undefined)?.code;
    const reason = cause ? (typeof code === 'string' ? code : cause.name) : 'follows a parked event';
    const requestId = metadata['$correlationId'];
    const stream = this.#stream;
    this.#parked.push({
      stream,
      revision,
      position,
      type,
      requestId: typeof requestId === 'string' ? requestId : undefined,
      ...(cause && { cause }),
    });
    const entry = JSON.stringify({ stream, revision: `${revision}`, type: type.slice(0, 64), reason });
    this.#writes.push(['ZADD', names.parked, `${position}`, entry]);
    if (this.#isParked) return;
    this.#isParked = true;
    this.#writes.push(['HSET', recordNameOf(stream), 'parked', `${revision} ${reason}`]);
  }
}

function recordNameOf(stream: string): string {
  const { model, id } = readModelOf(stream)!;
  return model.recordName(id);
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
