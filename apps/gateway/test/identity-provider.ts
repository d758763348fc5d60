/** An identity provider that speaks the protocol over real HTTP, and can be told to do it wrongly. */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

export const CLIENT_ID = 'mcpstack';

/** Somebody with an account there. */
export interface Account {
  sub: string;
  name?: string;
  email?: string;
  email_verified?: boolean;
}

interface Grant {
  account: Account;
  redirectUri: string;
  nonce: string | undefined;
  challenge: string | undefined;
}

interface SigningKey {
  kid: string;
  private: CryptoKey;
  public: JWK;
}

/** How it answers a request; `undefined` leaves it to the provider. */
type Answer = { status?: number; type?: string; body: string } | 'hang' | 'cut' | undefined;

export class IdentityProvider {
  /** Who logs in next. */
  account: Account = { sub: 'subject-1', name: 'Ada', email: 'ada@example.com', email_verified: true };
  /** Seconds that its clock is ahead. */
  clockOffS = 0;
  /** What it says of itself, changed. */
  metadata: Record<string, unknown> = {};
  /** The claims of its next id tokens, changed. */
  claims: (claims: JWTPayload) => JWTPayload = (claims) => claims;
  /** Signs otherwise. */
  sign: ((claims: JWTPayload, key: SigningKey) => Promise<string>) | undefined;
  /** Sends the browser back with this instead of a code. */
  refusal: Record<string, string> | undefined;
  /** Answers a path otherwise. */
  answers: (path: string) => Answer = () => undefined;
  /** Where it wants clients with a secret to show it. */
  clientSecret: string | undefined;
  /** What it gave out: no log may show any of it. */
  readonly secrets: string[] = [];
  /** The paths that were asked for. */
  readonly asked: string[] = [];
  /** The headers `Referer` that came with them. */
  readonly referrers: string[] = [];
  key!: SigningKey;
  private readonly grants = new Map<string, Grant>();
  private readonly server: Server;
  private port = 0;

  private constructor() {
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error: unknown) => {
        response.writeHead(500, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify({ error: 'server_error', error_description: String(error) }));
      });
    });
  }

  static async start(): Promise<IdentityProvider> {
    const provider = new IdentityProvider();
    await provider.rotateKey();
    await provider.up();
    return provider;
  }

  get issuer(): string {
    return `http://localhost:${this.port}`;
  }

  /** Everything as at the beginning. */
  reset(): void {
    Object.assign(this, { clockOffS: 0, metadata: {}, sign: undefined, refusal: undefined });
    this.account = { sub: 'subject-1', name: 'Ada', email: 'ada@example.com', email_verified: true };
    this.clientSecret = undefined;
    this.claims = (claims) => claims;
    this.answers = () => undefined;
  }

  async up(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, 'localhost', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async down(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  /** Signs with a new key from now on, and shows that one alone. */
  async rotateKey(): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const kid = randomUUID();
    const shown = { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' };
    this.key = { kid, private: privateKey, public: shown };
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.issuer);
    this.asked.push(url.pathname);
    if (request.headers.referer !== undefined) this.referrers.push(request.headers.referer);
    const otherwise = this.answers(url.pathname);
    if (otherwise === 'hang') return;
    if (otherwise === 'cut') return void request.socket.destroy();
    if (otherwise) {
      response.writeHead(otherwise.status ?? 200, { 'Content-Type': otherwise.type ?? 'text/html' });
      return void response.end(otherwise.body);
    }
    if (url.pathname === '/authorize') return this.authorize(url, response);
    const [status, body] = await this.answer(url.pathname, request);
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  private async answer(path: string, request: IncomingMessage): Promise<[status: number, body: object]> {
    switch (path) {
      case '/.well-known/openid-configuration':
        return [200, this.discovered()];
      case '/jwks':
        return [200, { keys: [this.key.public] }];
      case '/userinfo':
        return [200, this.account];
      case '/token':
        return this.token(new URLSearchParams(await text(request)), request.headers.authorization);
      default:
        return [404, { error: 'not_found' }];
    }
  }

  private discovered(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
      ...this.metadata,
    };
  }

  /** Logs the account in without a page, and sends the browser back. */
  private authorize(url: URL, response: ServerResponse): void {
    const asked = url.searchParams;
    const back = new URL(asked.get('redirect_uri')!);
    const state = asked.get('state')!;
    this.secrets.push(state, asked.get('nonce')!);
    const code = randomUUID();
    this.secrets.push(code);
    this.grants.set(code, {
      account: this.account,
      redirectUri: back.href,
      nonce: asked.get('nonce') ?? undefined,
      challenge: asked.get('code_challenge_method') === 'S256' ? asked.get('code_challenge')! : undefined,
    });
    const answer = { state, session_state: 'of-the-provider', ...(this.refusal ?? { code }) };
    back.search = new URLSearchParams(answer).toString();
    response.writeHead(303, { Location: back.href });
    response.end();
  }

  private async token(body: URLSearchParams, basic: string | undefined): Promise<[number, object]> {
    const verifier = body.get('code_verifier') ?? '';
    this.secrets.push(verifier);
    if (!this.isClient(body, basic)) return [401, { error: 'invalid_client' }];
    const code = body.get('code') ?? '';
    const grant = this.grants.get(code);
    // A code is good once (RFC 6749, section 4.1.2).
    this.grants.delete(code);
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    if (grant?.challenge !== challenge || grant.redirectUri !== body.get('redirect_uri'))
      return [400, { error: 'invalid_grant' }];
    const idToken = await this.idToken(grant);
    const accessToken = randomUUID();
    this.secrets.push(idToken, accessToken);
    return [200, { access_token: accessToken, token_type: 'Bearer', expires_in: 300, id_token: idToken }];
  }

  private isClient(body: URLSearchParams, basic: string | undefined): boolean {
    if (this.clientSecret === undefined) return body.get('client_id') === CLIENT_ID;
    const [id, secret] = Buffer.from(basic?.slice('Basic '.length) ?? '', 'base64')
      .toString()
      .split(':');
    // Each is encoded as in a form (RFC 6749, section 2.3.1).
    const shown = secret === undefined ? body.get('client_secret') : decodeURIComponent(secret);
    return (id || body.get('client_id')) === CLIENT_ID && shown === this.clientSecret;
  }

  private idToken({ account, nonce }: Grant): Promise<string> {
    const nowS = Math.floor(Date.now() / 1000) + this.clockOffS;
    const claims = this.claims({
      iss: this.issuer,
      aud: CLIENT_ID,
      iat: nowS,
      exp: nowS + 300,
      ...(nonce !== undefined && { nonce }),
      ...account,
    });
    return this.sign ? this.sign(claims, this.key) : signed(claims, this.key);
  }
}

export function signed(claims: JWTPayload, { kid, private: key }: SigningKey): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(key);
}

async function text(request: IncomingMessage): Promise<string> {
  let all = '';
  for await (const chunk of request) all += String(chunk);
  return all;
}
