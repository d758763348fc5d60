/**
 * What a NATS server from 2.10 does when a client logs in: it makes a user for it, asks with a signed and sealed JWT,
 * and takes the answer apart. Its checks of the answer use Node's own cryptography, and nothing of what made it.
 */
import { createPublicKey, verify } from 'node:crypto';
import { Algorithms, encode, type ClaimsData } from '@nats-io/jwt';
import { createCurve, createServer, createUser, type KeyPair } from '@nats-io/nkeys';
import { headers, type NatsConnection } from '@nats-io/transport-node';

export interface Asked {
  options?: Record<string, unknown>;
  host?: string;
  /** Changes the claims before they are signed. */
  claims?: (claims: Record<string, unknown>) => void;
  /** Who signs; the server itself if absent. */
  signer?: KeyPair;
  /** Changes the JWT after it was signed. */
  text?: (jwt: string) => string;
  /** Sends it as it is. */
  isPlain?: boolean;
  /** Asks once more for this user. */
  userNkey?: string;
}

export interface Answered {
  error?: string;
  user?: { exp: number; aud: string; name: string; nats: Record<string, unknown> };
  userNkey: string;
}

interface Claims {
  iss: string;
  sub: string;
  aud: string;
  nats: Record<string, unknown>;
}

export class FakeServer {
  readonly key = createServer();
  readonly xkey = createCurve();
  /** Everything that was sent, as it went over NATS. */
  readonly sent: Buffer[] = [];

  constructor(
    readonly nats: NatsConnection,
    readonly issuer: string,
    /** Of the service. */
    readonly serviceXkey: string,
  ) {}

  /** What the service answers, checked; undefined when it answers nothing, and the client is refused. */
  async ask(asked: Asked, timeoutMs = 20_000): Promise<Answered | undefined> {
    const userNkey = asked.userNkey ?? createUser().getPublicKey();
    const message = await this.#request(await this.#text(asked, userNkey), asked, timeoutMs);
    if (!message) return undefined;
    const opened = this.xkey.open(message, this.serviceXkey);
    if (!opened) throw new Error('the answer is not sealed for this server');
    const response = this.#checked(new TextDecoder().decode(opened));
    if (response.sub !== userNkey || response.aud !== this.key.getPublicKey())
      throw new Error('the answer is for another');
    const { error, jwt, type } = response.nats as { error?: string; jwt?: string; type: string };
    if (type !== 'authorization_response' || (error === undefined) === (jwt === undefined))
      throw new Error('the answer is none');
    if (jwt === undefined) return { error: error!, userNkey };
    const user = this.#checked(jwt);
    if (user.sub !== userNkey || user.nats['type'] !== 'user' || user.nats['version'] !== 2)
      throw new Error('the user is another');
    return { user: user as unknown as NonNullable<Answered['user']>, userNkey };
  }

  async #text(asked: Asked, userNkey: string): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const id = this.key.getPublicKey();
    const claims: Record<string, unknown> = {
      aud: 'nats-authorization-request',
      sub: this.issuer,
      // Longer than a server waits: this machine may be busy.
      exp: now + 30,
      nats: {
        server_id: { name: 'n1', host: '0.0.0.0', id, version: '2.10.27', xkey: this.xkey.getPublicKey() },
        user_nkey: userNkey,
        client_info: { host: asked.host ?? '203.0.113.7', id: 7, kind: 'Client', type: 'nats' },
        connect_opts: { protocol: 1, ...asked.options },
        type: 'authorization_request',
      },
    };
    asked.claims?.(claims);
    const jwt = await encode(
      Algorithms.v2,
      claims as unknown as ClaimsData<unknown>,
      asked.signer ?? this.key,
    );
    return asked.text?.(jwt) ?? jwt;
  }

  async #request(text: string, { isPlain }: Asked, timeout: number): Promise<Uint8Array | undefined> {
    const bytes = new TextEncoder().encode(text);
    const data = isPlain ? bytes : this.xkey.seal(bytes, this.serviceXkey);
    this.sent.push(Buffer.from(data));
    const head = headers();
    head.set('Nats-Server-Xkey', this.xkey.getPublicKey());
    // As the server names where it is answered.
    const reply = `$SYS._INBOX.${this.key.getPublicKey().slice(1, 9)}.${Math.random().toString(36).slice(2)}`;
    const subscription = this.nats.subscribe(reply, { max: 1 });
    const timer = setTimeout(() => subscription.unsubscribe(), timeout);
    this.nats.publish('$SYS.REQ.USER.AUTH', data, { reply, headers: head });
    for await (const message of subscription) {
      clearTimeout(timer);
      return message.data;
    }
    return undefined;
  }

  /** The claims of a JWT that the issuer signed. @throws Error */
  #checked(jwt: string): Claims {
    const [head, body, signature] = jwt.split('.') as [string, string, string];
    const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string };
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
    const { iss } = claims;
    if (alg !== 'ed25519-nkey' || iss !== this.issuer) throw new Error('somebody else signed');
    const bytes = Buffer.from(`${head}.${body}`);
    if (!verify(null, bytes, publicKeyOf(iss), Buffer.from(signature, 'base64url')))
      throw new Error('the signature is wrong');
    return claims;
  }
}

/** An nkey is base32 of a prefix, the 32 bytes of an Ed25519 key, and a checksum. */
function publicKeyOf(nkey: string) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...nkey].map((one) => alphabet.indexOf(one).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes.subarray(1, 33)]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}
