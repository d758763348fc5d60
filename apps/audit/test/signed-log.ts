/** Logs as our services write them, made in memory: chained streams, and checkpoints that a real key signs. */
import { createHash } from 'node:crypto';
import { checkpointStream, formatErasable } from '@mcpstack/domain';
import { chainEnd, chained, eventDigest, type ChainEnd, type RecordedEvent } from '@mcpstack/event-store';
import { CompactRange, formatCheckpoint, newSigner, signNote, type Signer } from '@mcpstack/tlog';
import { type VerifySource } from '../src/verify/source.ts';

/** The same numbers for the same seed. */
export class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = (seed + 1) * 0x9e3779b9;
  }
  /** From 0 to below n. */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }
  /** From low to high, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }
  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
  uuid(): string {
    const hex = createHash('sha256')
      .update(`${this.below(2 ** 31)} ${this.below(2 ** 31)}`)
      .digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }
}

export const LOG_ID = '0b7e4f7e-9c3e-4f7a-8d4b-5c6d7f2c1f0a';
const BEGAN_MS = Date.parse('2026-05-03T12:00:00.000Z');
/** Positions have room between them, as a log's do. */
const STEP = 1_024;

export interface LogOptions {
  logId?: string;
  /** Who signs; several overlap. */
  signers?: readonly Signer[];
  events?: number;
  /** So many events that are no checkpoints lie between two checkpoints, at the most. */
  every?: number;
  /** No checkpoint covers the last ones of this many events. */
  uncovered?: number;
  version?: LogWriter['version'];
}

/** Writes a log event by event, as services and a checkpointer would. */
export class LogWriter {
  readonly events: RecordedEvent[] = [];
  readonly notes: string[] = [];
  readonly origin: string;
  readonly #ends = new Map<string, ChainEnd>();
  readonly #tree = new CompactRange();
  readonly #pending: { leaf: Buffer; place: string | undefined }[] = [];
  /** Of its checkpoints: the first one does not tell which leaves may be erased. */
  version: 1 | 2 = 2;
  /** Indexes of leaves of which its checkpoints say that they were gone already. */
  unseen = new Set<number>();
  /** When its first event was written; milliseconds since 1970. */
  beganMs = BEGAN_MS;

  constructor(
    readonly dice: Dice,
    readonly logId: string,
    public signers: readonly Signer[],
  ) {
    this.origin = `mcpstack-keys/${logId}`;
  }

  /** Takes over what stands there, to go on differently. */
  static after(
    events: readonly RecordedEvent[],
    dice: Dice,
    logId: string,
    signers: readonly Signer[],
  ): LogWriter {
    const writer = new LogWriter(dice, logId, signers);
    for (const event of events) {
      writer.#take(event);
      if (event.type !== 'CheckpointSigned') continue;
      const data = event.data as { note: string; leaves: string };
      writer.notes.push(data.note);
      for (const { leaf } of writer.#pending.splice(0, Buffer.from(data.leaves, 'base64').length / 32))
        writer.#tree.append(leaf);
    }
    return writer;
  }

  append(stream: string, type: string, data: Record<string, unknown>, schemaVersion = 1): RecordedEvent {
    const at = new Date(this.beganMs + this.events.length * 1_000).toISOString();
    const actor = { type: 'user', id: 'user_ada' };
    const salt = stream.startsWith('user-')
      ? { salt: Buffer.alloc(16, this.dice.below(256)).toString('base64') }
      : {};
    const metadata = { schemaVersion, at, actor, $correlationId: this.dice.uuid(), ...salt };
    const end = this.#ends.get(stream);
    const [event] = chained(stream, end, [{ id: this.dice.uuid(), type, data, metadata }]);
    const revision = (end?.revision ?? -1n) + 1n;
    const position = (this.events.at(-1)?.position ?? 0n) + BigInt(STEP);
    const recorded = { ...event!, stream, revision, position };
    this.#take(recorded);
    return recorded;
  }

  /** Signs what stands there. */
  checkpoint(): RecordedEvent {
    const leaves = this.#pending.splice(0);
    const first = this.#tree.size;
    for (const { leaf } of leaves) this.#tree.append(leaf);
    const { origin, version } = this;
    const root = this.#tree.root();
    const note = signNote(formatCheckpoint({ origin, size: this.#tree.size, root }), this.signers);
    this.notes.push(note);
    const places = new Map(leaves.flatMap(({ place }, at) => (place ? [[first + at, place]] : [])));
    const erasable = formatErasable({ origin, root: root.toString('base64'), places, unseen: this.unseen });
    const data = {
      note,
      position: String(this.events.at(-1)!.position),
      leaves: Buffer.concat(leaves.map(({ leaf }) => leaf)).toString('base64'),
      frontier: this.#tree.hashes().map((hash) => hash.toString('base64')),
      ...(version === 2 && { erasable: signNote(erasable, this.signers) }),
    };
    return this.append(checkpointStream(this.logId), 'CheckpointSigned', data, version);
  }

  /** Names what stands, or stood, in a person's stream, as issuance does before it is truncated. */
  erase(stream: string, change: (erased: Erased[]) => Erased[] = (erased) => erased): RecordedEvent {
    const past = this.events.filter((event) => event.stream === stream);
    const erased = past.map((event) => ({
      position: String(event.position),
      digest: eventDigest(event).toString('hex'),
    }));
    return this.append(stream, 'UserProfileErased', { userId: 'user_gone', erased: change(erased) });
  }

  /** Any event, of a new stream or an old one. */
  appendAny(): RecordedEvent {
    const { dice } = this;
    const streams = [...this.#ends.keys()].filter((stream) => !stream.startsWith('checkpoint-'));
    const category = dice.pick(['key', 'key', 'organization', 'server', 'user', 'usage']);
    const fresh = `${category}-${category}_${dice.uuid().replaceAll('-', '')}`;
    const stream = streams.length === 0 || dice.below(3) === 0 ? fresh : dice.pick(streams);
    const data = {
      name: `Näme ${dice.below(1_000)}`,
      tags: [dice.uuid()],
      limit: { count: dice.below(100) },
    };
    return this.append(stream, dice.pick(['KeyRenamed', 'KeyTagged', 'OrganizationRenamed']), data);
  }

  /** Goes on until the log has this many events. */
  fill({ events, every, uncovered }: { events: number; every: number; uncovered: number }): this {
    let due = 1 + this.dice.below(every);
    while (this.events.length < events - uncovered - 1) {
      this.appendAny();
      due -= 1;
      if (due > 0) continue;
      this.checkpoint();
      due = 1 + this.dice.below(every);
    }
    if (this.#pending.length > 0) this.checkpoint();
    for (let at = 0; at < uncovered; at += 1) this.appendAny();
    return this;
  }

  #take(event: RecordedEvent): void {
    this.events.push(event);
    this.#ends.set(event.stream, chainEnd(event));
    const { stream, revision } = event;
    const place = stream.startsWith('user-') ? `${stream}@${revision}` : undefined;
    this.#pending.push({ leaf: eventDigest(event), place });
  }
}

export interface Erased {
  position: string;
  digest: string;
}

export interface SignedLog {
  events: RecordedEvent[];
  /** Every checkpoint, as it would be kept elsewhere. */
  notes: string[];
  logId: string;
  signers: readonly Signer[];
  /** So many events are covered by the last checkpoint. */
  covered: number;
}

export function makeLog(seed: number, options: LogOptions = {}): SignedLog {
  const { logId = LOG_ID, signers = [newSigner(`mcpstack-keys/${logId}`).signer] } = options;
  const { events = 120, every = 17, uncovered = 0 } = options;
  const writer = new LogWriter(new Dice(seed), logId, signers);
  writer.version = options.version ?? 2;
  writer.fill({ events, every, uncovered });
  return { events: writer.events, notes: writer.notes, logId, signers, covered: coveredBy(writer.notes) };
}

export const coveredBy = (notes: readonly string[]): number => Number(notes.at(-1)?.split('\n')[1] ?? 0);

/** A list of events as `verify` reads a log. */
export function sourceOf(events: readonly RecordedEvent[], id = LOG_ID): VerifySource {
  const isIn = (categories: readonly string[] | undefined) => (event: RecordedEvent) =>
    !categories || categories.includes(event.stream.split('-', 1)[0]!);
  return {
    id,
    head: (categories) => Promise.resolve(events.findLast(isIn(categories))?.position ?? -1n),
    // eslint-disable-next-line @typescript-eslint/require-await -- a list is there at once
    async *events({ after = -1n, until, categories } = {}) {
      for (const event of events)
        if (
          event.position > after &&
          (until === undefined || event.position <= until) &&
          isIn(categories)(event)
        )
          yield event;
    },
  };
}
