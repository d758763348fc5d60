/** Which publishable keys a caller may see: to a key that is limited to some agents, those of others do not exist. */
import type { PublicKey } from '@mcpstack/contracts';
import { Injectable } from '@nestjs/common';
import { noKey, refuseUnknown } from '../api-keys/bodies.ts';
import type { Caller } from '../auth/caller.ts';
import { isInScope } from '../auth/scope.ts';
import { Reads } from '../reads.ts';

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
}
