/**
 * Tells issuance that a key's current secret was seen in use, where an older one was to live until then. Once for
 * each secret: the command id is a function of it, so that several authorizers come to one event.
 */
import { uuidFrom } from '@mcpstack/contracts';
import { LRUCache } from 'lru-cache';
import type { Delivery } from './delivery.ts';
import type { FoundKey } from './evaluate.ts';

/** A record that still waits this long after issuance was told is told of again. */
const AGAIN_AFTER_MS = 30_000;
const MAX_REMEMBERED = 10_000;
const MAX_UNDER_WAY = 64;

export class SeenSecrets {
  readonly #delivery: Pick<Delivery, 'deliver'>;
  /** When each secret was told of. Infinity while it is under way. */
  readonly #toldMs = new LRUCache<string, number>({ max: MAX_REMEMBERED });
  #underWay = 0;

  constructor(delivery: Pick<Delivery, 'deliver'>) {
    this.#delivery = delivery;
  }

  /** Notes which secret a VALID answer was about. */
  note({ key, digest }: FoundKey, nowMs: number): void {
    if (key.kind !== 'service' || key.secrets.length < 2) return;
    const current = key.secrets.at(-1)!.version;
    const isCurrent = key.credentials.some((known) => known.version === current && known.digest === digest);
    if (!isCurrent || !key.secrets.some(({ untilNextSeen }) => untilNextSeen)) return;
    const name = `${key.id}:${current}`;
    const toldMs = this.#toldMs.get(name) ?? -Infinity;
    if (nowMs < toldMs + AGAIN_AFTER_MS || this.#underWay >= MAX_UNDER_WAY) return;
    void this.#tell(name, { organizationId: key.organizationId, keyId: key.id, version: current });
  }

  async #tell(
    name: string,
    input: { organizationId: string; keyId: string; version: number },
  ): Promise<void> {
    this.#toldMs.set(name, Infinity);
    this.#underWay += 1;
    await this.#delivery.deliver('recordSecretSeen', uuidFrom(`secret-seen:${name}`), input);
    this.#underWay -= 1;
    this.#toldMs.set(name, Date.now());
  }
}
