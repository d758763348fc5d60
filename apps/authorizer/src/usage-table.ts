/**
 * The keys in use, as many as a million: about 175 bytes for each with its id. In many small maps, since a single one stands
 * still for 0.2 s and more when it grows beyond a million.
 */
import type { Agent } from './client-agents.ts';

const SHARDS = 256;
/** Names of organizations that are held once for all their keys. */
const MOST_ORGANIZATIONS = 100_000;

/** What is counted of one key. Times are milliseconds since the table's start: small integers cost least. */
export interface Use {
  readonly organizationId: string;
  /** Uses that were not sent yet. */
  count: number;
  /** The first and the last of them; the last one also once they were sent. */
  fromMs: number;
  lastMs: number;
  /** Of the latest use that told it. */
  ip: string | undefined;
  agent: Agent | undefined;
  /** Others of its uses were sent and are not taken yet: the next ones wait for that. */
  isUnderWay: boolean;
}

export class UsageTable {
  readonly #shards = Array.from({ length: SHARDS }, () => new Map<string, Use>());
  readonly #organizations = new Map<string, string>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(keyId: string): Use | undefined {
    return this.#shardOf(keyId).get(keyId);
  }

  /** Adds a key that is not there. */
  add(keyId: string, organizationId: string): Use {
    const use: Use = {
      organizationId: this.#once(organizationId),
      count: 0,
      fromMs: 0,
      lastMs: 0,
      ip: undefined,
      agent: undefined,
      isUnderWay: false,
    };
    this.#shardOf(keyId).set(keyId, use);
    this.#size += 1;
    return use;
  }

  delete(keyId: string): void {
    if (this.#shardOf(keyId).delete(keyId)) this.#size -= 1;
  }

  /** Every key once, while others come and go. */
  *all(): Generator<[keyId: string, use: Use], undefined> {
    for (const shard of this.#shards) yield* shard;
    return undefined;
  }

  #shardOf(keyId: string): Map<string, Use> {
    const { length } = keyId;
    const hash = keyId.charCodeAt(length - 1) * 61 + keyId.charCodeAt(length - 2);
    return this.#shards[hash % SHARDS]!;
  }

  #once(organizationId: string): string {
    const known = this.#organizations.get(organizationId);
    if (known !== undefined) return known;
    if (this.#organizations.size >= MOST_ORGANIZATIONS) this.#organizations.clear();
    this.#organizations.set(organizationId, organizationId);
    return organizationId;
  }
}
