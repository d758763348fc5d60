/**
 * When each domain was last looked at, in a JetStream bucket, so that a restart neither forgets nor repeats all.
 *
 * Whoever wants to look first claims the domain by compare-and-set: of several schedulers one gets it. A claim
 * that nobody finished, because its process died or the result could not be recorded, runs out; then the domain
 * is due as before.
 */
import { BUCKETS } from '@mcpstack/contracts';
import { jetstream } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';

const TIMEOUT_MS = 2_000;
/** Longer than a look and what follows it take. */
const CLAIM_LIFE_MS = 60_000;
/** JetStream's "wrong last sequence": somebody else wrote first. */
const WRONG_LAST_SEQUENCE = 10_071;

const Entry = z.object({ lookedAtMs: z.number().optional(), claimedAtMs: z.number().optional() });
type Entry = z.infer<typeof Entry>;

export type Claim =
  /** Ours to look; hand it back with `finish`. */
  | { status: 'claimed'; domainId: string; revision: number }
  /** Not due before `untilMs`: it was looked at, or somebody is looking. `undefined`: never. */
  | { status: 'wait'; untilMs: number | undefined };

export interface LastLooksOptions {
  /** Entries that are not written for so long vanish: domains that are gone. Milliseconds. */
  keepMs: number;
  claimLifeMs?: number;
  /** Of the bucket, where it is made. */
  replicas?: number;
  nowMs?: () => number;
}

export class LastLooks {
  readonly #nats: NatsConnection;
  readonly #options: LastLooksOptions;
  #bucket: Promise<KV> | undefined;

  constructor(nats: NatsConnection, options: LastLooksOptions) {
    this.#nats = nats;
    this.#options = options;
  }

  /** Takes the domain if it is due. `dueMs` says when it is, from the time of the last look. */
  claim(domainId: string, dueMs: (lookedAtMs: number | undefined) => number | undefined): Promise<Claim> {
    return this.#use(async (bucket) => {
      const { claimLifeMs = CLAIM_LIFE_MS, nowMs = Date.now } = this.#options;
      const current = await bucket.get(domainId);
      const entry = current?.operation === 'PUT' ? parse(current.string()) : {};
      const now = nowMs();
      const claimEndsMs = (entry.claimedAtMs ?? -Infinity) + claimLifeMs;
      // A claim from far in the future is that of a clock that was wrong.
      if (now < claimEndsMs && claimEndsMs <= now + 2 * claimLifeMs)
        return { status: 'wait', untilMs: claimEndsMs };
      const untilMs = dueMs(entry.lookedAtMs);
      if (untilMs === undefined || now < untilMs) return { status: 'wait', untilMs };
      const value = JSON.stringify({ ...entry, claimedAtMs: now } satisfies Entry);
      const revision = await won(
        current
          ? bucket.update(domainId, value, current.revision, TIMEOUT_MS)
          : bucket.create(domainId, value),
      );
      if (revision === undefined) return { status: 'wait', untilMs: now + claimLifeMs };
      return { status: 'claimed', domainId, revision };
    });
  }

  /** The look was made and recorded. Of no effect when the claim ran out and somebody else has the domain. */
  async finish({ domainId, revision }: Claim & { status: 'claimed' }): Promise<void> {
    const { nowMs = Date.now } = this.#options;
    const value = JSON.stringify({ lookedAtMs: nowMs() } satisfies Entry);
    await this.#use((bucket) => won(bucket.update(domainId, value, revision, TIMEOUT_MS)));
  }

  /** A look that nobody claimed was made; `undefined` says that another one is due at once. */
  async note(domainId: string, lookedAtMs: number | undefined): Promise<void> {
    const value = JSON.stringify({ lookedAtMs: lookedAtMs ?? 0 } satisfies Entry);
    await this.#use((bucket) => bucket.put(domainId, value));
  }

  async #use<Value>(act: (bucket: KV) => Promise<Value>): Promise<Value> {
    this.#bucket ??= new Kvm(jetstream(this.#nats, { timeout: TIMEOUT_MS })).create(BUCKETS.domainChecks, {
      history: 1,
      replicas: this.#options.replicas ?? 1,
      ttl: this.#options.keepMs,
      // A replica that lags would have a domain looked at twice.
      allow_direct: false,
    });
    try {
      return await act(await this.#bucket);
    } catch (error) {
      // Opened anew next time: the bucket may be gone together with JetStream's data.
      this.#bucket = undefined;
      throw error;
    }
  }
}

/** The revision that was written; `undefined` when somebody else was first. */
async function won(write: Promise<number>): Promise<number | undefined> {
  try {
    return await write;
  } catch (error) {
    if ((error as { code?: unknown }).code === WRONG_LAST_SEQUENCE) return undefined;
    throw error;
  }
}

/** An entry that cannot be read is as good as none. */
function parse(text: string): Entry {
  try {
    return Entry.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
