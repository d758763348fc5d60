/**
 * Secrets of webhooks, after the Standard Webhooks specification: `whsec_` and 32 bytes in base64. None is stored: each
 * is derived from a master key by HKDF-SHA-256 (RFC 5869), so that issuance can show it and the webhooks service sign
 * with it, while whoever holds the log, Redis or JetStream holds none.
 */
import { createHmac, hkdfSync } from 'node:crypto';
import { readVersionedKeys } from './versioned-keys.ts';

const SECRET_BYTES = 32;
const PREFIX = 'whsec_';

/** Which secret. */
export interface WebhookSecretName {
  webhookId: string;
  version: number;
  /** Of the master key. */
  keyVersion: number;
}

/** What is signed: the id, the time in seconds, and the body as it is sent. */
export interface SignedMessage {
  id: string;
  timestampS: number;
  body: string;
}

export class WebhookKeys {
  readonly current: number;
  readonly #versions: ReadonlyMap<number, Buffer>;

  /** @param versions 32 bytes for each version of the master key; `current` is one of them. */
  constructor(current: number, versions: Readonly<Record<number, Buffer>>) {
    this.current = current;
    this.#versions = new Map(Object.entries(versions).map(([version, key]) => [Number(version), key]));
    if (!this.#versions.has(current)) throw new RangeError(`no master key of version ${current}`);
  }

  /** Whether a secret that was made under this version can be made again. */
  knows(keyVersion: number): boolean {
    return this.#versions.has(keyVersion);
  }

  /** As it is shown once. @throws RangeError for a version that is not in the file. */
  secret(name: WebhookSecretName): string {
    return PREFIX + this.#bytes(name).toString('base64');
  }

  /** One entry of `webhook-signature`: `v1,` and HMAC-SHA-256 in base64. @throws RangeError as `secret` does. */
  sign(name: WebhookSecretName, { id, timestampS, body }: SignedMessage): string {
    const mac = createHmac('sha256', this.#bytes(name)).update(`${id}.${timestampS}.${body}`);
    return `v1,${mac.digest('base64')}`;
  }

  #bytes({ webhookId, version, keyVersion }: WebhookSecretName): Buffer {
    const key = this.#versions.get(keyVersion);
    if (!key) throw new RangeError(`WEBHOOK_KEY_FILE has no key of version ${keyVersion} any more: add it.`);
    const info = `mcpstack webhook secret v1 ${webhookId} ${version}`;
    return Buffer.from(hkdfSync('sha256', key, '', info, SECRET_BYTES));
  }
}

/**
 * Reads a WEBHOOK_KEY_FILE: `{"current": 1, "keys": {"1": "<32 bytes, base64>"}}`.
 * @throws ConfigError that says what is wrong and what to do, and nothing of what the file holds.
 */
export function readWebhookKeys(path: string): WebhookKeys {
  const { current, versions } = readVersionedKeys(path, {
    setting: 'WEBHOOK_KEY_FILE',
    field: 'keys',
    noun: 'key',
    sharedBy: 'issuance and the webhooks service',
  });
  return new WebhookKeys(current, versions);
}
