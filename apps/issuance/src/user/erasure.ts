/**
 * Erases what stands in a person's stream: one event names it by its digests, then the stream is truncated before that
 * event. The event comes first, so that whoever misses something finds it named.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ProblemError, type Actor } from '@mcpstack/contracts';
import {
  erasureOf,
  streamName,
  userCodec,
  type EraseProfile,
  type StandingEvent,
  type UserEvent,
} from '@mcpstack/domain';
import { eventDigest, type RecordedEvent } from '@mcpstack/event-store';
import { Injectable } from '@nestjs/common';
import { causeOf, Decisions, stepOf, type Cause, type Decided } from '../decisions.ts';

/** Each takes MOST_ERASED_AT_ONCE events. */
const MOST_ROUNDS = 1_000;
/** Others may write to the stream between the reading and the append. */
const MOST_ATTEMPTS = 20;
const LONGEST_JITTER_MS = 50;
/** Of one truncation: it may overwrite 2,000 messages one by one. */
const TRUNCATE_TIMEOUT_MS = 60_000;

interface Standing {
  /** Of the last event; -1n when there is none. */
  revision: bigint;
  named: EraseProfile['standing'];
  /** Before which revision the newest erasure in the stream truncates it; 0n without one. */
  upTo: bigint;
  isErased: boolean;
}

@Injectable()
export class Erasure {
  constructor(private readonly decisions: Decisions) {}

  /**
   * Erases all that stands in the stream at this moment; done already, it sees to it that it is gone.
   * @returns the position from which on it is gone; -1n when there never was anything.
   * @throws ProblemError `forbidden` to others than the person and the system.
   */
  async erase(cause: Cause, userId: string, actor: Actor): Promise<bigint> {
    let round: Cause = causeOf(cause);
    for (let rounds = 0; rounds < MOST_ROUNDS; rounds += 1) {
      const { standing, decided } = await this.record(round, userId, actor);
      const record = decided.events.at(-1);
      const upTo = record?.type === 'UserProfileErased' ? erasureOf(record).upTo : standing.upTo;
      await this.truncate(userId, upTo);
      if (!record || upTo >= decided.revision) return decided.position;
      round = stepOf(cause, `erase-from-${upTo}`);
    }
    throw new Error(`the profile of ${userId} has more events than can be erased at once`);
  }

  /** What an erasure in the log names and nobody truncated. One that names nothing, as it was once, is made anew. */
  async finish(event: RecordedEvent): Promise<void> {
    const record = userCodec.decode(event);
    if (record.type !== 'UserProfileErased') return;
    const { userId } = record.data;
    const { upTo } = erasureOf(record);
    if (upTo > 0n || event.revision === 0n) return this.truncate(userId, upTo);
    // Whoever began anew since keeps what they have; with their next erasure all of it goes.
    const standing = await this.standing(userId);
    if (!standing.isErased || standing.upTo >= standing.revision) return;
    await this.erase(stepOf(this.causeOf(event), 'erase-named'), userId, SYSTEM);
  }

  /** Appends the event that names what stands, unless there is nothing to do. */
  private async record(
    cause: Cause,
    userId: string,
    actor: Actor,
  ): Promise<{ standing: Standing; decided: Decided<'user'> }> {
    for (let attempt = 1; ; attempt += 1) {
      const standing = await this.standing(userId);
      const at = this.decisions.now();
      const command = { type: 'EraseProfile', at, actor, userId, standing: standing.named } as const;
      try {
        const ifRevision = standing.revision.toString();
        return {
          standing,
          decided: await this.decisions.decide('user', userId, cause, command, { ifRevision }),
        };
      } catch (error) {
        const isChanged = error instanceof ProblemError && error.code === 'precondition-failed';
        if (!isChanged || attempt === MOST_ATTEMPTS) throw isChanged ? tooBusy(error) : error;
        await sleep(Math.random() * LONGEST_JITTER_MS);
      }
    }
  }

  private async standing(userId: string): Promise<Standing> {
    const events: StandingEvent[] = [];
    let [first, last]: [bigint | undefined, RecordedEvent | undefined] = [undefined, undefined];
    let upTo = 0n;
    for await (const event of this.decisions.store.readStream(streamName('user', userId))) {
      first ??= event.revision;
      last = event;
      events.push(named(event));
      if (event.type === 'UserProfileErased') upTo = upToOf(userCodec.decode(event));
    }
    const isErased = last?.type === 'UserProfileErased';
    return { revision: last?.revision ?? -1n, named: { firstRevision: first ?? 0n, events }, upTo, isErased };
  }

  private async truncate(userId: string, before: bigint): Promise<void> {
    if (before === 0n) return;
    await this.decisions.store.truncate(streamName('user', userId), before, {
      timeoutMs: TRUNCATE_TIMEOUT_MS,
    });
  }

  private causeOf({ metadata }: RecordedEvent): Cause {
    const { $causationId, $correlationId, requestDigest } = metadata as Record<string, string>;
    return { commandId: $causationId!, requestId: $correlationId!, requestDigest: requestDigest! };
  }
}

const SYSTEM: Actor = { type: 'system', id: 'issuance' };

function named(event: RecordedEvent): StandingEvent {
  const { position, type, metadata } = event;
  const digest = eventDigest(event).toString('hex');
  const { actor, $causationId } = metadata as { actor?: Actor; $causationId?: unknown };
  // The system's own come again only with a command that is decided anew.
  const commandId = type === 'UserProfileChanged' && actor?.type === 'user' ? $causationId : undefined;
  return {
    position: position.toString(),
    digest,
    ...(typeof commandId === 'string' && { commandId }),
  };
}

function upToOf(event: UserEvent): bigint {
  return event.type === 'UserProfileErased' ? erasureOf(event).upTo : 0n;
}

function tooBusy(cause: unknown): ProblemError {
  return new ProblemError('conflict', 'The profile keeps changing. Repeat the request.', { cause });
}
