/** The tree of commands, with the options that all of them take. */
import { Command, Option } from 'commander';
import { addAgents } from './commands/agents.ts';
import { addApiKeys } from './commands/api-keys.ts';
import { addAuth } from './commands/auth.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfig } from './commands/config.ts';
import { addCredentials } from './commands/credentials.ts';
import { addDomains } from './commands/domains.ts';
import { addEvents } from './commands/events.ts';
import { addInvitations } from './commands/invitations.ts';
import { addMembers } from './commands/members.ts';
import { addOrg } from './commands/org.ts';
import { addPermissions } from './commands/permissions.ts';
import { addProfile } from './commands/profile.ts';
import { addPublicKeys } from './commands/public-keys.ts';
import { addServers } from './commands/servers.ts';
import { settling } from './commands/settled.ts';
import { addWebhooks } from './commands/webhooks.ts';
import { addWhoami } from './commands/whoami.ts';
import { usageOf } from './help.ts';
import { type Run } from './run.ts';

declare const MCPSTACK_VERSION: string | undefined;
/** Of the package; set when it is bundled. */
export const VERSION = typeof MCPSTACK_VERSION === 'string' ? MCPSTACK_VERSION : '0.0.0';

const EXIT_CODES = `
Exit codes:
  0 done, 1 failed, 2 usage, 3 not logged in, 4 forbidden, 5 not found, 6 conflict, 7 unavailable

Environment:
  MCPSTACK_API_KEY     a service key; no login is needed then, and none is used
  MCPSTACK_API_URL     the address of the API, as --api-url
  MCPSTACK_ORG_ID      the organization, as --org
  MCPSTACK_PROFILE     the profile, as --profile
  MCPSTACK_TIMEOUT_MS  how long a call may take with all its tries (30000)
  MCPSTACK_ALLOW_HTTP  true: http also to other machines, in a network that you trust
  MCPSTACK_DEBUG       true: where an error is from
  XDG_CONFIG_HOME      where mcpstack/credentials.json is kept (~/.config)
  NO_COLOR             no colour`;

export function makeProgram(run: Run): Command {
  const program = new Command('mcpstack')
    .description('Manages the keys, servers, agents and members of your organization.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .addOption(new Option('--org <id>', 'the organization, for this command').helpGroup('Global options:'))
    .addOption(new Option('--profile <name>', 'the profile to use').helpGroup('Global options:'))
    .addOption(new Option('--api-url <url>', 'the address of the API').helpGroup('Global options:'))
    .addOption(
      new Option('--json', 'print JSON: {"data": […]} of lists, with all pages')
        .conflicts('quiet')
        .helpGroup('Global options:'),
    )
    .addOption(new Option('--quiet', 'print ids alone').helpGroup('Global options:'))
    .addOption(new Option('--yes', 'do not ask before something is destroyed').helpGroup('Global options:'))
    .addOption(new Option('--no-color', 'print without colour').helpGroup('Global options:'))
    .configureHelp({ showGlobalOptions: true, commandUsage: usageOf })
    // Failures are told in one place, by main.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('after', EXIT_CODES);
  addAuth(program, run);
  addWhoami(program, run);
  const nouns = [
    ...[addOrg, addApiKeys, addPublicKeys, addServers, addAgents, addDomains],
    ...[addMembers, addInvitations, addEvents, addPermissions, addCredentials, addProfile],
    addWebhooks,
  ];
  for (const add of nouns) add(program, settling(run));
  addConfig(program, run);
  addCompletion(program);
  return program;
}
