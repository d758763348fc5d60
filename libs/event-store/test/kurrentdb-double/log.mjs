// The log of the double: streams, expected revisions, idempotence and visibility as the recording has
// them. In memory; with a file, every write stands there before it is acknowledged, so that the log
// survives SIGKILL of the process.
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { lineOf, revive } from './log-lines.mjs';

/** The revision of a tombstone, and what a soft delete sets as $tb. */
export const DELETED = 9223372036854775807n;
export const MAX_APPEND_BYTES = 1024 * 1024;
/** What the positions of a fresh database begin with: the log's own first records. */
const FIRST_POSITION = 548n;

export class Refused extends Error {
  /** @param {string} kind @param {Record<string, unknown>} [details] */
  constructor(kind, details = {}) {
    super(kind);
    this.kind = kind;
    this.details = details;
  }
}

/** .NET ticks since the Unix epoch, as the server sends `created`. */
const nowTicks = () => BigInt(Date.now()) * 10_000n;
export const ticksToMs = (ticks) => Number(ticks / 10_000n);

export class Log extends EventEmitter {
  /** In log order. @type {any[]} */
  records = [];
  /** @type {Map<string, any>} */
  #streams = new Map();
  /** Ids that appends with `any` are compared with; the first of an id stands. Forgotten on a restart. */
  #recent = new Map();
  #nextPosition = FIRST_POSITION;
  #file;
  #fd;

  /** @param {string} [file] */
  constructor(file) {
    super();
    this.setMaxListeners(0);
    this.#file = file;
    if (file && existsSync(file)) this.#load(file);
    if (file) this.#fd = openSync(file, 'a');
    if (this.records.length === 0) {
      this.#commit([{ stream: '$$$scavenges', ...metadataRecord({ $acl: { $r: '$ops' } }) }]);
    }
  }

  close() {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }

  /** Position of the last record. */
  get end() {
    return this.records.at(-1)?.position ?? -1n;
  }

  /** @param {string} name */
  stream(name) {
    return this.#streams.get(name) ?? EMPTY;
  }

  /** Index of the record at exactly this position, or -1. @param {bigint} position */
  indexOf(position) {
    const index = this.indexAfter(position) - 1;
    return index >= 0 && this.records[index].position === position ? index : -1;
  }

  /** Index of the first record after this position. @param {bigint} position */
  indexAfter(position) {
    let low = 0;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.records[middle].position <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The stream's metadata document. @param {string} name */
  metadataOf(name) {
    return this.stream(name).metadata ?? {};
  }

  /** Is this record of the stream shown to readers? @param {any} record */
  isVisible(record) {
    const stream = this.stream(record.stream);
    if (record.stream.startsWith('$$')) return record.revision === stream.last;
    const { $tb, $maxCount, $maxAge } = this.metadataOf(record.stream);
    if ($tb !== undefined && record.revision < BigInt($tb)) return false;
    if ($maxCount !== undefined && record.revision <= stream.last - BigInt($maxCount)) return false;
    return $maxAge === undefined || Date.now() - ticksToMs(record.created) <= $maxAge * 1000;
  }

  /**
   * Removes what readers see no more, but for the last event of each stream; of a tombstoned one all but the tombstone.
   * What is gone keeps its id (idempotence) and its position (to resume from); nothing of what it held is left.
   */
  scavenge() {
    for (const record of this.records) {
      const stream = this.stream(record.stream);
      const stays = stream.tombstoned
        ? record.revision === DELETED
        : this.isVisible(record) || record.revision === stream.last;
      if (stays) continue;
      record.gone = true;
      record.data = record.metadata = Buffer.alloc(0);
    }
    if (this.#file === undefined) return;
    const whole = `${this.#file}.scavenged`;
    writeFileSync(whole, lineOf(this.records, this.#nextPosition));
    renameSync(whole, this.#file);
    closeSync(this.#fd);
    this.#fd = openSync(this.#file, 'a');
  }

  isSoftDeleted(name) {
    const { $tb } = this.metadataOf(name);
    return $tb !== undefined && BigInt($tb) === DELETED;
  }

  /**
   * @param {string} name @param {'any'|'no_stream'|'stream_exists'|bigint} expected @param {any[]} events
   * @returns {{ revision: bigint, position: bigint | undefined }}
   */
  append(name, expected, events) {
    const stream = this.stream(name);
    if (stream.tombstoned || this.stream(name.slice(2)).tombstoned) throw new Refused('stream-deleted');
    if (events.reduce((sum, event) => sum + sizeOf(event), 0) > MAX_APPEND_BYTES) {
      throw new Refused('too-large');
    }
    if (expected === 'stream_exists') {
      if (this.isSoftDeleted(name)) throw new Refused('stream-deleted');
      if (stream.last < 0n && !this.#streams.has(`$$${name}`)) this.#conflict(expected, stream.last);
    }
    const known =
      expected === 'any' || expected === 'stream_exists'
        ? this.#knownAnywhere(name, expected, events)
        : this.#knownAt(name, expected, events);
    if (known) {
      return { revision: known.revision, position: this.isVisible(known) ? known.position : undefined };
    }
    if (events.length === 0) {
      this.#commit([]);
      return { revision: stream.last < 0n ? 0n : stream.last, position: this.#nextPosition - 1n };
    }
    const undelete = this.isSoftDeleted(name)
      ? [
          {
            stream: `$$${name}`,
            ...metadataRecord({ ...this.metadataOf(name), $tb: Number(stream.last + 1n) }),
          },
        ]
      : [];
    const written = this.#commit([...undelete, ...events.map((event) => ({ ...event, stream: name }))]);
    return { revision: written.at(-1).revision, position: written.at(-1).position };
  }

  /** @param {string} name @param {'any'|'no_stream'|'stream_exists'|bigint} expected @returns {bigint} */
  delete(name, expected, { tombstone = false } = {}) {
    const stream = this.stream(name);
    if (stream.tombstoned) throw new Refused('stream-deleted');
    const wanted = { any: -2n, no_stream: -1n, stream_exists: -4n }[expected] ?? expected;
    const exact = typeof expected === 'bigint' && expected !== stream.last;
    if (stream.last < 0n || exact || expected === 'no_stream') {
      throw new Refused('wrong-expected-version', { expected: wanted, actual: stream.last });
    }
    const record = tombstone
      ? { stream: name, revision: DELETED, ...plain('$streamDeleted', Buffer.alloc(0)) }
      : { stream: `$$${name}`, ...metadataRecord({ ...this.metadataOf(name), $tb: 'MAX' }) };
    return this.#commit([record])[0].position;
  }

  #conflict(expected, actual) {
    throw new Refused('wrong-expected-version', { expected, actual });
  }

  /** Exact expectation: what stands right after it must be these ids, or nothing may stand there. */
  #knownAt(name, expected, events) {
    const stream = this.stream(name);
    const from = expected === 'no_stream' ? -1n : expected;
    const fresh = from === stream.last || (expected === 'no_stream' && this.isSoftDeleted(name));
    if (from > stream.last) this.#conflict(expected, stream.last);
    const standing = events.map((_, index) => stream.records[Number(from) + 1 + index]);
    if (events.length > 0 && from < stream.last) {
      if (standing.every((record, index) => record?.id === events[index].id)) return standing.at(-1);
    }
    if (!fresh) this.#conflict(expected, stream.last);
    return undefined;
  }

  /** Without an exact expectation: all ids known means a repetition, first known and later not a conflict. */
  #knownAnywhere(name, expected, events) {
    const found = events.map((event) => this.#recent.get(`${name} ${event.id}`));
    if (events.length === 0 || !found[0]) return undefined;
    if (found.every(Boolean)) return found.at(-1);
    return this.#conflict(expected, this.stream(name).last);
  }

  /** One write: all records or none, in the file before anything of it can be read. */
  #commit(events) {
    const created = nowTicks();
    const placed = [];
    const lastOf = new Map();
    let position = this.#nextPosition;
    for (const event of events) {
      const last = lastOf.get(event.stream) ?? this.stream(event.stream).last;
      const revision = event.revision ?? last + 1n;
      lastOf.set(event.stream, revision);
      placed.push({ ...event, revision, position, created });
      position += BigInt(80 + sizeOf(event));
    }
    const next = events.length === 0 ? position + 110n : position;
    if (this.#fd !== undefined) writeSync(this.#fd, lineOf(placed, next));
    this.#nextPosition = next;
    for (const record of placed) this.#place(record, true);
    this.emit('records');
    return placed;
  }

  #place(record, remember) {
    this.records.push(record);
    const stream = this.#streams.get(record.stream) ?? { last: -1n, records: [], tombstoned: false };
    this.#streams.set(record.stream, stream);
    if (record.type === '$streamDeleted') stream.tombstoned = true;
    else stream.last = record.revision;
    stream.records.push(record);
    const key = `${record.stream} ${record.id}`;
    if (remember && !this.#recent.has(key)) this.#recent.set(key, record);
    const isMetadata = record.type === '$metadata' && record.stream.startsWith('$$');
    if (isMetadata && !record.gone) this.#applyMetadata(record);
  }

  #applyMetadata(record) {
    const name = record.stream.slice(2);
    const target = this.#streams.get(name) ?? { last: -1n, records: [], tombstoned: false };
    const text = record.data.toString('utf8');
    // JSON has no integers of 64 bits: a soft delete is told apart by its text.
    target.metadata = text.includes(`"$tb":${DELETED}`)
      ? { ...JSON.parse(text), $tb: DELETED.toString() }
      : JSON.parse(text || '{}');
    this.#streams.set(name, target);
  }

  #load(file) {
    const text = readFileSync(file, 'utf8');
    // A line that was cut off by a kill was never acknowledged.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
    for (const line of whole.split('\n').filter(Boolean)) {
      const { next, records } = JSON.parse(line);
      for (const record of records) this.#place(revive(record), false);
      this.#nextPosition = BigInt(next);
    }
  }
}

const EMPTY = Object.freeze({ last: -1n, records: [], tombstoned: false, metadata: undefined });

/** As the server counts it: both bodies, and the type in UTF-16. */
function sizeOf(event) {
  return event.data.length + event.metadata.length + 2 * event.type.length;
}

function plain(type, data) {
  return { id: randomUUID(), type, contentType: 'application/json', data, metadata: Buffer.alloc(0) };
}

function metadataRecord(document) {
  const text = JSON.stringify(document).replace('"MAX"', DELETED.toString());
  return plain('$metadata', Buffer.from(text.replace(`"${DELETED}"`, DELETED.toString())));
}
