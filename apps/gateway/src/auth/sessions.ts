/** People's sessions, in a JetStream key-value bucket: the token's digest → whose it is. */
import { BUCKETS, isId } from '@mcpstack/contracts';
import { jetstream } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import { type NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { unavailable } from '../http/problem-response.ts';
import { makeSessionToken, sessionDigest } from './credentials.ts';

export const SESSION_LIFE_MS = 12 * 60 * 60 * 1000;
const STORE_TIMEOUT_MS = 2_000;

const Session = z.object({
  userId: z.string().refine((id) => isId('user', id)),
  createdAt: z.iso.datetime(),
});

export class Sessions {
  private bucket: Promise<KV> | undefined;

  constructor(
    private readonly nats: NatsConnection,
    private readonly tokenPrefix: string,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Begins a session. The token is in this answer and nowhere else. */
  async begin(userId: string): Promise<{ token: string; expiresAt: string }> {
    const token = makeSessionToken(this.tokenPrefix);
    const startMs = this.nowMs();
    const session = { userId, createdAt: new Date(startMs).toISOString() };
    await this.withBucket((bucket) => bucket.create(sessionDigest(token), JSON.stringify(session)));
    return { token, expiresAt: new Date(startMs + SESSION_LIFE_MS).toISOString() };
  }

  /** Whose session this is; `undefined` when it is unknown, ended or expired. */
  async find(digest: string): Promise<string | undefined> {
    const entry = await this.withBucket((bucket) => bucket.get(digest));
    if (entry?.operation !== 'PUT') return undefined;
    const { userId, createdAt } = Session.parse(entry.json());
    // The bucket drops old entries by itself; a clock of ours does not depend on when it gets to it.
    return this.nowMs() < Date.parse(createdAt) + SESSION_LIFE_MS ? userId : undefined;
  }

  /** Ends a session; ending it twice is no error. */
  async end(digest: string): Promise<void> {
    await this.withBucket((bucket) => bucket.purge(digest));
  }

  private async withBucket<Result>(act: (bucket: KV) => Promise<Result>): Promise<Result> {
    try {
      this.bucket ??= this.open();
      return await act(await this.bucket);
    } catch (cause) {
      // Opened anew next time: the bucket may have been away, or made again.
      this.bucket = undefined;
      throw unavailable('Sessions cannot be read or written now. Repeat the request in a moment.', cause);
    }
  }

  private open(): Promise<KV> {
    const context = jetstream(this.nats, { timeout: STORE_TIMEOUT_MS });
    return new Kvm(context).create(BUCKETS.sessions, {
      history: 1,
      ttl: SESSION_LIFE_MS,
      // A read by a replica that lags would revive a session that was ended.
      allow_direct: false,
    });
  }
}
