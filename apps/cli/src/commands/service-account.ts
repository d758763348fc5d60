/** `mcpstack auth service-account`: a service key as the login of a profile. */
import { ApiProblem } from '@mcpstack/api-client';
import { Option, type Command } from 'commander';
import { makeApi } from '../api.ts';
import { type Context } from '../context.ts';
import { CliError, explain } from '../errors.ts';
import { example } from '../help.ts';
import { uninterrupted } from '../interrupt.ts';
import { refuseUnusable } from '../key-text.ts';
import { type Run } from '../run.ts';

interface LoginOptions {
  key?: string;
  keyStdin?: boolean;
}

/** Longer than any key. Characters. */
const MOST = 4_096;

export function addServiceAccount(auth: Command, run: Run): void {
  const account = auth
    .command('service-account')
    .summary('log in with a service key')
    .description('Logs a pipeline in with a service key (mcpstack_sk_…).');

  account
    .command('login')
    .summary('keep a service key in the profile')
    .description(
      'Checks a service key with the API, keeps it in the profile (readable by you alone), and says which organization and role it has. It replaces the login of the profile: use --profile to keep both. With MCPSTACK_API_KEY set no login is needed at all.',
    )
    .addOption(
      new Option(
        '--key <key>',
        'the key; others on this computer can see it while the command runs',
      ).conflicts('keyStdin'),
    )
    .option('--key-stdin', 'read the key from stdin, which keeps it out of the process list')
    .addHelpText(
      'after',
      example(
        'mcpstack auth service-account login --key "$MCPSTACK_API_KEY"',
        'printenv MCPSTACK_API_KEY | mcpstack auth service-account login --key-stdin --profile ci',
      ),
    )
    .action(run(logIn));

  account
    .command('revoke')
    .summary('revoke the service key that is in use')
    .description(
      'Revokes the key of MCPSTACK_API_KEY or of the profile for ever, as it is done when it may have leaked. Asks first, unless --yes is given.',
    )
    .addHelpText('after', example('mcpstack auth service-account revoke --yes'))
    .action(run(revoke));
}

async function revoke({ api, settings, credentials, ask, out }: Context): Promise<void> {
  const { credential, profile } = settings;
  if (credential?.kind !== 'key')
    throw new CliError('usage', 'The login in use is a person and no service key.', {
      next: 'Revoke keys of your organization with "mcpstack api-keys revoke".',
    });
  const { data: me } = await api.GET('/api/v1/me');
  await ask.confirm(`Revoke the key ${me.id} of ${credential.from} for ever?`);
  await api.POST('/api/v1/me/revoke');
  if (credential.from !== 'MCPSTACK_API_KEY')
    await credentials.change(profile.value, ({ login: _revoked, ...rest }) => rest);
  out.done(`Revoked the key ${me.id}.`, { id: me.id });
}

async function logIn(context: Context, options: LoginOptions): Promise<void> {
  const { settings, credentials, progress, out } = context;
  const name = settings.profile.value;
  const apiUrl = settings.apiUrl.value;
  const from = options.key !== undefined ? '--key' : 'stdin';
  const key = await keyOf(context, options);
  refuseUnusable(key, from);
  credentials.seeThatWritable();
  const api = makeApi({ apiUrl, bearer: { token: () => key }, progress, timeoutMs: settings.timeoutMs });
  const { data: me } = await api.GET('/api/v1/me').catch((error: unknown) => {
    throw error instanceof ApiProblem
      ? explain(error, { apiUrl, credential: { kind: 'key', key, from } })
      : error;
  });
  const { id: keyId, organizationId, role } = me;
  if (me.type !== 'key' || organizationId === undefined || role === undefined)
    throw new CliError('usage', `${from} holds no service key.`, { code: 'malformed-key' });
  await uninterrupted(() =>
    credentials.change(name, () => ({
      apiUrl,
      login: { kind: 'key', apiUrl, key, keyId, organizationId, role },
    })),
  );
  if (from === '--key')
    out.note('Hint: a key on the command line stands in the process list; --key-stdin keeps it out.');
  // Only for the sentence; a narrowed key may not read it.
  const organization = await api
    .GET('/api/v1/organizations/{orgId}', { params: { path: { orgId: organizationId } } })
    .then(({ data }) => `${data.name} (${organizationId})`)
    .catch(() => organizationId);
  out.done(`Logged in with key ${keyId}: ${role} of ${organization} (profile ${name}).`, {
    id: keyId,
    value: { profile: name, apiUrl, keyId, organizationId, role },
  });
}

async function keyOf({ world, progress, ask }: Context, { key, keyStdin }: LoginOptions): Promise<string> {
  if (key !== undefined) return key;
  if (ask.isPossible) return ask.hidden('Service key');
  if (!keyStdin)
    throw new CliError('usage', 'No key was given.', {
      next: 'Pass --key-stdin, or --key "$MCPSTACK_API_KEY".',
    });
  const text = await progress.during('Waiting for the key on stdin', () => readAll(world.stdin));
  if (text !== '') return text;
  throw new CliError('usage', 'stdin ended before a key came.', {
    code: 'malformed-key',
    next: 'See that the command before the pipe prints the key.',
  });
}

/** All of it, without the white space around. */
async function readAll(stdin: NodeJS.ReadStream): Promise<string> {
  stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of stdin as AsyncIterable<string>) {
    text += chunk;
    if (text.length > MOST) break;
  }
  return text.trim();
}
