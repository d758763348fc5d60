/**
 * A secret sealed so that only a retry by the same actor with the same Idempotency-Key opens it: AES-256-GCM
 * under HKDF-SHA-256 (RFC 5869) of the Idempotency-Key, which is itself kept nowhere.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Actor } from '@mcpstack/contracts';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const STRONG_BITS = 128;
const MIN_DISTINCT = 8;

/** Whom a sealed secret is for. */
export interface Seal {
  idempotencyKey: string;
  commandId: string;
  actor: Actor;
  /** Bound into the seal, so that one entry cannot be passed off as another. */
  credentialDigest: string;
}

/**
 * Whether an Idempotency-Key is long enough to encrypt under: whoever holds the sealed reply may guess
 * without end, so it must be able to hold 128 bits. Length by alphabet is all that can be seen of
 * randomness; a key that says the same few characters over and over is refused as well.
 */
export function isStrong(idempotencyKey: string | undefined): idempotencyKey is string {
  const text = idempotencyKey ?? '';
  if (!/^[0-9A-Za-z_-]+$/.test(text) || new Set(text).size < MIN_DISTINCT) return false;
  // The dashes of a UUID hold nothing; those of base64url hold as much as any other character.
  const hex = text.replaceAll('-', '');
  if (/^\d+$/.test(hex)) return hex.length * 3.32 >= STRONG_BITS;
  if (/^([0-9a-f]+|[0-9A-F]+)$/.test(hex)) return hex.length * 4 >= STRONG_BITS;
  return text.length * 6 >= STRONG_BITS;
}

function keyOf({ idempotencyKey, commandId, actor }: Seal): Buffer {
  const info = `mcpstack kept reply v${VERSION} ${actor.type}:${actor.id}`;
  return Buffer.from(hkdfSync('sha256', idempotencyKey, commandId, info, KEY_BYTES));
}

/** Version byte, nonce, tag, ciphertext. */
export function sealSecret(secret: string, seal: Seal): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(seal), nonce);
  cipher.setAAD(Buffer.from(seal.credentialDigest));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed]);
}

/** The secret, or `undefined` when this caller's seal does not open it. */
export function openSecret(sealed: Uint8Array, seal: Seal): string | undefined {
  const bytes = Buffer.from(sealed);
  const body = 1 + NONCE_BYTES + TAG_BYTES;
  if (bytes.length <= body || bytes[0] !== VERSION) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', keyOf(seal), bytes.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(seal.credentialDigest));
  decipher.setAuthTag(bytes.subarray(1 + NONCE_BYTES, body));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(body)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
