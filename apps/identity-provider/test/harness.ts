/** The identity provider in this process, and a client of it whose callback answers a page. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@mcpstack/contracts';
import { Browser, freePort, type ShownPage } from '@mcpstack/local-servers';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { identityProvider, type IdentityProviderOptions } from '../src/identity-provider.ts';
import type { LoginUser } from '../src/login-file.ts';
import { hashPassword } from '../src/passwords.ts';

export const EMAIL = 'owner@localhost';
export const PASSWORD = 'correct horse battery';

/** What one authorization request is about. */
export interface Asked {
  url: string;
  verifier: string;
  state: string;
  nonce: string;
}

export class Harness {
  readonly folder = mkdtempSync(join(tmpdir(), 'mcpstack-identity-'));
  readonly loginFile = join(this.folder, 'logins.json');
  readonly owner: LoginUser = { id: newId('user'), email: EMAIL, name: 'Ada Owner', passwordHash: '' };
  log = '';
  issuer!: string;
  redirectUri!: string;
  private port!: number;
  private app: NestFastifyApplication | undefined;
  private callback!: Server;

  private constructor(private readonly options: IdentityProviderOptions) {}

  static async start(options: IdentityProviderOptions = {}): Promise<Harness> {
    const harness = new Harness(options);
    harness.owner.passwordHash = await hashPassword(PASSWORD);
    harness.writeUsers([harness.owner]);
    const [port, callbackPort] = [await freePort(), await freePort()];
    harness.port = port;
    harness.issuer = `http://localhost:${port}`;
    harness.redirectUri = `http://localhost:${callbackPort}/auth/callback`;
    harness.callback = createServer((_request, response) => response.end('<p>back</p>'));
    await new Promise<void>((resolve) => harness.callback.listen(callbackPort, '127.0.0.1', resolve));
    await harness.serve();
    return harness;
  }

  get env(): NodeJS.ProcessEnv {
    return {
      HOST: '127.0.0.1',
      PORT: String(this.port),
      ISSUER: this.issuer,
      REDIRECT_URIS: this.redirectUri,
      LOCAL_LOGIN_FILE: this.loginFile,
      LOG_LEVEL: 'debug',
    };
  }

  writeUsers(users: readonly LoginUser[], mode = 0o600): void {
    rmSync(this.loginFile, { force: true });
    writeFileSync(this.loginFile, JSON.stringify({ users }), { mode });
  }

  async restart(): Promise<void> {
    await this.app?.close();
    await this.serve();
  }

  async stop(): Promise<void> {
    await this.app?.close();
    await new Promise((resolve) => this.callback.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async serve(): Promise<void> {
    const logTo = { write: (line: string) => void (this.log += line) };
    const service = await identityProvider(this.env, { ...this.options, logTo });
    this.app = await NestFactory.create<NestFastifyApplication>(service.module, service.adapter!, {
      logger: service.log,
      abortOnError: false,
      bufferLogs: false,
    });
    await this.app.listen(service.port, service.host);
  }

  /** An authorization request of the client; `undefined` leaves a parameter out. */
  ask(change: Record<string, string | undefined> = {}): Asked {
    const [verifier, state, nonce] = [32, 16, 16].map((bytes) => randomBytes(bytes).toString('base64url'));
    const params = {
      client_id: 'mcpstack',
      response_type: 'code',
      redirect_uri: this.redirectUri,
      scope: 'openid profile email',
      state,
      nonce,
      code_challenge: createHash('sha256').update(verifier!).digest('base64url'),
      code_challenge_method: 'S256',
      ...change,
    };
    const url = new URL('/auth', this.issuer);
    for (const [name, value] of Object.entries(params))
      if (value !== undefined) url.searchParams.set(name, value);
    return { url: url.href, verifier: verifier!, state: state!, nonce: nonce! };
  }

  /** The page on which one logs in. */
  loginPage(browser: Browser, asked = this.ask()): Promise<ShownPage> {
    return browser.open(asked.url);
  }

  /** Logs in, and answers what the callback got. */
  async logIn(browser = new Browser(), asked = this.ask()): Promise<URLSearchParams> {
    const page = await this.loginPage(browser, asked);
    const back = await browser.submit(page, { email: EMAIL, password: PASSWORD });
    return this.returned(back);
  }

  /** What the callback got. @throws Error when the browser is elsewhere. */
  returned({ url, status, text }: ShownPage): URLSearchParams {
    if (!url.startsWith(this.redirectUri)) throw new Error(`at ${url}, which answered ${status}: ${text}`);
    return new URL(url).searchParams;
  }

  async redeem(
    code: string,
    verifier: string,
    change: Record<string, string> = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'mcpstack',
      redirect_uri: this.redirectUri,
      code,
      code_verifier: verifier,
      ...change,
    });
    const response = await fetch(`${this.issuer}/token`, { method: 'POST', body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
}
