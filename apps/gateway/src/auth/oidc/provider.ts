/** The identity provider as the gateway sees it: an OpenID Connect relying party for any issuer. */
import type { Log } from '@mcpstack/service-kit';
import * as client from 'openid-client';
import { createRemoteJWKSet, type JWTPayload } from 'jose';
import { checkIdToken, type IdTokenKeys } from './id-token.ts';
import { LoginError } from './login-faults.ts';
import { isSecure, readClientSecret, type ProviderSettings } from './login-settings.ts';
import type { Login } from './logins.ts';
import { asLoginError } from './provider-faults.ts';

export const CALLBACK_PATH = '/auth/callback';

/** Bound of every request to the provider. */
const TIMEOUT_S = 3;
const DISCOVERY_TRIES = 2;
/** What the provider says of itself is read again after this. */
const METADATA_LIFE_MS = 60 * 60 * 1000;
/** And, where that fails and we still know it, after this. */
const METADATA_RETRY_MS = 60 * 1000;
/** After a failure nobody asks for as long: a crowd that wants to log in does not keep a provider down. */
const PAUSE_MS = 500;
/** Only the provider itself can name a key that we do not know, so it may do so often. */
const KEYS_COOLDOWN_MS = 500;
/** Time is judged with the signature, where a clock that is off can be told from a token that is old. */
const NO_TIME_CHECK_S = 365 * 24 * 60 * 60;

/** Whom the provider vouches for. */
export interface Identity {
  issuer: string;
  subject: string;
  /** As the claims have them: about the person, and no proof of who it is. */
  claims: JWTPayload;
}

interface Known {
  configuration: client.Configuration;
  keys: IdTokenKeys;
  /** Read anew from then on. */
  untilMs: number;
}

export class Provider {
  private known: Known | undefined;
  private pending: Promise<Known> | undefined;
  private failed: { error: unknown; untilMs: number } | undefined;

  constructor(
    private readonly settings: ProviderSettings,
    private readonly publicUrl: string,
    private readonly log: Log,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Looks for it, unless it is known. @throws LoginError when it cannot be found. */
  async look(): Promise<void> {
    await this.find();
  }

  /** Where the browser goes to log in. @throws LoginError when the provider cannot be found. */
  async authorizationUrl({ state, nonce, verifier }: Login): Promise<URL> {
    const { configuration } = await this.find();
    return client.buildAuthorizationUrl(configuration, {
      redirect_uri: `${this.publicUrl}${CALLBACK_PATH}`,
      scope: this.settings.scopes,
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
  }

  /**
   * Whom the provider's answer proves.
   * @param query of the callback, as the browser brought it.
   * @throws LoginError
   */
  async redeem(query: string, login: Login): Promise<Identity> {
    const known = await this.find();
    const { configuration } = known;
    try {
      const answer = new URL(CALLBACK_PATH, this.publicUrl);
      answer.search = query;
      const tokens = await client.authorizationCodeGrant(configuration, answer, {
        expectedState: login.state,
        expectedNonce: login.nonce,
        pkceCodeVerifier: login.verifier,
        idTokenExpected: true,
      });
      const { issuer } = configuration.serverMetadata();
      const claims = await checkIdToken(tokens.id_token!, {
        keys: known.keys,
        issuer,
        clientId: this.settings.clientId,
        nonce: login.nonce,
        nowMs: this.nowMs(),
      });
      const subject = claims.sub!;
      const more = await this.furtherClaims(configuration, tokens.access_token, subject, claims);
      return { issuer, subject, claims: { ...more, ...claims } };
    } catch (error) {
      const fault = asLoginError(error);
      // Its secret or its addresses may have changed: the next login finds out.
      if (fault.code === 'provider-unusable') this.known = undefined;
      throw fault;
    }
  }

  /** Some providers name people only at their userinfo endpoint. Without it a login is as good, and nameless. */
  private async furtherClaims(
    configuration: client.Configuration,
    accessToken: string,
    subject: string,
    claims: JWTPayload,
  ): Promise<JWTPayload> {
    if ('name' in claims || 'email' in claims) return {};
    if (configuration.serverMetadata().userinfo_endpoint === undefined) return {};
    try {
      return { ...(await client.fetchUserInfo(configuration, accessToken, subject)) };
    } catch (error) {
      this.log.warn('the userinfo of the identity provider cannot be read', {
        reason: asLoginError(error).message,
      });
      return {};
    }
  }

  private async find(): Promise<Known> {
    const { known, failed } = this;
    if (known && this.nowMs() < known.untilMs) return known;
    if (failed && this.nowMs() < failed.untilMs && !known) throw failed.error;
    this.pending ??= this.discover().finally(() => (this.pending = undefined));
    try {
      this.known = await this.pending;
      this.failed = undefined;
      return this.known;
    } catch (error) {
      this.failed = { error, untilMs: this.nowMs() + PAUSE_MS };
      if (!known) throw error;
      known.untilMs = this.nowMs() + METADATA_RETRY_MS;
      return known;
    }
  }

  private async discover(): Promise<Known> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.discoverOnce();
      } catch (error) {
        const fault = asLoginError(error);
        if (attempt < DISCOVERY_TRIES && fault.code === 'provider-down') continue;
        this.log.warn('the identity provider cannot be used', { code: fault.code, reason: fault.message });
        throw fault;
      }
    }
  }

  private async discoverOnce(): Promise<Known> {
    const { issuer, clientId, clientSecretFile } = this.settings;
    const secret = clientSecretFile === undefined ? undefined : readClientSecret(clientSecretFile);
    const configuration = await client.discovery(
      issuer,
      clientId,
      { [client.clockTolerance]: NO_TIME_CHECK_S },
      clientAuthentication(secret),
      {
        timeout: TIMEOUT_S,
        // The settings allow http on this machine alone.
        execute: issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [],
      },
    );
    const { authorization_endpoint, token_endpoint, jwks_uri: keysUrl } = configuration.serverMetadata();
    for (const url of [authorization_endpoint, token_endpoint, keysUrl])
      if (url === undefined || !URL.canParse(url) || !isSecure(new URL(url)))
        throw new LoginError('provider-unusable', 'its metadata lacks an address, or has one without https');
    const keys = createRemoteJWKSet(new URL(keysUrl!), {
      timeoutDuration: TIMEOUT_S * 1000,
      cooldownDuration: KEYS_COOLDOWN_MS,
    });
    return { configuration, keys, untilMs: this.nowMs() + METADATA_LIFE_MS };
  }
}

/**
 * In the body where the provider takes that: of the other way there are two spellings, and not all know which is right.
 * `client_secret_basic` is what one takes that says nothing (OpenID Connect Discovery 1.0, section 3).
 */
function clientAuthentication(secret: string | undefined): client.ClientAuth {
  if (secret === undefined) return client.None();
  const basic = client.ClientSecretBasic(secret);
  const post = client.ClientSecretPost(secret);
  return (server, ...request) => {
    const isInBody = server.token_endpoint_auth_methods_supported?.includes('client_secret_post');
    return isInBody ? post(server, ...request) : basic(server, ...request);
  };
}
