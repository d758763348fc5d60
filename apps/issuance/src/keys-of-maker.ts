/** Asks the active projection which keys somebody made: the log itself is not indexed by maker. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  isId,
  KEYS_OF_MAKER_SUBJECT,
  ProblemError,
  type Actor,
  type KeysOfMakerReply,
  type KeysOfMakerRequest,
} from '@mcpstack/contracts';
import type { NatsConnection } from '@nats-io/transport-node';

const TIMEOUT_MS = 6_000;
/** Between two questions, while a projection takes over from another. */
const PAUSE_MS = 100;
/** The projection gives up this much earlier than we do, so that its answer arrives. */
const HEADROOM_MS = 50;

export class KeysOfMaker {
  constructor(
    private readonly nats: NatsConnection,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  /**
   * The service keys in force that `maker` made, as of `position` at least.
   * @throws ProblemError `not-final` when nobody can say in time: what was recorded stands, and the retry asks
   *   again.
   */
  async list(organizationId: string, maker: Actor, position: bigint): Promise<readonly string[]> {
    const deadline = performance.now() + this.timeoutMs;
    for (let leftMs = this.timeoutMs; leftMs > 0; leftMs = deadline - performance.now()) {
      const keyIds = await this.ask({
        organizationId,
        maker,
        position: position.toString(),
        timeoutMs: Math.max(1, Math.floor(leftMs - HEADROOM_MS)),
      });
      if (keyIds) return keyIds;
      await delay(Math.min(PAUSE_MS, Math.max(0, deadline - performance.now())));
    }
    throw new ProblemError('not-final', 'Recorded, not yet final: repeat the request.');
  }

  private async ask(request: KeysOfMakerRequest): Promise<readonly string[] | undefined> {
    try {
      const message = await this.nats.request(KEYS_OF_MAKER_SUBJECT, JSON.stringify(request), {
        timeout: request.timeoutMs + HEADROOM_MS,
      });
      const reply = message.json<KeysOfMakerReply | null>();
      // Half an answer is none: a key that is passed over would stay in force.
      return Array.isArray(reply?.keyIds) && reply.keyIds.every((id) => isId('key', id))
        ? reply.keyIds
        : undefined;
    } catch {
      return undefined;
    }
  }
}
