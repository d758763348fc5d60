/**
 * The access token of a person's login: taken from the credentials file while it is good, else renewed with the
 * refresh token, by one process for all. Time is counted from when the token came, by this computer's own clock;
 * whether that clock is right does not matter.
 */
import { isRefusal, unexpectedAnswer } from './client.ts';
import { type Credentials, type SessionLogin } from './credentials.ts';
import { CliError } from './errors.ts';
import { uninterrupted } from './interrupt.ts';
import { type TokenAnswer } from './login-api.ts';

/** So that a token does not run out on its way. */
const MARGIN_S = 30;

export interface SessionSettings {
  credentials: Credentials;
  profile: string;
  login: SessionLogin;
  /** Exchanges a refresh token for the next pair. */
  refresh: (refreshToken: string) => Promise<TokenAnswer>;
  now?: () => number;
}

export class Session {
  readonly #settings: SessionSettings;
  readonly #now: () => number;
  #login: SessionLogin;
  #renewing: Promise<SessionLogin> | undefined;

  constructor(settings: SessionSettings) {
    this.#settings = settings;
    this.#login = settings.login;
    this.#now = settings.now ?? Date.now;
  }

  /** A token that is good for a while. */
  async token(): Promise<string> {
    if (!isFresh(this.#login, this.#now())) await this.#renew((login) => isFresh(login, this.#now()));
    return this.#login.accessToken;
  }

  /** Another token than the one that the API refused. */
  async instead(refused: string): Promise<string> {
    const isOther = (login: SessionLogin) => login.accessToken !== refused && isFresh(login, this.#now());
    if (!isOther(this.#login)) await this.#renew(isOther);
    return this.#login.accessToken;
  }

  async #renew(isGood: (login: SessionLogin) => boolean): Promise<void> {
    this.#renewing ??= this.#renewOnce(isGood).finally(() => (this.#renewing = undefined));
    this.#login = await this.#renewing;
  }

  /** Under the lock, with what the file holds then: another process may have been faster. */
  #renewOnce(isGood: (login: SessionLogin) => boolean): Promise<SessionLogin> {
    const { credentials, profile, refresh } = this.#settings;
    const stored = (): SessionLogin => {
      const { login } = credentials.read(profile);
      // Another login has taken its place; this one goes no further.
      if (login?.kind !== 'session' || login.sessionId !== this.#login.sessionId) throw ended();
      return login;
    };
    const settled = (): SessionLogin | undefined => {
      const login = stored();
      return isGood(login) ? login : undefined;
    };
    return credentials.exclusively(async (store) => {
      const login = settled() ?? stored();
      if (isGood(login)) return login;
      // Not cut short: the old refresh token is used up once the server has answered.
      return uninterrupted(async () => {
        try {
          const next = loginOf(await refresh(login.refreshToken), login.apiUrl, this.#now());
          store(profile, (one) => ({ ...one, login: next }));
          return next;
        } catch (error) {
          if (!isRefusal(error)) throw error;
          store(profile, ({ login: _ended, ...rest }) => rest);
          throw ended();
        }
      });
    }, settled);
  }
}

/** @throws ApiProblem for an answer that is no login: kept, it would make the whole file unreadable. */
export function loginOf(answer: TokenAnswer, apiUrl: string, nowMs: number): SessionLogin {
  const { accessToken, refreshToken, sessionId, userId, expiresIn: expiresInS } = answer;
  const texts: unknown[] = [accessToken, refreshToken, sessionId, userId];
  const isWhole = texts.every((text) => typeof text === 'string' && text !== '');
  if (!isWhole || typeof (expiresInS as unknown) !== 'number' || !(expiresInS > 0))
    throw unexpectedAnswer('The answer is no login.');
  return {
    kind: 'session',
    apiUrl,
    accessToken,
    expiresInS,
    obtainedAtMs: nowMs,
    refreshToken,
    sessionId,
    userId,
  };
}

/** A token from the future is from before the clock was set back: nobody knows how old it is. */
export function isFresh({ obtainedAtMs, expiresInS }: SessionLogin, nowMs: number): boolean {
  const ageMs = nowMs - obtainedAtMs;
  return ageMs >= 0 && ageMs < (expiresInS - Math.min(MARGIN_S, expiresInS / 10)) * 1_000;
}

function ended(): CliError {
  return new CliError('notLoggedIn', 'Your login has ended.', { next: 'Run "mcpstack auth login".' });
}
