/**
 * Erases what stands in a person's stream: an event names it by its digests, then the stream is truncated before that
 * event. The event comes first, so that whoever misses something finds it named.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ProblemError, type Actor } from '@mcpstack/contracts';
import { streamName, type EraseProfile, type StandingEvent } from '@mcpstack/domain';
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

/** Who writes the profiles of people who are invited, and erases them. */
export const ISSUANCE = { type: 'system', id: 'issuance' } as const satisfies Actor;

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
      const { state, position } = await this.record(round, userId, actor);
      const { erasure } = state;
      if (!erasure) return position;
      if (erasure.isComplete) {
        await this.truncate(userId, erasure.before);
        return position;
      }
      round = stepOf(cause, `erase-${erasure.before}-after-${erasure.events.length}`);
    }
    throw new Error(`the profile of ${userId} has more events than can be erased at once`);
  }

  /** Of a change in the log that issuance made for an invitation, and that nobody can accept any more. */
  async eraseOld({ stream, metadata }: Pick<RecordedEvent, 'stream' | 'metadata'>): Promise<void> {
    await this.erase(stepOf(causeIn(metadata), 'no-invitation-is-open'), userIdOf(stream), ISSUANCE);
  }

  /** Of an erasure in the log: truncates what nobody did. One that is not complete, or named nothing once, is made so. */
  async finish({ stream, metadata }: RecordedEvent): Promise<void> {
    const userId = userIdOf(stream);
    const { erasure, status } = (await this.decisions.load('user', userId)).state;
    if (erasure?.isComplete) return this.truncate(userId, erasure.before);
    // Whoever began anew since keeps what they have; with their next erasure all of it goes.
    if (!erasure || status !== 'none') return;
    await this.erase(stepOf(causeIn(metadata), `finish-${erasure.events.length}`), userId, ISSUANCE);
  }

  /** Appends the event that names what stands, unless there is nothing to do. */
  private async record(cause: Cause, userId: string, actor: Actor): Promise<Decided<'user'>> {
    for (let attempt = 1; ; attempt += 1) {
      const { revision, ...standing } = await this.standing(userId);
      const at = this.decisions.now();
      const command = { type: 'EraseProfile', at, actor, userId, standing } as const;
      try {
        return await this.decisions.decide('user', userId, cause, command, { ifRevision: `${revision}` });
      } catch (error) {
        const isChanged = error instanceof ProblemError && error.code === 'precondition-failed';
        if (!isChanged || attempt === MOST_ATTEMPTS) throw isChanged ? tooBusy(error) : error;
        await sleep(Math.random() * LONGEST_JITTER_MS);
      }
    }
  }

  /** All that stands, and the revision of the last of it; -1n when nothing does. */
  private async standing(userId: string): Promise<EraseProfile['standing'] & { revision: bigint }> {
    const events: StandingEvent[] = [];
    let firstRevision: bigint | undefined;
    for await (const event of this.decisions.store.readStream(streamName('user', userId))) {
      firstRevision ??= event.revision;
      events.push(named(event));
    }
    firstRevision ??= 0n;
    return { firstRevision, events, revision: firstRevision + BigInt(events.length) - 1n };
  }

  private async truncate(userId: string, before: bigint): Promise<void> {
    await this.decisions.store.truncate(streamName('user', userId), before, {
      timeoutMs: TRUNCATE_TIMEOUT_MS,
    });
  }
}

const userIdOf = (stream: string): string => stream.slice('user-'.length);

/** The command that an event in the log came of. */
function causeIn(metadata: RecordedEvent['metadata']): Cause {
  const { $causationId, $correlationId, requestDigest } = metadata as Record<string, string>;
  return { commandId: $causationId!, requestId: $correlationId!, requestDigest: requestDigest! };
}

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

function tooBusy(cause: unknown): ProblemError {
  return new ProblemError('conflict', 'The profile keeps changing. Repeat the request.', { cause });
}
