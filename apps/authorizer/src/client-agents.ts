/** User-Agent headers as they come with checks: each is reduced once, later, and few are held. */
import { LRUCache } from 'lru-cache';
import { userAgentFamily } from './client.ts';

const MOST_KNOWN = 4_096;
/** New ones in each tick. A flood of ever other headers is not worth its memory: such uses show no user agent. */
const MOST_NEW = 1_000;

/** One header, of which only the family remains once that was asked for. */
export class Agent {
  #raw: string | undefined;
  #family: string | undefined;

  constructor(raw: string) {
    this.#raw = raw;
  }

  get family(): string | undefined {
    if (this.#raw !== undefined) this.#family = userAgentFamily(this.#raw);
    this.#raw = undefined;
    return this.#family;
  }
}

export class Agents {
  readonly #known = new LRUCache<string, Agent>({ max: MOST_KNOWN });
  #left = MOST_NEW;

  of(raw: string | undefined): Agent | undefined {
    if (raw === undefined) return undefined;
    const known = this.#known.get(raw);
    if (known || this.#left === 0) return known;
    this.#left -= 1;
    const agent = new Agent(raw);
    this.#known.set(raw, agent);
    return agent;
  }

  /** Begins the next tick. */
  renew(): void {
    this.#left = MOST_NEW;
  }
}
