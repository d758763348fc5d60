/**
 * Recording uses (G7). A key in use has a window every ten seconds and for each authorizer, for years: its stream is
 * never read whole. Only its newest events are, to see whether this command was carried out before: since the uses that
 * it counts, whatever was recorded since.
 */
import { ProblemError, type Actor, type Positioned } from '@mcpstack/contracts';
import { streamName, usageCodec, type EventMetadata, type KeyUsed } from '@mcpstack/domain';
import {
  ConflictError,
  EventStoreUnavailableError,
  eventId,
  MAX_EVENTS_PER_APPEND,
  type ExpectedRevision,
  type NewEvent,
  type RecordedEvent,
} from '@mcpstack/event-store';
import { inSteps, Log } from '@mcpstack/service-kit';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { setTimeout as delay } from 'node:timers/promises';
import { highest } from '../positions.ts';
import { Decisions, type Cause } from '../decisions.ts';
import { requireSystem } from '../envelope.ts';
import { RecordUsageCommand } from './commands.ts';

/** Of a stream's events, so many are read at once. */
const PAGE = 64;
/** Whoever comes so late that more than this was recorded since cannot be told from who was recorded before. */
const MOST_PAGES = 160;
/** How far the clocks of authorizers and of this service may be apart. */
const CLOCKS_APART_MS = 2 * 60_000;
const MOST_ATTEMPTS = 10;
const LONGEST_JITTER_MS = 50;

/** All that one command counted for one key. */
interface Uses {
  keyId: string;
  organizationId: string;
  events: readonly NewEvent[];
  /** The last use: nothing of them was recorded before it. */
  lastUsedAt: string;
}
/** Why uses were not recorded. */
type Dropped = 'unknown-key' | 'too-late';
interface Tip {
  expected: ExpectedRevision;
  /** Where this command's last event stands, when it was carried out before. */
  done: bigint | undefined;
}

@CommandHandler(RecordUsageCommand)
export class RecordUsageHandler implements ICommandHandler<RecordUsageCommand> {
  constructor(
    private readonly decisions: Decisions,
    private readonly log: Log,
  ) {}

  /** Windows of keys that are not there are dropped: nobody could read them, and nobody is billed for them. */
  async execute(command: RecordUsageCommand): Promise<Positioned> {
    requireSystem(command);
    const positions = await inSteps(usesOf(command, this.decisions.now()), (uses) =>
      this.record(command, uses),
    );
    this.tell(positions, 'unknown-key', 'uses of unknown keys were dropped');
    this.tell(positions, 'too-late', 'uses that came too late to be told from recorded ones were dropped');
    const recorded = positions.filter((position) => typeof position === 'bigint');
    return { position: highest(recorded).toString() };
  }

  private tell(ends: readonly (bigint | Dropped)[], why: Dropped, message: string): void {
    const count = ends.filter((end) => end === why).length;
    if (count > 0) this.log.warn(message, { count });
  }

  /** The position of the last event, or why nothing was recorded. */
  private async record(command: Cause, uses: Uses): Promise<bigint | Dropped> {
    const stream = streamName('usage', uses.keyId);
    for (let attempt = 1; ; attempt += 1) {
      const tip = await this.tip(stream, uses, command);
      // Never twice (G7), so rather not at all.
      if (tip === 'too-late') return 'too-late';
      if (tip.done !== undefined) return tip.done;
      // A stream that is there was begun for a key that is there.
      if (tip.expected === 'no_stream' && !(await this.isKnown(uses))) return 'unknown-key';
      try {
        return (await this.decisions.store.append(stream, tip.expected, uses.events)).position;
      } catch (error) {
        const mayRetry =
          error instanceof ConflictError || (error instanceof EventStoreUnavailableError && error.inDoubt);
        if (!mayRetry || attempt >= MOST_ATTEMPTS) throw error;
        await delay(Math.random() * Math.min(LONGEST_JITTER_MS, 2 ** attempt));
      }
    }
  }

  /**
   * Reads back from the newest event until this command's own would have come: it was recorded after the uses that it
   * counts. `too-late`: so much was recorded since that this cannot be told.
   */
  private async tip(stream: string, uses: Uses, { requestDigest }: Cause): Promise<Tip | 'too-late'> {
    const last = uses.events.at(-1)!.id;
    const earliestMs = Date.parse(uses.lastUsedAt) - CLOCKS_APART_MS;
    let expected: ExpectedRevision = 'no_stream';
    let from: bigint | undefined;
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const where = { direction: 'backwards', maxCount: PAGE, ...(from !== undefined && { from }) } as const;
      let oldest: RecordedEvent | undefined;
      for await (const stored of this.decisions.store.readStream(stream, where)) {
        if (expected === 'no_stream') expected = stored.revision;
        oldest = stored;
        if (stored.id !== last) continue;
        refuseAnother(stored, requestDigest);
        return { expected, done: stored.position };
      }
      if (!oldest || oldest.revision === 0n || recordedAtMs(oldest) < earliestMs)
        return { expected, done: undefined };
      from = oldest.revision - 1n;
    }
    return 'too-late';
  }

  private async isKnown({ keyId, organizationId }: Uses): Promise<boolean> {
    const { state } = await this.decisions.load('key', keyId);
    return state.status !== 'none' && state.organizationId === organizationId;
  }
}

/** By the clock of the service that recorded it. A time that cannot be read proves nothing. */
function recordedAtMs({ metadata: { at } }: RecordedEvent): number {
  const ms = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  return Number.isNaN(ms) ? Infinity : ms;
}

function refuseAnother(stored: RecordedEvent, requestDigest: string): void {
  if (stored.metadata.requestDigest === requestDigest) return;
  throw new ProblemError('idempotency-key-reused', 'This command id was used for other windows.');
}

/** The windows by key, each as an event whose id derives from the command's and the window's place in it. */
function usesOf(command: RecordUsageCommand, at: string): Uses[] {
  const byKey = new Map<string, Uses & { events: NewEvent[] }>();
  command.input.windows.forEach((window, index) => {
    const { keyId, organizationId, from, to, count, lastUsedAt } = window;
    const data = {
      keyId,
      organizationId,
      from: utc(from),
      to: utc(to),
      count,
      lastUsedAt: utc(lastUsedAt),
    };
    const event = stored({ type: 'KeyUsed', data, at, actor: command.actor }, command, index);
    const known = byKey.get(keyId);
    if (!known) byKey.set(keyId, { keyId, organizationId, events: [event], lastUsedAt: data.lastUsedAt });
    else if (known.organizationId !== organizationId || known.events.length >= MAX_EVENTS_PER_APPEND)
      throw new ProblemError(
        'validation-failed',
        'A key is of one organization, and has few windows at once.',
      );
    else {
      known.events.push(event);
      if (data.lastUsedAt > known.lastUsedAt) known.lastUsedAt = data.lastUsedAt;
    }
  });
  return [...byKey.values()];
}

function stored(event: KeyUsed & { actor: Actor }, command: Cause, index: number): NewEvent {
  const { type, data, schemaVersion } = usageCodec.encode(event);
  const metadata: EventMetadata = {
    $correlationId: command.requestId,
    $causationId: command.commandId,
    actor: event.actor,
    at: event.at,
    schemaVersion,
    requestDigest: command.requestDigest,
  };
  return { id: eventId(command.commandId, index), type, data, metadata: { ...metadata } };
}

/** As it is stored: UTC, to the millisecond. */
function utc(time: string): string {
  return new Date(time).toISOString();
}
