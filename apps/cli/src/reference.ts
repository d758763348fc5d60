/** docs/cli.md, made from the commands themselves, so that the two cannot tell different things. */
import { type EventEmitter } from 'node:events';
import { type Command } from 'commander';
import { EXIT } from './errors.ts';

const PREFACE = `# The command line

Made from the commands by \`npm run docs:cli\`: changes by hand are lost. For pipelines see
[pipelines](pipelines.md); when something does not work, [troubleshooting](troubleshooting.md).

    npm install -g @mcpstack/cli
    mcpstack auth login
    mcpstack org list
    mcpstack api-keys create --name automation-bot --role developer

## What is meant, and who asks

Of each, the first that is there counts:

- the API: \`--api-url\`, \`MCPSTACK_API_URL\`, the profile, the service that \`npm start\` left up in the checkout one is in
- the organization: \`--org\`, \`MCPSTACK_ORG_ID\`, \`mcpstack org use\`, that of the key, the only one there is
- the credential: \`MCPSTACK_API_KEY\`, the login of the profile
- the profile: \`--profile\`, \`MCPSTACK_PROFILE\`, \`default\`

Keys, agents, servers, domains, members and invitations are given by id, or by a name that no other has. A time is a
date (\`2030-01-31\`), a moment (\`2030-01-31T12:00:00Z\`, UTC where no offset stands) or a duration from now (\`90d\`,
\`12h\`, \`30m\`). An option that takes several may be repeated, or take them with commas between.

## What comes out

Results go to stdout and nothing else does: questions, progress, hints and errors go to stderr.

- For people, a table or a field a line. In colour only on a terminal, and never with \`NO_COLOR\` or \`--no-color\`. Columns
  that a narrow terminal has no room for are named below the table.
- With \`--json\`, a list is \`{"data": […]}\` with all its pages, and all else the object that the API answers, with the
  fields of the [OpenAPI document](openapi.json). More fields may come; none goes. An error is one line on stderr:
  \`{"error": {"code", "message", "next", "requestId", "exitCode"}}\`; \`next\` and \`requestId\` only where there is one. Nothing
  else goes to stderr then, unless it is a terminal; \`auth login\` alone still shows its page and code there.
- With \`--quiet\`, ids alone, one a line. A secret that is made is then not printed anywhere and is lost: leave \`--quiet\`
  out, or take \`--json\`.

A secret is shown once, when it is made. A command that ends something asks first; \`--yes\` answers for you, and without
a terminal it must be given. \`credentials revoke\` does not ask: the secrets come in on stdin. What a command wrote, the next one reads.

## Exit codes

`;

/** The whole page. */
export function referenceOf(program: Command): string {
  const parts = [`${PREFACE}${exitCodes()}`, '## Options of every command\n', optionsOf(program)];
  for (const command of childrenOf(program)) parts.push(...sectionsOf(command, 2));
  return `${parts.join('\n').trimEnd()}\n`;
}

function exitCodes(): string {
  // `notLoggedIn` is "not logged in".
  const words = (outcome: string) => outcome.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return Object.entries(EXIT)
    .map(([outcome, code]) => `- \`${code}\` ${words(outcome)}\n`)
    .join('');
}

function sectionsOf(command: Command, level: number): string[] {
  const children = childrenOf(command);
  const parts = [`${'#'.repeat(level)} ${pathOf(command)}\n`, `${escaped(command.description())}\n`];
  if (children.length > 0)
    return [...parts, ...children.flatMap((child) => sectionsOf(child, Math.min(level + 1, 4)))];
  parts.push(`    ${command.createHelp().commandUsage(command)}\n`);
  const terms = argumentsOf(command) + optionsOf(command);
  if (terms !== '') parts.push(`${terms}`);
  const examples = examplesOf(command);
  if (examples.length > 0) parts.push(`For example:\n`, ...examples.map((line) => `    ${line}`), '');
  return parts;
}

function argumentsOf(command: Command): string {
  const help = command.createHelp();
  return help
    .visibleArguments(command)
    .map((one) => `- \`<${one.name()}>\`: ${escaped(help.argumentDescription(one))}\n`)
    .join('');
}

function optionsOf(command: Command): string {
  const help = command.createHelp();
  return help
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map((one) => `- \`${help.optionTerm(one)}\`: ${escaped(help.optionDescription(one))}\n`)
    .join('');
}

/** They stand in what is added after the help. */
function examplesOf(command: Command): string[] {
  let text = '';
  // Its types do not say that it is one.
  (command as unknown as EventEmitter).emit('afterHelp', {
    command,
    error: false,
    write: (part: string) => (text += part),
  });
  return [...text.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line]) => line!);
}

const childrenOf = (command: Command) =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help');

/** `mcpstack api-keys create`. */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** Signs that Markdown takes for its own. */
const escaped = (text: string) => text.replaceAll(/[<*]/g, String.raw`\$&`);
