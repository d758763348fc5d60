/**
 * Recording uses (G7). A key in use has a window every ten seconds and for each authorizer, for years: its stream is
 * never read whole. Only its newest events are, to see whether this command was carried out before.
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
import { Log } from '@mcpstack/service-kit';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { setTimeout as delay } from 'node:timers/promises';
import { highest, inSteps } from '../bounded.ts';
import { Decisions, type Cause } from '../decisions.ts';
import { requireSystem } from '../envelope.ts';
import { RecordUsageCommand } from './commands.ts';

/** Of a stream's events, those that may be this command's: a retry comes within as many windows of a key. */
const NEWEST = 64;
const MOST_ATTEMPTS = 10;
const LONGEST_JITTER_MS = 50;

/** All that one command counted for one key. */
interface Uses {
  keyId: string;
  organizationId: string;
  events: readonly NewEvent[];
}
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
    const dropped = positions.filter((position) => position === undefined).length;
    if (dropped > 0) this.log.warn('uses of unknown keys were dropped', { count: dropped });
    return { position: highest(positions.map((position) => position ?? -1n)).toString() };
  }

  /** The position of the last event; `undefined` when there is no such key. */
  private async record(command: Cause, uses: Uses): Promise<bigint | undefined> {
    const stream = streamName('usage', uses.keyId);
    for (let attempt = 1; ; attempt += 1) {
      const tip = await this.tip(stream, uses, command);
      if (tip.done !== undefined) return tip.done;
      // A stream that is there was begun for a key that is there.
      if (tip.expected === 'no_stream' && !(await this.isKnown(uses))) return undefined;
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

  private async tip(stream: string, { events }: Uses, { requestDigest }: Cause): Promise<Tip> {
    const last = events.at(-1)!.id;
    const options = { direction: 'backwards', maxCount: NEWEST } as const;
    let expected: ExpectedRevision = 'no_stream';
    for await (const stored of this.decisions.store.readStream(stream, options)) {
      if (expected === 'no_stream') expected = stored.revision;
      if (stored.id !== last) continue;
      refuseAnother(stored, requestDigest);
      return { expected, done: stored.position };
    }
    return { expected, done: undefined };
  }

  private async isKnown({ keyId, organizationId }: Uses): Promise<boolean> {
    const { state } = await this.decisions.load('key', keyId);
    return state.status !== 'none' && state.organizationId === organizationId;
  }
}

function refuseAnother(stored: RecordedEvent, requestDigest: string): void {
  if (stored.metadata.requestDigest === requestDigest) return;
  throw new ProblemError('idempotency-key-reused', 'This command id was used for other windows.');
}

/** The windows by key, each as an event whose id derives from the command's and the window's place in it. */
function usesOf(command: RecordUsageCommand, at: string): Uses[] {
  const byKey = new Map<string, { keyId: string; organizationId: string; events: NewEvent[] }>();
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
    if (!known) byKey.set(keyId, { keyId, organizationId, events: [event] });
    else if (known.organizationId !== organizationId || known.events.length >= MAX_EVENTS_PER_APPEND)
      throw new ProblemError(
        'validation-failed',
        'A key is of one organization, and has few windows at once.',
      );
    else known.events.push(event);
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
