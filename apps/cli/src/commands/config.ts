/** `mcpstack config`: what commands work with, and where each value is from. */
import { Argument, type Command } from 'commander';
import { type Profile } from '../credentials.ts';
import { CliError } from '../errors.ts';
import { example } from '../help.ts';
import { type Run } from '../run.ts';
import { checkApiUrl, type Setting, type Settings } from '../settings.ts';
import { isId } from '@mcpstack/contracts';

const FIELDS = { 'api-url': 'apiUrl', org: 'organizationId' } as const;
type Name = keyof typeof FIELDS;
const NAMES = Object.keys(FIELDS) as Name[];

export function addConfig(program: Command, run: Run): void {
  const config = program
    .command('config')
    .summary('show and change settings')
    .description('Shows what commands work with and where each value is from; changes what a profile keeps.');

  config
    .command('list')
    .summary('list all settings, with where they are from')
    .description(
      'Lists what a command would work with. Flags count most, then the environment, the profile, and a running checkout.',
    )
    .addHelpText('after', example('mcpstack config list', 'mcpstack config list --profile work --json'))
    .action(
      run(async ({ out, settings, credentials }) => {
        const { profile, apiUrl, org } = settings;
        const login = loginRow(settings);
        const rows = [
          { id: 'profile', ...profile },
          { id: 'api-url', ...apiUrl },
          ...(org ? [{ id: 'org', ...org }] : []),
          ...(login ? [{ id: 'login', ...login }] : []),
          { id: 'file', value: credentials.path, from: 'default' },
        ];
        await out.list(
          rows,
          [
            { title: 'Name', of: ({ id }) => id },
            { title: 'Value', of: ({ value }) => value },
            { title: 'From', of: ({ from }) => from, priority: 2 },
          ],
          { empty: '' },
        );
      }),
    );

  config
    .command('profiles')
    .summary('list the profiles')
    .description('Lists the profiles that have a login or a setting.')
    .addHelpText('after', example('mcpstack config profiles'))
    .action(
      run(async ({ out, credentials }) => {
        const rows = credentials.names().map((name) => {
          const { apiUrl, login } = credentials.read(name);
          const as = login?.kind === 'key' ? login.keyId : login?.userId;
          return {
            id: name,
            ...(apiUrl !== undefined && { apiUrl }),
            ...(as !== undefined && { login: as }),
          };
        });
        await out.list(
          rows,
          [
            { title: 'Profile', of: ({ id }) => id },
            { title: 'API', of: ({ apiUrl }) => apiUrl, priority: 2 },
            { title: 'Login', of: ({ login }) => login },
          ],
          { empty: 'There is no profile yet: "mcpstack auth login" makes one.' },
        );
      }),
    );

  config
    .command('set')
    .addArgument(new Argument('<name>', 'what to set').choices(NAMES))
    .argument('<value>', 'its value')
    .summary('set a value of the profile')
    .description(
      'Sets a value that the profile keeps. Another address ends no login, but the login is not sent there.',
    )
    .addHelpText('after', example('mcpstack config set api-url https://keys.example.com'))
    .action(
      run(async ({ out, settings, credentials, world }, name: Name, value: string) => {
        const kept = name === 'org' ? orgId(value) : checkApiUrl({ value, from: 'api-url' }, world.env);
        await credentials.change(settings.profile.value, (profile) => ({ ...profile, [FIELDS[name]]: kept }));
        out.done(`${name} of profile ${settings.profile.value} is now ${kept}.`, { value: { [name]: kept } });
      }),
    );

  config
    .command('unset')
    .addArgument(new Argument('<name>', 'what to unset').choices(NAMES))
    .summary('forget a value of the profile')
    .description(
      'Forgets a value that the profile keeps, so that the environment or the default counts again.',
    )
    .addHelpText('after', example('mcpstack config unset org'))
    .action(
      run(async ({ out, settings, credentials }, name: Name) => {
        await credentials.change(settings.profile.value, (profile) => without(profile, FIELDS[name]));
        out.done(`${name} of profile ${settings.profile.value} is not set any more.`);
      }),
    );
}

/** As whom commands ask. A login for another address is used by none, and said. */
function loginRow({ credential, foreignLogin, profile }: Settings): Setting | undefined {
  const from = `profile ${profile.value}`;
  if (credential?.kind === 'key') return { value: 'service key', from: credential.from };
  if (credential) return { value: credential.login.userId, from };
  return foreignLogin === undefined ? undefined : { value: `for ${foreignLogin}: not used here`, from };
}

function without(profile: Profile, field: keyof Profile): Profile {
  const { [field]: _gone, ...rest } = profile;
  return rest;
}

function orgId(value: string): string {
  if (isId('organization', value)) return value;
  throw new CliError('usage', 'This is no organization id: it looks like org_4fZ0q2m1c8bVdJw5rT7yXa.');
}
