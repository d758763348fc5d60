/** Answers a NATS server: a signed user with the rights of its key, or an error. Whatever is not proven is refused. */
import type { VerifyReply } from '@mcpstack/contracts';
import type { Verifier } from '@mcpstack/verify';
import { encodeAuthorizationResponse, encodeUser, type AuthorizationResponse, type User } from '@nats-io/jwt';
import { fromPublic, type KeyPair } from '@nats-io/nkeys';
import { Requests, type LoginRequest } from './requests.ts';
import { rightsOf } from './rights.ts';

/** Inboxes and a few subjects. */
const MAX_SUBSCRIPTIONS = 100;

export interface LoginsOptions {
  verifier: Pick<Verifier, 'verify'>;
  issuer: KeyPair;
  xkey: KeyPair;
  /** That clients are let into. */
  account: string;
  lifeS: number;
  nowMs?: () => number;
}

export class Logins {
  readonly #options: LoginsOptions;
  readonly #requests: Requests;
  readonly #nowMs: () => number;

  constructor(options: LoginsOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#requests = new Requests(options.xkey, options.issuer.getPublicKey(), this.#nowMs);
  }

  /**
   * The sealed answer.
   * @param senderXkey as the header `Nats-Server-Xkey` names it.
   * @throws RequestError for a request that gets none.
   */
  async answer(sealed: Uint8Array, senderXkey: string): Promise<Uint8Array> {
    const request = this.#requests.open(sealed, senderXkey);
    const { issuer, xkey } = this.#options;
    const [user, server] = [fromPublic(request.userNkey), fromPublic(request.serverId)];
    const response = await encodeAuthorizationResponse(user, server, issuer, await this.#decide(request), {});
    return xkey.seal(new TextEncoder().encode(response), request.serverXkey);
  }

  async #decide({ secret, ip, userNkey }: LoginRequest): Promise<Partial<AuthorizationResponse>> {
    if (secret === undefined) return { error: 'MALFORMED' };
    const reply = await this.#options.verifier.verify({
      key: secret,
      expect: { kind: 'service' },
      ...(ip && { ip }),
    });
    const { keyId, orgId, permissions, scope } = reply;
    if (!reply.valid || !keyId || !orgId || !permissions)
      return { error: reply.valid ? 'UNAVAILABLE' : reply.code };
    // A key for some agents or servers alone would be let into the subjects of all.
    if (scope !== undefined) return { error: 'FORBIDDEN' };
    const exp = this.#endOf(reply);
    if (exp === undefined) return { error: 'EXPIRED' };
    const user: Partial<User> = {
      ...rightsOf({ keyId, orgId, permissions }),
      subs: MAX_SUBSCRIPTIONS,
      allowed_connection_types: ['STANDARD', 'WEBSOCKET'],
    };
    const { account, issuer } = this.#options;
    return { jwt: await encodeUser(keyId, fromPublic(userNkey), issuer, user, { aud: account, exp }) };
  }

  /** When the connection ends, in seconds: no later than the key does. */
  #endOf({ expiresAt }: VerifyReply): number | undefined {
    const now = this.#nowMs() / 1_000;
    const keyEnds = expiresAt === undefined ? Infinity : Date.parse(expiresAt) / 1_000;
    const end = Math.floor(Math.min(now + this.#options.lifeS, keyEnds));
    return end > now ? end : undefined;
  }
}
