/** Limits and quotas of keys: what is taken from them, and what that comes to. */
import type { Bounds, VerifyReply } from '@mcpstack/contracts';
import type { ReadModels, Taken, Taking } from '@mcpstack/read-models';
import type { FoundKey } from './evaluate.ts';
import { Rounds } from './rounds.ts';

const MAX_ROUND = 1_000;
const MAX_UNDER_WAY = 2;

/** Takings of all checks that wait at a time, in one call. */
export class Takings {
  readonly #rounds: Rounds<Taking, Taken>;

  constructor(private readonly models: Pick<ReadModels, 'take' | 'giveBack'>) {
    this.#rounds = new Rounds({
      call: (takings) => models.take(takings),
      maxSize: MAX_ROUND,
      maxUnderWay: MAX_UNDER_WAY,
    });
  }

  /** @throws ReadModelsUnavailableError */
  take(taking: Taking): Promise<Taken> {
    return this.#rounds.ask(taking);
  }

  /** What was taken for an answer that was then another one. */
  giveBack(taking: Taking): void {
    void this.models.giveBack([taking]);
  }
}

/** What bounds the key's use, if anything does. */
export function boundsOf(key: FoundKey['key']): Bounds | undefined {
  if (key.kind !== 'service') return undefined;
  const { limits = [], quotas = [] } = key;
  return limits.length + quotas.length > 0 ? { limits, quotas } : undefined;
}

/** A VALID reply, once the limits were looked at. */
export function limited(reply: VerifyReply, { granted, refusedBy, states }: Taken): VerifyReply {
  if (granted) return { ...reply, rateLimits: states };
  const { keyId, orgId, kind } = reply;
  const isLimit = refusedBy === 'limit';
  return {
    valid: false,
    code: isLimit ? 'RATE_LIMITED' : 'QUOTA_EXCEEDED',
    freshForMs: 0,
    ...(keyId !== undefined && { keyId }),
    ...(orgId !== undefined && { orgId }),
    ...(kind !== undefined && { kind }),
    rateLimits: states,
    message: isLimit
      ? 'A limit of the key has no room for this use: try again after the resetMs of rateLimits.'
      : 'A quota of the key is used up: it is whole again after the resetMs of rateLimits.',
  };
}

/** What taking `cost` would come to, by how the bounds stand. */
export function wouldTake({ limits = [] }: Bounds, cost: number, states: Taken['states']): Taken {
  const refused = cost === 0 ? -1 : states.findIndex(({ remaining }) => remaining < cost);
  if (refused === -1) return { granted: true, states };
  return { granted: false, refusedBy: refused < limits.length ? 'limit' : 'quota', states };
}
