/**
 * Load, fold, decide, append at the loaded revision; retry only on a conflict. A retried command finds
 * its own events by reading back and answers with what stands.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { ProblemError } from '@mcpstack/contracts';
import type { Decider, DomainEvent, EventMetadata } from '@mcpstack/domain';
import { chained, chainEnd, newSalt } from './chain.ts';
import { ConflictError, EventStoreUnavailableError, StreamDeletedError } from './errors.ts';
import { eventId } from './event-id.ts';
import {
  DEFAULT_TIMEOUT_MS,
  type ExpectedRevision,
  type NewEvent,
  type RecordedEvent,
} from './event-store.ts';
import { fold, KnownFolds, type LoadedStream, type LoadOptions } from './load-stream.ts';

/** An organization with dozens of changes at once gets each of them in, within the time of one call. */
const MOST_ATTEMPTS = 50;
const LONGEST_JITTER_MS = 100;

export interface HandleCommandOptions<State, Command, Event extends DomainEvent> extends Omit<
  LoadOptions<State, Event>,
  'decider'
> {
  decider: Decider<State, Command, Event>;
  command: Command;
  /** UUID, the same for every retry of one command. */
  commandId: string;
  /** Stored with every event, beside the actor and the time that the event itself carries. */
  metadata: { correlationId: string; requestDigest: string };
  /**
   * The revision of the stream that the caller has seen. A command that is not refused anyway (so that nothing
   * can be learnt of a stream that is not the caller's) and has something to do goes on only from there. What was
   * done already is answered wherever the stream stands (RFC 9110, section 13.1.1), so that it can be repeated.
   */
  ifRevision?: bigint;
  /**
   * Runs after events were decided and before they are appended, again for every attempt; what it throws ends
   * the command, with nothing appended by this attempt.
   */
  beforeAppend?: () => Promise<void>;
}

export interface HandledCommand<State, Event> extends LoadedStream<State> {
  /** The command's events as they stand in the log: those of an earlier try if it was first. */
  events: readonly Event[];
  /**
   * Whether an earlier or a rival try of this command wrote them. What was made up for this try alone
   * (a secret) then has no place in the log.
   */
  repeated: boolean;
  /** The revision that `state` is of. More than `revision` when others have written since. */
  stateRevision: bigint;
}

/**
 * Carries out one command on one stream, once, however often it is called with this command id.
 *
 * `revision` and `position` are those of the command's last event, or of the stream's last event when
 * the command had nothing to do.
 *
 * @throws ProblemError as `decide` refuses; `precondition-failed` when events were decided and the stream does not stand at `ifRevision`;
 *   `idempotency-key-reused` when the command id was used for another request; `conflict` when other writers
 *   won fifty times in a row.
 * @throws EventStoreUnavailableError; when it is `inDoubt`, the same call may be made again.
 */
export async function handleCommand<State, Command, Event extends DomainEvent>(
  options: HandleCommandOptions<State, Command, Event>,
): Promise<HandledCommand<State, Event>> {
  const until = performance.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  // Another attempt reads only what is new.
  options = { known: new KnownFolds<State>(1), ...options };
  // Every attempt of this call writes the same bytes, so that it knows its own events again.
  const salts: { salt?: string }[] = [];
  const saltOf = (index: number) => (salts[index] ??= newSalt(options.stream));
  let tried: NewEvent[] = [];
  let inDoubt = false;
  for (let attempt = 1; ; attempt += 1) {
    const leftMs = () => Math.max(1, until - performance.now());
    try {
      const loaded = await fold(options, leftMs(), options.commandId);
      if (loaded.own.length > 0) return answer(options, loaded, loaded.own, tried);

      const decided = options.decider.decide(options.command, loaded.state);
      if (decided.length === 0) {
        const { state, revision, position } = loaded;
        return { state, revision, position, events: [], repeated: false, stateRevision: revision };
      }
      if (options.ifRevision !== undefined && options.ifRevision !== loaded.revision) throw changed();
      await options.beforeAppend?.();
      const encoded = decided.map((event, index) => encode(options, event, index, saltOf(index)));
      tried = chained(options.stream, loaded.last && chainEnd(loaded.last), encoded);
      await options.store.append(options.stream, expectedAt(loaded), tried, { timeoutMs: leftMs() });
      inDoubt = true;
      return await readBack(options, loaded, tried, leftMs());
    } catch (error) {
      if (error instanceof EventStoreUnavailableError) {
        inDoubt ||= error.inDoubt;
        if (error.inDoubt && performance.now() < until && attempt < MOST_ATTEMPTS) continue;
        throw new EventStoreUnavailableError(error.message, { inDoubt, cause: error.cause });
      }
      if (!(error instanceof ConflictError)) throw error;
      if (attempt >= MOST_ATTEMPTS) {
        throw new ProblemError('conflict', 'Others changed it at the same time; try again.', {
          cause: error,
        });
      }
      await sleep(Math.random() * Math.min(LONGEST_JITTER_MS, 2 ** attempt));
    }
  }
}

function changed(): ProblemError {
  return new ProblemError('precondition-failed', 'It has changed since you read it: read it again.');
}

function expectedAt({ revision }: { revision: bigint }): ExpectedRevision {
  return revision < 0n ? 'no_stream' : revision;
}

/**
 * What stands where we appended. A rival try of the same command has the same ids, so that the append
 * succeeds for both; only the log tells whose events they are.
 */
async function readBack<State, Command, Event extends DomainEvent>(
  options: HandleCommandOptions<State, Command, Event>,
  before: LoadedStream<State>,
  tried: readonly NewEvent[],
  timeoutMs: number,
): Promise<HandledCommand<State, Event>> {
  const { store, stream, codec, decider } = options;
  const own: RecordedEvent[] = [];
  const where = { from: before.revision + 1n, maxCount: tried.length, timeoutMs };
  for await (const event of store.readStream(stream, where)) own.push(event);
  if (own.length < tried.length) throw new StreamDeletedError(stream);
  const state = own.reduce((at, event) => decider.evolve(at, codec.decode(event)), before.state);
  return answer(options, { state, revision: own.at(-1)!.revision }, own, tried);
}

function answer<State, Command, Event extends DomainEvent>(
  { codec, metadata }: HandleCommandOptions<State, Command, Event>,
  loaded: Pick<LoadedStream<State>, 'state' | 'revision'>,
  own: readonly RecordedEvent[],
  tried: readonly NewEvent[],
): HandledCommand<State, Event> {
  if (own.some((event) => event.metadata.requestDigest !== metadata.requestDigest)) {
    throw new ProblemError('idempotency-key-reused', 'This Idempotency-Key was used with another request.');
  }
  const { revision, position } = own.at(-1)!;
  const repeated = own.length !== tried.length || own.some((event, index) => !sameBody(event, tried[index]!));
  return {
    state: loaded.state,
    stateRevision: loaded.revision,
    events: own.map((event) => codec.decode(event)),
    repeated,
    revision,
    position,
  };
}

function sameBody(stored: RecordedEvent, tried: NewEvent): boolean {
  const { type, data, metadata } = stored;
  const wire = JSON.parse(JSON.stringify(tried)) as NewEvent;
  return isDeepStrictEqual(
    { type, data, metadata },
    { type: wire.type, data: wire.data, metadata: wire.metadata },
  );
}

function encode<State, Command, Event extends DomainEvent>(
  { codec, commandId, metadata }: HandleCommandOptions<State, Command, Event>,
  event: Event,
  index: number,
  salt: { salt?: string },
): NewEvent {
  const { type, data, schemaVersion } = codec.encode(event);
  const stored: EventMetadata = {
    $correlationId: metadata.correlationId,
    $causationId: commandId,
    actor: event.actor,
    at: event.at,
    schemaVersion,
    requestDigest: metadata.requestDigest,
    ...salt,
  };
  return { id: eventId(commandId, index), type, data, metadata: { ...stored } };
}
