/**
 * What creating one key and importing many have in common: a key is decided on with what the log says of its maker,
 * and looked at again after the append (G8).
 *
 * Nobody knows a secret that was made here before the reply, so a crash between the append and the second look is
 * harmless. A token that the client made is known to it: a key whose maker loses the rights in that very moment is
 * withdrawn by the second look, and one whose second look never came stands as any key does that was made just before
 * its maker's loss.
 */
import { ProblemError, type Actor, type CreateKeyInput, type ImportedKey } from '@mcpstack/contracts';
import {
  DEFAULT_POLICY,
  requirePermission,
  requireToGrant,
  type Authority,
  type CreateKey,
  type Credential,
  type Grant,
  type KeyState,
  type WithdrawKey,
} from '@mcpstack/domain';
import { inSteps } from '@mcpstack/service-kit';
import { Injectable } from '@nestjs/common';
import { Decisions, stepOf, type Cause, type Decided, type Standing } from '../decisions.ts';

/** What the organization does not have of the agents and servers that scopes name. */
export type UnknownIds = ReadonlySet<string>;

@Injectable()
export class KeyMaking {
  constructor(private readonly decisions: Decisions) {}

  /** Of these ids of agents and servers: those that are none in force of the organization. */
  async unknownIds(organizationId: string, ids: Iterable<string>): Promise<UnknownIds> {
    const distinct = [...new Set(ids)];
    const states = await inSteps(distinct, async (id) =>
      id.startsWith('agent_')
        ? (await this.decisions.load('agent', id)).state
        : (await this.decisions.load('server', id)).state,
    );
    return new Set(
      distinct.filter((_id, index) => {
        const state = states[index]!;
        return state.status !== 'active' || state.organizationId !== organizationId;
      }),
    );
  }

  /** The decision to be made, with everything that it rests on. */
  command(
    who: { actor: Actor; organizationId: string; keyId: string },
    { organization, authority }: Standing,
    terms: Omit<CreateKeyInput, 'organizationId' | 'digest'> & Pick<ImportedKey, 'hint'>,
    { credential, unknown }: { credential: Credential; unknown: UnknownIds },
  ): CreateKey {
    return {
      type: 'CreateKey',
      at: this.decisions.now(),
      ...who,
      authority,
      ...terms,
      credential,
      policy: organization.status === 'none' ? DEFAULT_POLICY : organization.policy,
      unknownScopeIds: scopeIds(terms).filter((id) => unknown.has(id)),
    };
  }

  /** Takes back a key that must not stand. Under an id of its own: else it would be taken for a retry. */
  withdraw(
    cause: Cause,
    { organizationId, keyId }: Pick<CreateKey, 'organizationId' | 'keyId'>,
  ): Promise<Decided<'key'>> {
    const withdraw: WithdrawKey = {
      type: 'WithdrawKey',
      at: this.decisions.now(),
      actor: { type: 'system', id: 'issuance' },
      organizationId,
      keyId,
    };
    return this.decisions.decide('key', keyId, stepOf(cause, 'withdraw'), withdraw);
  }
}

/** Every agent and server that a scope names. */
export function scopeIds({ scope }: Pick<Grant, 'scope'>): string[] {
  return [...(scope?.agents ?? []), ...(scope?.servers ?? [])];
}

/** The second look: what is wrong with handing a key to somebody who holds this by now; `undefined` when nothing is. */
export function lossOf(authority: Authority | undefined, grant: Grant): ProblemError | undefined {
  try {
    requirePermission(authority, 'api-keys:write');
    requireToGrant(authority, grant);
    return undefined;
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
}

/** Whether the key was taken back, by this command's earlier try or for its maker's later loss. */
export function isWithdrawn(state: KeyState): boolean {
  return state.status === 'revoked' && state.revocationReason === 'maker-lost-rights';
}

export function lostRights(permission = 'api-keys:write'): ProblemError {
  return new ProblemError('forbidden', 'Your rights changed while the key was being made. It was revoked.', {
    permission,
  });
}
