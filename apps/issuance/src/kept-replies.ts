/** Kept replies: sealed secrets in a JetStream bucket for ten minutes, so that a lost reply is not lost (G2). */
import { BUCKETS, ProblemError } from '@mcpstack/contracts';
import { jetstream } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { isStrong, openSecret, sealSecret, type Seal } from './sealed-secret.ts';

const KEPT_MS = 10 * 60_000;
const MAX_VALUE_BYTES = 1_024;
/** Every call to the bucket. */
const TIMEOUT_MS = 2_000;

/** A seal whose Idempotency-Key may be absent or weak. */
export type Claim = Omit<Seal, 'idempotencyKey'> & { idempotencyKey?: string | undefined };

/** Whose a secret is that a command makes. */
export function claimOf(
  { idempotencyKey, commandId, actor }: Omit<Claim, 'credentialDigest'>,
  credentialDigest: string,
): Claim {
  return { idempotencyKey, commandId, actor, credentialDigest };
}

export class KeptReplies {
  private bucket: Promise<KV> | undefined;

  /** @param replicas of the bucket, where it is made. */
  constructor(
    private readonly nats: NatsConnection,
    private readonly replicas = 1,
  ) {}

  /**
   * Keeps the secret for a retry. To be called before the append: the worst that a crash in between leaves
   * is a sealed secret of a key that never came to be. Without a strong Idempotency-Key nothing is kept.
   * @throws ProblemError `unavailable` when the bucket does not take it; then nothing may be appended,
   *   because the caller was promised that a lost reply can be had again.
   */
  async keep(secret: string, claim: Claim): Promise<void> {
    if (!isSeal(claim)) return;
    await this.call((bucket) => bucket.put(nameOf(claim), sealSecret(secret, claim)));
  }

  /**
   * The kept secret; `undefined` when there is none (any more) or this caller's seal does not open it.
   * @throws ProblemError `unavailable` when the bucket does not answer: a later retry may still open it.
   */
  async open(claim: Claim): Promise<string | undefined> {
    if (!isSeal(claim)) return undefined;
    const entry = await this.call((bucket) => bucket.get(nameOf(claim)));
    return entry?.operation === 'PUT' ? openSecret(entry.value, claim) : undefined;
  }

  /** Makes the bucket where it is missing. */
  async prepare(): Promise<void> {
    await this.call((bucket) => Promise.resolve(bucket));
  }

  private async call<T>(use: (bucket: KV) => Promise<T>): Promise<T> {
    try {
      this.bucket ??= new Kvm(jetstream(this.nats, { timeout: TIMEOUT_MS })).create(BUCKETS.replies, {
        history: 1,
        replicas: this.replicas,
        ttl: KEPT_MS,
        maxValueSize: MAX_VALUE_BYTES,
      });
      return await use(await this.bucket);
    } catch (cause) {
      // Opened anew next time: the bucket may be gone together with JetStream's data.
      this.bucket = undefined;
      throw new ProblemError('unavailable', 'The reply cannot be kept right now. Repeat the request.', {
        cause,
      });
    }
  }
}

function isSeal(claim: Claim): claim is Seal {
  return isStrong(claim.idempotencyKey);
}

/** Of two racing tries each keeps its own; the event's digest says whose is true. */
function nameOf({ commandId, credentialDigest }: Seal): string {
  return `${commandId}.${credentialDigest}`;
}
