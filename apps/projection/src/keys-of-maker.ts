/** "Which keys did this member or key make?", answered by the active projection (G8). */
import { isId, type Actor, type KeysOfMakerReply, type KeysOfMakerRequest } from '@mcpstack/contracts';
import type { Confirmations } from './confirmations.ts';
import type { Session } from './session.ts';

/** More keys than this of one maker are not answered: they would not fit into one message. */
export const MOST_KEYS = 10_000;

export interface KeysOfMakerDeps {
  confirmations: Pick<Confirmations, 'ask'>;
  /** The one that is live, if any. */
  session: () => Pick<Session, 'keysOfMaker'> | undefined;
  mostKeys?: number;
}

/** Waits for the position as long as the request says, then answers from the session that is live. */
export async function keysOfMaker(
  request: unknown,
  { confirmations, session, mostKeys = MOST_KEYS }: KeysOfMakerDeps,
): Promise<KeysOfMakerReply> {
  if (!isKeysOfMakerRequest(request)) return { reason: 'malformed request' };
  const { organizationId, maker, position, timeoutMs } = request;
  const { confirmed, reason } = await confirmations.ask({ position, need: 'visible', timeoutMs });
  if (!confirmed) return { reason: reason ?? 'the position was not reached' };
  const live = session();
  if (!live) return { reason: 'no read models are live' };
  try {
    const keyIds = await live.keysOfMaker({ organizationId, maker, limit: mostKeys });
    if (keyIds === 'too-many') return { reason: `the maker has more than ${mostKeys} keys in force` };
    return keyIds === 'superseded' ? { reason: 'the read models were just replaced' } : { keyIds };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

function isKeysOfMakerRequest(value: unknown): value is KeysOfMakerRequest {
  // Position and time are checked by whoever waits for them.
  const { organizationId, maker } = (value ?? {}) as Partial<Record<keyof KeysOfMakerRequest, unknown>>;
  return isId('organization', organizationId) && isActor(maker);
}

function isActor(value: unknown): value is Actor {
  const { type, id } = (value ?? {}) as Partial<Record<keyof Actor, unknown>>;
  switch (type) {
    case 'user':
      return isId('user', id);
    case 'key':
      return isId('key', id);
    default:
      // What `system` made is nobody's to lose.
      return false;
  }
}
