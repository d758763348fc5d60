/** Goes through all domains again and again, and checks those that are due. */
import type { ReadModels, WatchedDomain } from '@mcpstack/read-models';
import { inSteps, type Log } from '@mcpstack/service-kit';
import { LRUCache } from 'lru-cache';
import { trusted } from '../trusted.ts';
import type { DomainChecks } from './domain-checks.ts';
import type { LastLooks } from './last-looks.ts';
import { nextLookMs, type Rhythm } from './rhythm.ts';

const PAGE_SIZE = 200;
/** Looks at once. */
const AT_ONCE = 8;
/** Of how many domains it is remembered when they are due, so that the bucket need not be asked. */
const REMEMBERED = 100_000;
/** How long that is taken for granted: another scheduler may find out meanwhile that a look is due at once. */
const LONGEST_REMEMBERED_MS = 60 * 60 * 1_000;

export interface RoundsOptions {
  models: Pick<ReadModels, 'listDomains'>;
  looks: LastLooks;
  checks: Pick<DomainChecks, 'check'>;
  rhythm: Rhythm;
  log: Log;
  nowMs?: () => number;
}

export class Rounds {
  readonly #options: RoundsOptions;
  /** By domain and state. */
  readonly #notBefore = new LRUCache<string, number>({ max: REMEMBERED });

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** What is remembered of this domain may be wrong: the bucket says when it is due. */
  forget({ id, state }: Pick<WatchedDomain, 'id' | 'state'>): void {
    this.#notBefore.delete(keyOf({ id, state }));
  }

  /** One round. @throws when the domains cannot be read; the next round begins anew. */
  async run(signal: AbortSignal): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = trusted(
        await this.#options.models.listDomains({ limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) }),
      );
      const visit = async (domain: WatchedDomain) => {
        if (!signal.aborted) await this.#visit(domain, signal);
      };
      await inSteps(page.items, visit, AT_ONCE);
      cursor = page.nextCursor;
    } while (cursor !== undefined && !signal.aborted);
  }

  /** @throws when the bucket does not answer: without it nobody knows what is due. */
  async #visit(domain: WatchedDomain, signal: AbortSignal): Promise<void> {
    const { looks, checks, rhythm, log, nowMs = Date.now } = this.#options;
    const known = keyOf(domain);
    if (nowMs() < (this.#notBefore.get(known) ?? 0)) return;
    const claim = await looks.claim(domain.id, (lookedAtMs) =>
      nextLookMs(domain, lookedAtMs, rhythm, nowMs()),
    );
    if (claim.status === 'wait') {
      this.#notBefore.set(known, Math.min(claim.untilMs ?? Infinity, nowMs() + LONGEST_REMEMBERED_MS));
      return;
    }
    try {
      const { isUnfinished } = await checks.check(domain, { stopping: signal });
      // Not finished, the claim runs out and the domain is due again.
      if (!isUnfinished) await looks.finish(claim);
    } catch (error) {
      if (signal.aborted) return;
      const { organizationId: orgId, agentId } = domain;
      log.warn('a domain could not be checked', { orgId, stream: `agent-${agentId}`, err: error });
    }
  }
}

/** With the state: a change of it may make the domain due earlier. */
function keyOf({ id, state }: Pick<WatchedDomain, 'id' | 'state'>): string {
  return `${id}:${state}`;
}
