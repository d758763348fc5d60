/** A person's login with a browser, from the first address to whom the provider vouches for. */
import { isId } from '@mcpstack/contracts';
import { type AddressLimit, type AddressLimitSettings } from '../../leaks/address-limit.ts';
import { LoginError } from './login-faults.ts';
import { randomText, type Login, type Logins } from './logins.ts';
import type { Profiles } from './profiles.ts';
import type { Identity, Provider } from './provider.ts';
import { returnPath } from './return-to.ts';
import { userIdOf } from './user-id.ts';

/** Each login that is begun is kept for ten minutes. An office may share one address. */
export const DEFAULT_LOGIN_LIMIT: AddressLimitSettings = { perAddress: 120, windowS: 60 };

export interface Begun {
  /** Where the browser goes. */
  url: string;
  /** What its cookie has to hold until it is back. */
  browser: string;
}

export interface Finished {
  userId: string;
  /** A path of our own. */
  returnTo: string;
}

export interface BrowserLoginParts {
  /** Absent: nobody can log in here. */
  provider: Provider | undefined;
  /** The provider's subjects are user ids. */
  isLocal: boolean;
  logins: Logins;
  profiles: Profiles;
  limit: AddressLimit;
}

export class BrowserLogin {
  constructor(private readonly parts: BrowserLoginParts) {}

  /**
   * @param browser what its cookie holds from an earlier login: one value for all, so that two windows can log in.
   * @throws LoginError, or ProblemError `too-many-requests` or `unavailable`.
   */
  async begin(returnTo: unknown, browser: string | undefined, address: string): Promise<Begun> {
    const provider = this.provider();
    await this.parts.limit.take(address);
    // Before anything is kept: while the provider is away, nobody fills the store of logins.
    await provider.look();
    const held = browser ?? randomText();
    const login = await this.parts.logins.begin(held, returnPath(returnTo));
    const url = await provider.authorizationUrl(login);
    return { url: url.href, browser: held };
  }

  /**
   * @param query of the callback.
   * @throws LoginError, or ProblemError `unavailable`.
   */
  async finish(query: string, browser: string | undefined, requestId: string): Promise<Finished> {
    const provider = this.provider();
    const login = await this.take(query, browser);
    try {
      const identity = await provider.redeem(query, login);
      const userId = this.userOf(identity);
      await this.parts.profiles.update(userId, identity.claims, requestId);
      return { userId, returnTo: login.returnTo };
    } catch (error) {
      if (error instanceof LoginError) error.returnTo = login.returnTo;
      throw error;
    }
  }

  private provider(): Provider {
    if (this.parts.provider) return this.parts.provider;
    throw new LoginError('not-set-up', 'OIDC_ISSUER is not set');
  }

  private async take(query: string, browser: string | undefined): Promise<Login> {
    const states = new URLSearchParams(query).getAll('state');
    const login =
      browser === undefined || states.length !== 1
        ? undefined
        : await this.parts.logins.take(states[0]!, browser);
    if (!login) throw new LoginError('unknown-state', 'its state is unknown, used, or of another browser');
    return login;
  }

  private userOf({ issuer, subject }: Identity): string {
    if (!this.parts.isLocal) return userIdOf(issuer, subject);
    if (isId('user', subject)) return subject;
    throw new LoginError('token-refused', 'with OIDC_LOCAL the subject must be a user id');
  }
}
