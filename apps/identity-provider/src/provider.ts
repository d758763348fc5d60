/** How oidc-provider is set up: one client of ours, the code flow with PKCE, pages of our own, and nothing else. */
import type { Log } from '@mcpstack/service-kit';
import { Provider, interactionPolicy, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Accounts } from './accounts.ts';
import type { Keys } from './keys.ts';
import { errorPage, loggedOutPage, logoutPage, stillLoggedInPage, type ShownPage } from './pages.ts';
import type { StateFile } from './state-file.ts';

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const SCOPES = ['openid', 'profile', 'email'];

export interface ProviderParts {
  log: Log;
  accounts: Accounts;
  issuer: string;
  clientId: string;
  redirectUris: readonly string[];
  /** Where logging in and out may lead back to. */
  clientOrigins: readonly string[];
  keys: Keys;
  state: StateFile;
}

export function makeProvider(parts: ProviderParts): Provider {
  const { log, issuer } = parts;
  const provider = new Provider(issuer, configurationOf(parts));
  provider.on('server_error', (_context, error) => log.error('a request failed', { err: error }));
  provider.on('authorization.error', (_context, error) =>
    log.info('an authorization was refused', { code: error.error }),
  );
  provider.on('grant.error', (_context, error) => log.info('a code was refused', { code: error.error }));
  provider.use(async (context, next) => {
    await next();
    if (context.status !== 404 || context.body) return;
    show(context, errorPage(404, 'not_found', 'There is nothing at this address.'));
    context.status = 404;
  });
  return provider;
}

function configurationOf({
  accounts,
  clientId,
  redirectUris,
  clientOrigins,
  keys,
  state,
}: ProviderParts): Configuration {
  return {
    adapter: (kind: string) => state.adapter(kind),
    jwks: { keys: [keys.signing] },
    clients: [
      {
        client_id: clientId,
        client_name: 'MCPStack Keys',
        // It runs on people's machines and could keep no secret; PKCE stands in for one.
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [...redirectUris],
        post_logout_redirect_uris: clientOrigins.map((origin) => `${origin}/`),
        id_token_signed_response_alg: 'ES256',
      },
    ],
    pkce: { required: () => true },
    responseTypes: ['code'],
    subjectTypes: ['public'],
    clientAuthMethods: ['none'],
    scopes: SCOPES,
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    // In the id token as well: whoever logs people in need not ask a second time.
    conformIdTokenClaims: false,
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    issueRefreshToken: () => false,
    clientBasedCORS: () => false,
    findAccount: (_context, userId) => account(accounts, userId),
    // There is one client, and it is ours: nobody needs to be asked whether it may know who they are.
    loadExistingGrant: grantFor,
    interactions: { policy: policy(), url: (_context, interaction) => `/login/${interaction.uid}` },
    cookies: {
      keys: [keys.cookies],
      // Cookies of one host are shared by its ports, so these say whose they are.
      names: {
        session: 'mcpstack_idp_session',
        interaction: 'mcpstack_idp_login',
        resume: 'mcpstack_idp_resume',
      },
      long: { httpOnly: true, sameSite: 'lax', signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    ttl: {
      AccessToken: 10 * MINUTE_S,
      AuthorizationCode: MINUTE_S,
      Grant: HOUR_S,
      IdToken: 10 * MINUTE_S,
      Interaction: HOUR_S,
      Session: HOUR_S,
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => show(context, logoutPage(form, clientOrigins)),
        postLogoutSuccessSource: showLoggedOut,
      },
    },
    renderError: (context, { error, error_description: description }) =>
      show(context, errorPage(context.status, error, description)),
  };
}

/**
 * Asking for consent is no part of it, also where a client asks for that. Whoever was taken out of the file of users is
 * asked to log in, whatever the session of their browser says.
 */
function policy(): interactionPolicy.DefaultPolicy {
  const { base, Check } = interactionPolicy;
  const prompts = base();
  prompts.remove('consent');
  const isGone = new Check('unknown_account', 'End-User authentication is required', ({ oidc }) =>
    oidc.session?.accountId !== undefined && oidc.account === undefined
      ? Check.REQUEST_PROMPT
      : Check.NO_NEED_TO_PROMPT,
  );
  prompts.get('login')!.checks.add(isGone);
  return prompts;
}

async function account(accounts: Accounts, userId: string) {
  const user = await accounts.find(userId);
  if (!user) return undefined;
  const { id, email, name } = user;
  // Whoever wrote the file of users vouches for the addresses in it.
  const claims = { sub: id, email, email_verified: true, ...(name !== undefined && { name }) };
  return { accountId: id, claims: () => Promise.resolve(claims) };
}

async function grantFor(context: KoaContextWithOIDC) {
  const { client, session, provider } = context.oidc;
  const accountId = session?.accountId;
  if (!client || accountId === undefined) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId });
  grant.addOIDCScope(SCOPES.join(' '));
  await grant.save();
  return grant;
}

/** Also where the person chose to stay. */
async function showLoggedOut(context: KoaContextWithOIDC): Promise<void> {
  const { accountId } = await context.oidc.provider.Session.get(context);
  show(context, accountId === undefined ? loggedOutPage() : stillLoggedInPage());
}

function show(context: Pick<KoaContextWithOIDC, 'set' | 'body'>, { headers, text }: ShownPage): void {
  context.set(headers);
  context.body = text;
}
