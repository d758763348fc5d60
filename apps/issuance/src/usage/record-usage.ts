/**
 * Recording uses (G7). A key in use has a window every ten seconds and for each authorizer, for years: of its stream
 * only the newest event is read, which says what was counted (`counted.ts`). The append stands only where it is still
 * the newest, so nothing is counted twice, whoever else records at the same time.
 */
import { randomUUID } from 'node:crypto';
import { ProblemError, type Actor, type Positioned } from '@mcpstack/contracts';
import { streamName, usageCodec, type EventMetadata, type KeyUsed } from '@mcpstack/domain';
import {
  chained,
  chainEnd,
  ConflictError,
  EventStoreUnavailableError,
  eventId,
  MAX_EVENTS_PER_APPEND,
  type ChainEnd,
  type NewEvent,
} from '@mcpstack/event-store';
import { inSteps, Log } from '@mcpstack/service-kit';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { LRUCache } from 'lru-cache';
import { setTimeout as delay } from 'node:timers/promises';
import { highest } from '../positions.ts';
import { Decisions, type Cause } from '../decisions.ts';
import { plain, requireSystem } from '../envelope.ts';
import { RecordUsageCommand } from './commands.ts';
import { countedIn, countedWith, standing, type Counted } from './counted.ts';

/** Each waits for the log most of the time. */
const STREAMS_AT_ONCE = 64;
/** Streams whose newest event is known without reading it: a hint, the append has the last word. */
const MOST_TIPS = 20_000;
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
/** A stream's newest event. */
interface Tip {
  end: ChainEnd;
  position: bigint;
  counted: Counted;
}

@CommandHandler(RecordUsageCommand)
export class RecordUsageHandler implements ICommandHandler<RecordUsageCommand> {
  private readonly tips = new LRUCache<string, Tip>({ max: MOST_TIPS });

  constructor(
    private readonly decisions: Decisions,
    private readonly log: Log,
  ) {}

  /** Windows of keys that are not there are dropped: nobody could read them, and nobody is billed for them. */
  async execute(command: RecordUsageCommand): Promise<Positioned> {
    requireSystem(command);
    const at = this.decisions.now();
    const step = (uses: Uses): Promise<bigint | Dropped> => this.record(command, uses, at);
    const positions = await inSteps(usesOf(command, at, randomUUID()), step, STREAMS_AT_ONCE);
    this.tell(positions, 'unknown-key', 'uses of unknown keys were dropped');
    this.tell(positions, 'too-late', 'uses that came too late to be told from recorded ones were dropped');
    const recorded = positions.filter((position) => typeof position === 'bigint');
    return { position: highest(recorded).toString() };
  }

  private tell(ends: readonly (bigint | Dropped)[], why: Dropped, message: string): void {
    const count = ends.filter((end) => end === why).length;
    if (count > 0) this.log.warn(message, { count });
  }

  /** A position at which they stand recorded, or why they were not. */
  private async record({ input }: RecordUsageCommand, uses: Uses, at: string): Promise<bigint | Dropped> {
    const stream = streamName('usage', uses.keyId);
    for (let attempt = 1; ; attempt += 1) {
      const tip = this.tips.get(stream) ?? (await this.tip(stream));
      const before = tip?.counted ?? { by: [] };
      const found = standing(before, input, uses.lastUsedAt);
      if (tip && found === 'recorded') return tip.position;
      // Never twice (G7), so rather not at all.
      if (found === 'too-late') return found;
      // A stream that is there was begun for a key that is there.
      if (!tip && !(await this.isKnown(uses))) return 'unknown-key';
      const counted = countedWith(before, input, at);
      const counting = uses.events.map((event) => ({ ...event, metadata: { ...event.metadata, counted } }));
      const events = chained(stream, tip?.end, counting);
      try {
        const expected = tip?.end.revision ?? 'no_stream';
        const { revision, position } = await this.decisions.store.append(stream, expected, events);
        const end = chainEnd({ ...events.at(-1)!, stream, revision });
        this.tips.set(stream, { end, position, counted });
        return position;
      } catch (error) {
        this.tips.delete(stream);
        const mayRetry =
          error instanceof ConflictError || (error instanceof EventStoreUnavailableError && error.inDoubt);
        if (!mayRetry || attempt >= MOST_ATTEMPTS) throw error;
        await delay(Math.random() * Math.min(LONGEST_JITTER_MS, 2 ** attempt));
      }
    }
  }

  private async tip(stream: string): Promise<Tip | undefined> {
    const newest = { direction: 'backwards', maxCount: 1 } as const;
    for await (const event of this.decisions.store.readStream(stream, newest))
      return { end: chainEnd(event), position: event.position, counted: countedIn(event.metadata) };
    return undefined;
  }

  private async isKnown({ keyId, organizationId }: Uses): Promise<boolean> {
    const { state } = await this.decisions.load('key', keyId);
    return state.status !== 'none' && state.organizationId === organizationId;
  }
}

/**
 * The windows by key, each as an event whose id derives from this run and the window's place in it. Not from the
 * command: a rival run of it would be told that its own events stand where others do (with another time), and would
 * chain the next ones to what is not there. That nothing is counted twice does not rest on the ids.
 */
function usesOf(command: RecordUsageCommand, at: string, run: string): Uses[] {
  const byKey = new Map<string, Uses & { events: NewEvent[] }>();
  command.input.windows.forEach((window, index) => {
    const { keyId, organizationId, from, to, count, lastUsedAt, lastUsedFrom } = window;
    const data = {
      keyId,
      organizationId,
      from: utc(from),
      to: utc(to),
      count,
      lastUsedAt: utc(lastUsedAt),
      ...(lastUsedFrom && { lastUsedFrom: plain(lastUsedFrom) }),
    };
    const event = stored({ type: 'KeyUsed', data, at, actor: command.actor }, command, eventId(run, index));
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

function stored(event: KeyUsed & { actor: Actor }, command: Cause, id: string): NewEvent {
  const { type, data, schemaVersion } = usageCodec.encode(event);
  const metadata: EventMetadata = {
    $correlationId: command.requestId,
    $causationId: command.commandId,
    actor: event.actor,
    at: event.at,
    schemaVersion,
    requestDigest: command.requestDigest,
  };
  return { id, type, data, metadata: { ...metadata } };
}

/** As it is stored: UTC, to the millisecond. */
function utc(time: string): string {
  return new Date(time).toISOString();
}
