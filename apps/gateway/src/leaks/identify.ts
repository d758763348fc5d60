/** Asks the authorizer which keys some digests belong to: for reports of leaks, imports and exposures. */
import {
  IDENTIFY_SUBJECT,
  isId,
  type IdentifiedKey,
  type IdentifyReply,
  type IdentifyRequest,
} from '@mcpstack/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import { unavailable } from '../http/problem-response.ts';

/** Up to 1,000 look-ups in one step on the other side. */
const IDENTIFY_TIMEOUT_MS = 5_000;
export const MAX_IDENTIFIED = 1_000;

export class Identify {
  constructor(private readonly nats: NatsConnection) {}

  /**
   * One entry for each digest, in order; `undefined` where no key has it. At most MAX_IDENTIFIED.
   * @throws HttpProblem `unavailable` when that cannot be said now. "Unknown" is never guessed.
   */
  async keysOf(digests: readonly string[]): Promise<readonly (IdentifiedKey | undefined)[]> {
    if (digests.length === 0) return [];
    if (digests.length > MAX_IDENTIFIED) throw new RangeError(`more than ${MAX_IDENTIFIED} digests`);
    const reply = await this.ask({ digests });
    const { keys } = reply;
    if (!Array.isArray(keys) || keys.length !== digests.length || !keys.every(isWhole))
      throw notNow(new Error(reply.reason ?? 'the answer is not whole'));
    return keys.map((key) => key ?? undefined);
  }

  private async ask(request: IdentifyRequest): Promise<IdentifyReply> {
    try {
      const message = await this.nats.request(IDENTIFY_SUBJECT, JSON.stringify(request), {
        timeout: IDENTIFY_TIMEOUT_MS,
      });
      return message.json<IdentifyReply>();
    } catch (cause) {
      throw notNow(cause);
    }
  }
}

/** Whether a key can still be used, or could be once it is resumed. */
export function isInForce({ state }: IdentifiedKey): boolean {
  return state === 'active' || state === 'suspended';
}

function isWhole(key: unknown): key is IdentifiedKey | null {
  if (key === null) return true;
  const { keyId, organizationId, kind, state } = key as Partial<Record<keyof IdentifiedKey, unknown>>;
  return (
    isId('key', keyId) &&
    isId('organization', organizationId) &&
    (kind === 'service' || kind === 'publishable') &&
    typeof state === 'string'
  );
}

function notNow(cause: unknown): Error {
  return unavailable('Keys cannot be looked up now. Repeat the request in a moment.', cause);
}
