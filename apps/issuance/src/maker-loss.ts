/**
 * What becomes of the keys that a member made once the member holds less (G8). Under the policy
 * `onMakerLoss: 'revoke'` every key that holds more than the member still does is revoked, however many keys stand
 * between: a key that a key of theirs made is theirs as well.
 */
import { ProblemError, type Actor, type Permission } from '@mcpstack/contracts';
import { keyExceeds } from '@mcpstack/domain';
import { Injectable } from '@nestjs/common';
import { highest, inSteps } from './bounded.ts';
import { Decisions, stepOf, type Cause } from './decisions.ts';
import { KeysOfMaker } from './keys-of-maker.ts';

/** More keys than this are not looked through for one member. */
const MAX_KEYS = 10_000;

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
    const generations = await this.keysOf(loss);
    const revokedKeyIds: string[] = [];
    let { position } = loss;
    // The youngest first: a try that stops half-way leaves the keys by which the others are found.
    for (const keyIds of generations.reverse()) {
      const ends = await inSteps(keyIds, (keyId) => this.withdraw(cause, loss, keyId));
      position = highest([position, ...ends.flatMap((end) => end ?? [])]);
      revokedKeyIds.push(...keyIds.filter((_keyId, index) => ends[index] !== undefined));
    }
    return { revokedKeyIds, position };
  }

  /** The keys that the member made, then those that these made, and so on; ended ones where they made others. */
  private async keysOf({ organizationId, member, position }: Loss): Promise<string[][]> {
    const seen = new Set<string>();
    const generations: string[][] = [];
    let makers: Actor[] = [{ type: 'user', id: member }];
    while (makers.length > 0) {
      const found: string[] = [];
      await inSteps(makers, async (maker) => {
        for (const id of await this.keysOfMaker.list(organizationId, maker, position)) {
          if (!seen.has(id)) found.push(id);
          seen.add(id);
        }
        if (seen.size > MAX_KEYS) throw tooMany();
      });
      if (found.length > 0) generations.push(found);
      makers = found.map((id) => ({ type: 'key', id }));
    }
    return generations;
  }

  /** The position of the revocation; `undefined` for a key that may stay or has been ended otherwise. */
  private async withdraw(cause: Cause, loss: Loss, keyId: string): Promise<bigint | undefined> {
    const { organizationId, heldPermissions } = loss;
    const { state } = await this.decisions.load('key', keyId);
    if (state.status === 'none' || state.status === 'expired' || state.kind !== 'service') return undefined;
    if (state.organizationId !== organizationId) return undefined;
    if (!keyExceeds(state, heldPermissions)) return undefined;
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
    return events.length > 0 ? position : undefined;
  }
}

/** What was recorded stands; a retry can end it once there are fewer. */
function tooMany(): ProblemError {
  return new ProblemError(
    'not-final',
    `Recorded, not yet final: the member made more than ${MAX_KEYS} keys. Revoke them in bulk, then repeat the request.`,
  );
}
