/**
 * Signs the log: when enough events are not covered, or one has waited for long enough, all that stand are covered by
 * one more checkpoint, which is appended at the revision that it goes on from. Of two checkpointers one succeeds there,
 * and the other goes on from what that one wrote. All that is kept in memory can be had again from the log.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  checkpointCodec,
  checkpointStream,
  MOST_LEAVES_PER_CHECKPOINT,
  type EventMetadata,
} from '@mcpstack/domain';
import { chained, ConflictError, type EventStore, type NewEvent } from '@mcpstack/event-store';
import { pause, type Log } from '@mcpstack/service-kit';
import {
  CompactRange,
  formatCheckpoint,
  parseVkey,
  signNote,
  type Signer,
  type Verifier,
} from '@mcpstack/tlog';
import type { CheckpointerStatus } from './checkpointer-status.ts';
import { RefusalError } from './errors.ts';
import { LogReader } from './log-reader.ts';
import type { Leaf } from './pending-leaves.ts';
import {
  erasableText,
  erasedOtherwise,
  follows,
  lastTwo,
  logChanged,
  readCheckpoint,
  tellsErasable,
  type SignedCheckpoint,
  type Trust,
} from './signed-checkpoint.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 15_000;
/** Past the interval by so much, health says that something is wrong. */
const LATE_MS = 30_000;

export interface CheckpointerOptions {
  store: EventStore;
  logId: string;
  origin: string;
  signers: readonly Signer[];
  /** Keys that are held no more. */
  former?: readonly Verifier[];
  log: Log;
  /** An event is covered after this at the latest. Milliseconds. */
  intervalMs: number;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** The size of the largest checkpoint that was ever published from here. */
  publishedSize?: () => number;
  /** Told of each checkpoint once it stands in the log, whoever signed it, and of the last one at the start. */
  onCheckpoint?: (checkpoint: SignedCheckpoint) => void;
}

export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #now: () => number;
  readonly #trust: Trust;
  readonly #stream: string;
  #last: SignedCheckpoint | undefined;
  #reader: LogReader | undefined;
  #trouble: string | undefined = 'starting';
  #isInterrupted = false;
  #running: Promise<void> | undefined;
  readonly #stopping = new AbortController();

  constructor(options: CheckpointerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#stream = checkpointStream(options.logId);
    const { origin, signers, former = [] } = options;
    // A signer can do what a verifier does, by its public half.
    this.#trust = { origin, verifiers: [...verifiersOf(signers), ...former] };
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  /** Begins nothing more. What is not covered yet is covered by whoever starts next. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Why events go uncovered, if they do. */
  trouble(): string | undefined {
    if (this.#trouble !== undefined) return this.#trouble;
    if (this.#isInterrupted) return 'the log does not answer';
    const since = this.#reader?.pending.waitingSinceMs;
    const lateMs = since === undefined ? 0 : this.#now() - since - this.#options.intervalMs;
    return lateMs > LATE_MS ? `an event has waited for ${Math.round(lateMs / 1_000)} s too long` : undefined;
  }

  /** Whether the log answers. */
  get isConnected(): boolean {
    return this.#reader !== undefined && !this.#isInterrupted;
  }

  status(): CheckpointerStatus {
    const since = this.#reader?.pending.waitingSinceMs;
    return {
      origin: this.#options.origin,
      keys: this.#options.signers.map(({ vkey }) => vkey),
      size: this.#last?.size ?? 0,
      position: String(this.#last?.position ?? -1n),
      signedAt: this.#last?.at,
      uncovered: this.#reader?.pending.length ?? 0,
      waitingSince: since === undefined ? undefined : new Date(since).toISOString(),
      trouble: this.trouble(),
    };
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    let pauseMs = FIRST_PAUSE_MS;
    let told = '';
    while (!signal.aborted) {
      try {
        await this.#session(signal, () => {
          pauseMs = FIRST_PAUSE_MS;
          told = '';
        });
      } catch (error) {
        if (signal.aborted) return;
        const why = error instanceof Error ? error.message : String(error);
        this.#trouble = why;
        if (error instanceof RefusalError) {
          pauseMs = LONGEST_PAUSE_MS;
          if (why !== told) log.error('nothing is signed', { reason: error.code, err: error });
        } else if (why !== told) log.warn('the log could not be signed; it is tried again', { err: error });
        told = why;
      }
      await pause(pauseMs, signal);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  /** From the last checkpoint that stands in the log, until something fails. */
  async #session(stopping: AbortSignal, onGood: () => void): Promise<void> {
    const { store, publishedSize } = this.#options;
    const [last, before] = await lastTwo(store, this.#stream, this.#trust);
    const published = publishedSize?.() ?? 0;
    if (published > (last?.size ?? 0))
      throw new RefusalError(
        'log-rolled-back',
        `A checkpoint of ${published} events was published from here, and the last one in the log is of ${last?.size ?? 0}: the log has lost its end, or is another copy of it. Restore the log. If the loss is known and accepted, keep CHECKPOINT_FILE as evidence under another name and start again.`,
      );
    this.#last = before;
    const ending = new AbortController();
    const signal = AbortSignal.any([stopping, ending.signal]);
    const reader = new LogReader({
      store,
      checkpoints: this.#stream,
      after: before?.position ?? -1n,
      now: this.#now,
      onState: (state) => (this.#isInterrupted = state === 'interrupted'),
    });
    this.#reader = reader;
    const sign = async (): Promise<void> => {
      if (last) await this.#adopt(last, reader, signal);
      this.#trouble = undefined;
      onGood();
      await this.#signAgainAndAgain(reader, signal);
    };
    const both = [reader.run(signal), sign()];
    try {
      await Promise.race(both);
    } finally {
      ending.abort();
      await Promise.allSettled(both);
    }
  }

  async #signAgainAndAgain(reader: LogReader, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (reader.newestCheckpoint > (this.#last?.end.revision ?? -1n)) {
        await this.#adoptNew(reader, signal);
        continue;
      }
      const dueMs = this.#dueInMs(reader);
      if (dueMs > 0) await reader.changes.next(signal, dueMs);
      else await this.#sign(reader, signal);
    }
  }

  #dueInMs({ pending }: LogReader): number {
    const since = pending.waitingSinceMs;
    if (since === undefined) return LONGEST_PAUSE_MS;
    if (pending.length >= MOST_LEAVES_PER_CHECKPOINT) return 0;
    // At most the longest pause, so that a clock that was set is seen.
    return Math.min(since + this.#options.intervalMs - this.#now(), LONGEST_PAUSE_MS);
  }

  async #sign(reader: LogReader, signal: AbortSignal): Promise<void> {
    const { store, log } = this.#options;
    const { pending } = reader;
    let leaves = pending.first(MOST_LEAVES_PER_CHECKPOINT, reader.known);
    if (leaves.length < MOST_LEAVES_PER_CHECKPOINT) {
      const known = await reader.settle(MOST_LEAVES_PER_CHECKPOINT, signal);
      leaves = pending.first(MOST_LEAVES_PER_CHECKPOINT, known);
    }
    if (leaves.length === 0 || signal.aborted) return;
    const event = this.#checkpointOf(leaves);
    const revision = this.#last?.end.revision;
    try {
      await store.append(this.#stream, revision ?? 'no_stream', [event]);
    } catch (error) {
      // Another checkpointer was first: what it signed is read and gone on from.
      if (error instanceof ConflictError) return this.#adoptNew(reader, signal);
      throw error;
    }
    const recorded = { ...event, stream: this.#stream, revision: (revision ?? -1n) + 1n, position: -1n };
    this.#goOnFrom(readCheckpoint(recorded, this.#trust), reader);
    log.debug('the log is signed', { count: this.#last!.size, position: String(this.#last!.position) });
  }

  #checkpointOf(leaves: readonly Leaf[]): NewEvent {
    const { origin, signers } = this.#options;
    const range = this.#last ? CompactRange.from(this.#last.size, this.#last.frontier) : new CompactRange();
    for (const { hash } of leaves) range.append(hash);
    const checkpoint = { origin, size: range.size, root: range.root() };
    const note = signNote(formatCheckpoint(checkpoint), signers);
    const at = new Date(this.#now()).toISOString();
    const actor = { type: 'system', id: 'checkpointer' } as const;
    const { type, data, schemaVersion } = checkpointCodec.encode({
      type: 'CheckpointSigned',
      data: {
        note,
        position: String(leaves.at(-1)!.position),
        leaves: Buffer.concat(leaves.map(({ hash }) => hash)).toString('base64'),
        frontier: range.hashes().map((hash) => hash.toString('base64')),
        erasable: signNote(erasableText(checkpoint, leaves), signers),
      },
      at,
      actor,
    });
    // An id of its own: a rival's checkpoint at the same revision must be a conflict, never taken for this one.
    const id = randomUUID();
    const metadata: EventMetadata = {
      $correlationId: id,
      $causationId: id,
      actor,
      at,
      schemaVersion,
      requestDigest: createHash('sha256').update(note).digest('hex'),
    };
    return chained(this.#stream, this.#last?.end, [{ id, type, data, metadata: { ...metadata } }])[0]!;
  }

  /** Goes on from what others have signed since. */
  async #adoptNew(reader: LogReader, signal: AbortSignal): Promise<void> {
    const from = (this.#last?.end.revision ?? -1n) + 1n;
    for await (const event of this.#options.store.readStream(this.#stream, { from })) {
      const checkpoint = readCheckpoint(event, this.#trust);
      if (!follows(checkpoint, this.#last))
        throw new RefusalError(
          'bad-checkpoint',
          `Checkpoint ${event.revision} does not go on from the one before it: run mcpstack-audit verify.`,
        );
      await this.#adopt(checkpoint, reader, signal);
    }
  }

  /** @throws RefusalError when the events that it covers are not those that stand in the log. */
  async #adopt(checkpoint: SignedCheckpoint, reader: LogReader, signal: AbortSignal): Promise<void> {
    await reader.reached(checkpoint.position, signal);
    while (reader.known < checkpoint.position && !signal.aborted)
      await reader.settle(MOST_LEAVES_PER_CHECKPOINT, signal);
    if (signal.aborted) return;
    const { leaves } = checkpoint;
    const standing = reader.pending.first(leaves.length + 1, checkpoint.position);
    const wrong = standing.findIndex(({ hash }, index) => !leaves[index]?.equals(hash));
    if (wrong >= 0 || standing.length !== leaves.length) throw logChanged(checkpoint, standing, wrong);
    if (!tellsErasable(checkpoint, standing)) throw erasedOtherwise(checkpoint);
    this.#goOnFrom(checkpoint, reader);
  }

  #goOnFrom(checkpoint: SignedCheckpoint, reader: LogReader): void {
    this.#last = checkpoint;
    reader.pending.drop(checkpoint.position);
    reader.changes.tell();
    this.#options.onCheckpoint?.(checkpoint);
  }
}

function verifiersOf(signers: readonly Signer[]): Verifier[] {
  return signers.map(({ vkey }) => parseVkey(vkey));
}
