/** Logins under way, in a JetStream key-value bucket: what was sent to the provider → what must come back. */
import { randomBytes } from 'node:crypto';
import { BUCKETS } from '@mcpstack/contracts';
import { type NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { Bucket } from '../bucket.ts';
import { secretDigest } from '../session-tokens.ts';

export const LOGIN_LIFE_MS = 10 * 60 * 1000;
const MAX_BYTES = 64 * 1024 * 1024;

const Stored = z.object({
  /** The digest of what the browser's cookie holds. */
  browser: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  createdAt: z.iso.datetime(),
});

/** What the provider is sent, and what it must be answered with. All but `returnTo` is secret. */
export interface Login {
  state: string;
  nonce: string;
  /** Of PKCE (RFC 7636). */
  verifier: string;
  returnTo: string;
}

/** 256 random bits, as base64url. */
export function randomText(): string {
  return randomBytes(32).toString('base64url');
}

export interface LoginsOptions {
  /** Of the bucket, where it is made. */
  replicas?: number | undefined;
  nowMs?: () => number;
}

export class Logins {
  private readonly bucket: Bucket;
  private readonly nowMs: () => number;

  constructor(nats: NatsConnection, { replicas, nowMs = Date.now }: LoginsOptions = {}) {
    this.nowMs = nowMs;
    this.bucket = new Bucket(nats, {
      name: BUCKETS.logins,
      ttlMs: LOGIN_LIFE_MS,
      maxBytes: MAX_BYTES,
      replicas,
      unavailable: 'Nobody can log in at this moment. Try again shortly.',
    });
  }

  /** @param browser what the cookie of the browser holds that begins it. */
  async begin(browser: string, returnTo: string): Promise<Login> {
    const login = { state: randomText(), nonce: randomText(), verifier: randomText(), returnTo };
    const { state, ...kept } = login;
    const createdAt = new Date(this.nowMs()).toISOString();
    await this.bucket.create(secretDigest(state), { ...kept, browser: secretDigest(browser), createdAt });
    return login;
  }

  /**
   * The login of this state and browser, which cannot be taken again; `undefined` when there is none, when it is
   * another browser's, and when it was taken already, be it at this moment by another gateway.
   */
  async take(state: string, browser: string): Promise<Login | undefined> {
    // States are spelled by whoever calls; a digest is a key of the bucket whatever the text.
    const key = secretDigest(state);
    const entry = await this.bucket.read(key);
    if (entry?.value === undefined) return undefined;
    const { createdAt, browser: owner, ...kept } = Stored.parse(entry.value);
    if (owner !== secretDigest(browser)) return undefined;
    if (this.nowMs() >= Date.parse(createdAt) + LOGIN_LIFE_MS) return undefined;
    return (await this.bucket.endAt(key, entry.revision)) ? { state, ...kept } : undefined;
  }
}
