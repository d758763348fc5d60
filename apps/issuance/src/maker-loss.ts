/**
 * What becomes of the keys that a member made once the member holds less (G8). Under the policy
 * `onMakerLoss: 'revoke'` every key that holds more than the member still does is revoked, however many keys stand
 * between: a key that a key of theirs made is theirs as well.
 */
import { ProblemError, type Actor, type Permission } from '@mcpstack/contracts';
import { keyExceeds } from '@mcpstack/domain';
import { inSteps } from '@mcpstack/service-kit';
import { Injectable } from '@nestjs/common';
import { highest } from './positions.ts';
import { Decisions, stepOf, type Cause } from './decisions.ts';
import { KeysOfMaker } from './keys-of-maker.ts';

/** More keys than this are not looked through for one member. */
const MAX_KEYS = 10_000;
/** How often it is looked for keys that others made meanwhile. Each time it takes a key that was made in between. */
const MAX_ROUNDS = 10;

export interface Loss {
  organizationId: string;
  /** Who lost rights: a user id. */
  member: string;
  /** What the member still holds; nothing for one who is suspended or gone. */
  heldPermissions: readonly Permission[];
  /** Of the event that took the rights. */
  position: bigint;
}
export interface Withdrawn {
  /** Those that this command revoked. A retry names those that it finds again: ended keys may be passed over. */
  revokedKeyIds: readonly string[];
  /** The highest position to be final: that of the loss itself when no key was revoked. */
  position: bigint;
}

@Injectable()
export class MakerLoss {
  constructor(
    private readonly keysOfMaker: KeysOfMaker,
    private readonly decisions: Decisions,
  ) {}

  /**
   * Revokes the keys of a member that hold more than the member does. Command ids derive from the command's, so
   * that a retry goes on where a try stopped. The caller waits for finality, once, at the position answered.
   *
   * @throws ProblemError `not-final` when the projection cannot say in time which keys there are; nothing is lost:
   *   the retry goes on.
   */
  async withdrawKeysBeyond(cause: Cause, loss: Loss): Promise<Withdrawn> {
    const seen = new Set<string>();
    const revokedKeyIds: string[] = [];
    let { position } = loss;
    for (let round = 1; ; round += 1) {
      const generations = await this.keysOf({ ...loss, position }, seen);
      let hasEnded = false;
      // The youngest first: a try that stops half-way leaves the keys by which the others are found.
      for (const keyIds of generations.reverse()) {
        const ends = await inSteps(keyIds, (keyId) => this.withdraw(cause, loss, keyId));
        position = highest([position, ...ends.flatMap((end) => end?.position ?? [])]);
        revokedKeyIds.push(...keyIds.filter((_keyId, index) => ends[index]?.isOwn));
        hasEnded ||= ends.some((end) => end !== undefined);
      }
      // Until its own end a key makes others, also after it was asked for them; once it has ended it makes none. So
      // the last look is one that finds no more of those that end.
      if (!hasEnded) return { revokedKeyIds, position };
      if (round >= MAX_ROUNDS) throw notFinal('keys of the member go on making keys. Suspend those');
    }
  }

  /**
   * The keys that the member made, then those that these made, and so on; ended ones where they made others. Only those
   * that were not seen before, and all are seen after.
   */
  private async keysOf({ organizationId, member, position }: Loss, seen: Set<string>): Promise<string[][]> {
    const known = [...seen];
    const generations: string[][] = [];
    let makers: Actor[] = [{ type: 'user', id: member }, ...known.map(keyActor)];
    while (makers.length > 0) {
      const found: string[] = [];
      await inSteps(makers, async (maker) => {
        for (const id of await this.keysOfMaker.list(organizationId, maker, position)) {
          if (!seen.has(id)) found.push(id);
          seen.add(id);
        }
        if (seen.size > MAX_KEYS)
          throw notFinal(`the member made more than ${MAX_KEYS} keys. Revoke them in bulk`);
      });
      if (found.length > 0) generations.push(found);
      makers = found.map(keyActor);
    }
    return generations;
  }

  /**
   * `undefined` for a key that may stay. For one that was revoked: the position to be final, also when an earlier
   * command revoked it, whose answer may not have been; and whether this one did. An expired key has nothing to wait
   * for: the clock ended it.
   */
  private async withdraw(
    cause: Cause,
    loss: Loss,
    keyId: string,
  ): Promise<{ position?: bigint; isOwn: boolean } | undefined> {
    const { organizationId, heldPermissions } = loss;
    const { state } = await this.decisions.load('key', keyId);
    if (state.status === 'none' || state.kind !== 'service') return undefined;
    if (state.organizationId !== organizationId || !keyExceeds(state, heldPermissions)) return undefined;
    if (state.status === 'expired') return { isOwn: false };
    const { events, position } = await this.decisions.decide(
      'key',
      keyId,
      stepOf(cause, `maker-loss:${keyId}`),
      {
        type: 'WithdrawKey',
        at: this.decisions.now(),
        actor: { type: 'system', id: 'issuance' },
        organizationId,
        keyId,
      },
    );
    return { position, isOwn: events.length > 0 };
  }
}

function keyActor(id: string): Actor {
  return { type: 'key', id };
}

/** What was recorded stands; a retry can end it once that was done. */
function notFinal(why: string): ProblemError {
  return new ProblemError('not-final', `Recorded, not yet final: ${why}, then repeat the request.`);
}
