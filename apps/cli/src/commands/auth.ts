/** `mcpstack auth`: logging in and out, as a person or with a service key. */
import { hostname } from 'node:os';
import { ApiProblem } from '@mcpstack/api-client';
import { nameProblem } from '@mcpstack/contracts';
import { type Command } from 'commander';
import { hasScreen, openBrowser } from '../browser.ts';
import { type Context } from '../context.ts';
import { type Profile, type SessionLogin } from '../credentials.ts';
import { deviceLogin } from '../device-login.ts';
import { explain } from '../errors.ts';
import { example } from '../help.ts';
import { uninterrupted } from '../interrupt.ts';
import { loginApi } from '../login-api.ts';
import { type Run } from '../run.ts';
import { loginOf, Session } from '../session.ts';
import { plain } from '@mcpstack/terminal';
import { addServiceAccount } from './service-account.ts';
import { addSessions } from './sessions.ts';

export function addAuth(program: Command, run: Run): void {
  const auth = program
    .command('auth')
    .summary('log in and out')
    .description('Logs people in through the browser, and pipelines with a service key.');

  auth
    .command('login')
    .summary('log in through the browser')
    .description(
      'Logs a person in: shows a page and a code, opens the page where there is a screen, and waits until you have approved. The login is kept in the profile and replaces the one that was there.',
    )
    .option('--no-browser', 'show the page, do not open it')
    .addHelpText(
      'after',
      example('mcpstack auth login', 'mcpstack auth login --api-url https://keys.example.com --profile work'),
    )
    .action(run((context, { browser }: { browser: boolean }) => logIn(context, browser)));

  auth
    .command('logout')
    .summary('end the login of the profile')
    .description(
      'Ends the session at the server and forgets the login of the profile. A service key is forgotten here and stays in force.',
    )
    .addHelpText('after', example('mcpstack auth logout', 'mcpstack auth logout --profile work'))
    .action(run(logOut));

  auth
    .command('status')
    .summary('show who is logged in, and where')
    .description('Shows the login that commands use and asks the API whether it is still good.')
    .addHelpText('after', example('mcpstack auth status', 'mcpstack auth status --json'))
    .action(run(showStatus));

  addSessions(auth, run);
  addServiceAccount(auth, run);
}

async function logIn(context: Context, mayOpen: boolean): Promise<void> {
  const { credentials, settings, login, out, progress, world } = context;
  const name = settings.profile.value;
  const apiUrl = settings.apiUrl.value;
  // Before somebody has gone to the browser and back.
  credentials.seeThatWritable();
  const answer = await deviceLogin({
    login,
    clientName: clientName(),
    show: ({ verificationUriComplete, userCode }) => {
      world.stderr.write(
        `Open this page and see that it shows the code ${plain(userCode)}:\n  ${plain(verificationUriComplete)}\n`,
      );
      if (mayOpen && context.ask.isPossible && hasScreen(world.env)) openBrowser(verificationUriComplete);
    },
    waiting: (act) => progress.during('Waiting for you to approve (Ctrl-C to give up)', act),
  });
  const next = loginOf(answer, apiUrl, Date.now());
  let before: Profile = {};
  await uninterrupted(() =>
    credentials.change(name, (profile) => {
      before = profile;
      return { ...profileFor(next, profile), apiUrl, login: next };
    }),
  );
  if (before.login?.kind === 'session') await endQuietly(before.login, settings.timeoutMs);
  if (settings.credential?.kind === 'key' && settings.credential.from === 'MCPSTACK_API_KEY')
    out.warn('MCPSTACK_API_KEY is set: commands use that key and not this login.');
  out.done(`Logged in to ${apiUrl} as ${answer.userId} (profile ${name}).`, {
    id: answer.userId,
    value: { profile: name, apiUrl, userId: answer.userId, sessionId: answer.sessionId },
  });
}

/** What the approving page and the list of sessions call this login. */
function clientName(): string {
  const name = `mcpstack on ${hostname()}`.slice(0, 100).trim();
  return nameProblem(name) === undefined ? name : 'mcpstack';
}

/** What the profile keeps under the new login: not the organization that somebody else chose. */
function profileFor({ userId, apiUrl }: SessionLogin, { organizationId, login }: Profile): Profile {
  const isSame = !login || (login.kind === 'session' && login.userId === userId && login.apiUrl === apiUrl);
  return isSame && organizationId !== undefined ? { organizationId } : {};
}

/** The session that a new login replaces; it would end by itself. */
async function endQuietly({ apiUrl, accessToken }: SessionLogin, timeoutMs: number): Promise<void> {
  await loginApi({ apiUrl, timeoutMs: Math.min(timeoutMs, 3_000) })
    .end(accessToken)
    .catch(() => undefined);
}

async function logOut({ credentials, settings, out, progress }: Context): Promise<void> {
  const profile = settings.profile.value;
  const { login } = credentials.read(profile);
  if (!login) {
    out.note(`Nobody is logged in under profile ${profile}.`);
    return out.done('There is no login to end.', { value: { profile, ended: false } });
  }
  credentials.seeThatWritable();
  if (login.kind === 'session') {
    const api = loginApi({ apiUrl: login.apiUrl, timeoutMs: settings.timeoutMs });
    const session = new Session({ credentials, profile, login, refresh: (token) => api.refresh(token) });
    await progress
      .during('Ending the session', async () => api.end(await session.token()))
      .catch((error: unknown) => {
        // Something else answers there, and is no outage: the session has not ended, and the login stays to end it.
        if (error instanceof ApiProblem && error.code === 'unexpected-answer' && error.status < 500)
          throw explain(error, { apiUrl: login.apiUrl, credential: undefined });
        out.warn('The server did not confirm it: the session ends there by itself.');
      });
  }
  await credentials.change(profile, ({ apiUrl }) => (apiUrl === undefined ? {} : { apiUrl }));
  if (login.kind === 'key')
    out.note('The key stays in force: "mcpstack api-keys revoke" under another login ends it.');
  out.done(`Logged out of ${login.apiUrl} (profile ${profile}).`, { value: { profile, ended: true } });
}

async function showStatus({ api, settings, credentials, out }: Context): Promise<void> {
  const { profile, apiUrl, credential, org } = settings;
  const { data: me } = await api.GET('/api/v1/me');
  const session = credential?.kind === 'session' ? credential.login : undefined;
  const value = {
    profile: profile.value,
    apiUrl: apiUrl.value,
    kind: me.type === 'user' ? 'person' : 'service-key',
    id: me.id,
    ...(session && { sessionId: session.sessionId }),
    ...(me.organizationId !== undefined && { organizationId: me.organizationId }),
    ...(me.role !== undefined && { role: me.role }),
    from: credential?.kind === 'key' ? credential.from : `profile ${profile.value}`,
  };
  out.item(value, [
    {
      title: 'Logged in as',
      of: ({ id, kind }) => `${id} (${kind === 'person' ? 'person' : 'service key'})`,
    },
    { title: 'Organization', of: ({ organizationId }) => organizationId ?? org?.value },
    { title: 'Role', of: ({ role }) => role },
    { title: 'API', of: () => `${apiUrl.value} (${apiUrl.from})` },
    { title: 'Credential', of: ({ from }) => from },
    { title: 'Session', of: ({ sessionId }) => sessionId },
    { title: 'Profile', of: () => `${profile.value} in ${credentials.path}` },
  ]);
}
