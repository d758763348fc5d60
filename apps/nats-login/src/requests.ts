/**
 * What a NATS server asks: an encrypted JWT, signed by the server's own key. What is not that, is late, or was asked
 * before, is not answered; the server then refuses its client.
 */
import { decode, type AuthorizationRequest, type ClaimsData } from '@nats-io/jwt';
import type { KeyPair } from '@nats-io/nkeys';
import { LRUCache } from 'lru-cache';

export const AUDIENCE = 'nats-authorization-request';
/** A server waits seconds for an answer (`timeout` of `authorization`). */
const MAX_LIFE_S = 60;
const MAX_BYTES = 64 * 1_024;
const MAX_REMEMBERED = 100_000;

/** Why a request is not answered. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  constructor(readonly code: 'unreadable' | 'not-signed' | 'not-for-us' | 'late' | 'repeated') {
    super(`a request for a login is ${code}`);
  }
}

export interface LoginRequest {
  serverId: string;
  /** Where the answer is sealed to. */
  serverXkey: string;
  /** Whom the server will let in; made for this one login. */
  userNkey: string;
  /** What the client sent as its token or password. */
  secret: string | undefined;
  ip: string | undefined;
}

export class Requests {
  readonly #seen = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: 2 * MAX_LIFE_S * 1_000 });

  constructor(
    readonly xkey: KeyPair,
    /** Public; what the server asks in the name of. */
    readonly issuer: string,
    readonly nowMs: () => number = Date.now,
  ) {}

  /** @throws RequestError */
  open(sealed: Uint8Array, senderXkey: string): LoginRequest {
    const claims = this.#claims(this.#text(sealed, senderXkey));
    const { aud, sub, iss, exp, iat, nats } = claims;
    const { server_id: server, user_nkey: userNkey, client_info: client, connect_opts: options } = nats;
    const now = this.nowMs() / 1_000;
    if (aud !== AUDIENCE || sub !== this.issuer || nats.type !== 'authorization_request')
      throw new RequestError('not-for-us');
    // The server signs with the key that its id is, and names the key that it sealed with.
    if (!/^N[A-Z2-7]{55}$/.test(iss) || server?.id !== iss || server.xkey !== senderXkey)
      throw new RequestError('not-signed');
    if (
      !isTime(exp) ||
      !isTime(iat) ||
      exp <= now ||
      exp > now + MAX_LIFE_S ||
      Math.abs(now - iat) > MAX_LIFE_S
    )
      throw new RequestError('late');
    if (typeof userNkey !== 'string' || !/^U[A-Z2-7]{55}$/.test(userNkey))
      throw new RequestError('unreadable');
    if (this.#seen.has(userNkey)) throw new RequestError('repeated');
    this.#seen.set(userNkey, true);
    const secrets = [options?.auth_token, options?.pass].filter(
      (one) => typeof one === 'string' && one !== '',
    );
    return {
      serverId: iss,
      serverXkey: senderXkey,
      userNkey,
      // Two of them are none: nobody could say which one counts.
      secret: secrets.length === 1 ? secrets[0] : undefined,
      ip: typeof client?.host === 'string' && client.host !== '' ? client.host : undefined,
    };
  }

  #text(sealed: Uint8Array, senderXkey: string): string {
    try {
      const opened = sealed.length <= MAX_BYTES ? this.xkey.open(sealed, senderXkey) : undefined;
      if (opened) return new TextDecoder().decode(opened);
    } catch {
      // The library's error may hold what was sent.
    }
    throw new RequestError('unreadable');
  }

  #claims(text: string): ClaimsData<AuthorizationRequest> & { nats: AuthorizationRequest } {
    try {
      const { alg } = JSON.parse(Buffer.from(text.split('.')[0]!, 'base64url').toString()) as {
        alg?: unknown;
      };
      // The older algorithm leaves the header unsigned.
      const claims = alg === 'ed25519-nkey' ? decode<AuthorizationRequest>(text) : undefined;
      if (claims?.nats) return claims as ClaimsData<AuthorizationRequest> & { nats: AuthorizationRequest };
    } catch {
      // So is this one's.
    }
    throw new RequestError('not-signed');
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}
