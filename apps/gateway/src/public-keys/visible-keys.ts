/**
 * Publishable keys as a caller may see them: to a key that is limited to some agents, those of others do not exist; and
 * keys of an agent that was removed have ended with it, although no event of their own says so.
 */
import type { PublicKey } from '@mcpstack/contracts';
import { Injectable } from '@nestjs/common';
import { noKey, refuseUnknown } from '../api-keys/bodies.ts';
import type { Caller } from '../auth/caller.ts';
import { isInScope } from '../auth/scope.ts';
import { Reads } from '../reads.ts';
import { publicKeyAnswer, type PublicKeyAnswer } from './public-keys.ts';

@Injectable()
export class VisibleKeys {
  constructor(private readonly reads: Reads) {}

  /** @throws ProblemError `not-found`, the same for an unknown key, a foreign one and one out of scope. */
  async get(caller: Caller, organizationId: string, keyId: string): Promise<PublicKey> {
    refuseUnknown(keyId);
    const key = await this.reads.publicKey(organizationId, keyId);
    if (!key || !isInScope(caller, 'agents', key.agentId)) throw noKey();
    return key;
  }

  /** Before a change. Whoever has no scope sees all of them: issuance finds out which there are. */
  async require(caller: Caller, organizationId: string, keyId: string): Promise<void> {
    refuseUnknown(keyId);
    if (caller.type === 'key' && caller.scope?.agents) await this.get(caller, organizationId, keyId);
  }

  async answer(key: PublicKey): Promise<PublicKeyAnswer> {
    const [answer] = await this.answers([key]);
    return answer!;
  }

  /** Reads each agent once: never more than there are keys on a page. */
  async answers(keys: readonly PublicKey[]): Promise<PublicKeyAnswer[]> {
    const removed = new Map<string, Promise<boolean>>();
    for (const { organizationId, agentId } of keys)
      if (!removed.has(agentId)) removed.set(agentId, this.reads.isAgentRemoved(organizationId, agentId));
    return Promise.all(
      keys.map(async (key) => {
        const answer = publicKeyAnswer(key);
        return (await removed.get(key.agentId)) ? { ...answer, state: 'revoked' as const } : answer;
      }),
    );
  }
}
