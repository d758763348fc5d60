/** `mcpstack public-keys`: keys that stand in web pages, each for one agent and exact origins. */
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { type Field } from '../output.ts';
import { type Run } from '../run.ts';
import { type Column } from '@mcpstack/terminal';
import {
  checkOf,
  LAST_USE,
  showExplanation,
  showUsage,
  withCheckOptions,
  type CheckOptions,
} from './key-checks.ts';
import { publicKeys, type Answers } from './lists.ts';
import { agentId, publicKeyId } from './names.ts';
import { addPublicKeyChanges } from './public-key-changes.ts';
import { ORIGIN, show } from './shown.ts';
import { exactly, roughly } from './times.ts';
import { tryKey } from './try-key.ts';
import { addVerb } from './verb.ts';

type PublicKey = Answers['PublicKeyAnswer'];

const KEY = '/api/v1/organizations/{orgId}/public-keys/{keyId}';
const COLUMNS: readonly Column<PublicKey>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name },
  { title: 'State', of: ({ state }) => state },
  { title: 'Origins', of: ({ origins }) => origins.map(({ origin }) => origin).join(' '), priority: 2 },
  { title: 'Last used', of: ({ lastUsedAt }) => roughly(lastUsedAt), priority: 3 },
  { title: 'Agent', of: ({ agentId }) => agentId, priority: 4 },
];
const FIELDS: readonly Field<PublicKey>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name },
  { title: 'Value', of: ({ value }) => value },
  { title: 'State', of: ({ state }) => state },
  { title: 'Agent', of: ({ agentId }) => agentId },
  { title: 'Origins', of: ({ origins }) => origins.map(originLine).join(', ') },
  { title: 'Development', of: ({ development }) => (development ? 'yes: localhost too' : undefined) },
  { title: 'Expires', of: ({ expiresAt }) => exactly(expiresAt) ?? 'never' },
  ...LAST_USE,
  { title: 'Suspended', of: ({ suspendedAt }) => exactly(suspendedAt) },
  {
    title: 'Revoked',
    of: ({ revokedAt, revocationReason: why }) =>
      revokedAt && `${exactly(revokedAt)}${why ? `, ${why}` : ''}`,
  },
  ...ORIGIN,
];

export function addPublicKeys(program: Command, run: Run): void {
  const noun = program
    .command('public-keys')
    .summary('manage publishable keys')
    .description(
      'Manages publishable keys (mcpstack_pk_…), which stand in web pages: each is for one agent and for exact origins, and is no secret.',
    );

  addVerb(noun, 'list', {
    summary: 'list the publishable keys',
    about: 'Lists the publishable keys, newest first, revoked ones too.',
    examples: ['mcpstack public-keys list', 'mcpstack public-keys list --agent support'],
  })
    .option('--agent <agent>', 'only those of this agent, by id or name')
    .action(run(list));

  addVerb(noun, 'show', {
    summary: 'show a publishable key',
    about: 'Shows a publishable key with its value, its agent and its origins.',
    examples: ['mcpstack public-keys show web', 'mcpstack public-keys show web --json | jq -r .value'],
  })
    .argument('<key>', 'its id or name')
    .action(
      run(async (context, key: string) => {
        const { data } = await context.api.GET(KEY, { params: { path: await pathOf(context, key) } });
        show(context, data, FIELDS);
      }),
    );

  addPublicKeyChanges(noun, run, (context, key) => show(context, key, FIELDS));

  addVerb(noun, 'try', {
    summary: 'ask for the agent as a web page would',
    about: 'Asks for the agent of a key as a web page at an origin would, before the page is there.',
    examples: ['mcpstack public-keys try web --origin https://app.example.com'],
  })
    .argument('<key>', 'its id, name or value')
    .requiredOption('--origin <origin>', 'the origin of the page')
    .action(run(tryKey));

  addVerb(noun, 'usage', {
    summary: 'show how often a key was found valid',
    about: 'Shows how often a publishable key was found valid, and when.',
    examples: ['mcpstack public-keys usage web'],
  })
    .argument('<key>', 'its id or name')
    .action(
      run(async (context, key: string) => {
        const path = await pathOf(context, key);
        showUsage(context, (await context.api.GET(`${KEY}/usage`, { params: { path } })).data);
      }),
    );

  withCheckOptions(
    addVerb(noun, 'explain', {
      summary: 'say why a check answers what it answers',
      about:
        'Says what a check of a publishable key would answer now, and why: every step with what was found. It counts as no use.',
      examples: ['mcpstack public-keys explain web --origin https://app.example.com'],
    }).argument('<key>', 'its id or name'),
  ).action(run(explain));
}

async function pathOf(context: Context, key: string): Promise<{ orgId: string; keyId: string }> {
  const orgId = await context.orgId();
  return { orgId, keyId: await publicKeyId(context, orgId, key) };
}

async function list(context: Context, { agent }: { agent?: string }): Promise<void> {
  const orgId = await context.orgId();
  const filter = agent === undefined ? {} : { agentId: await agentId(context, orgId, agent) };
  await context.out.list(publicKeys(context, orgId, filter), COLUMNS, {
    empty: 'There is no publishable key yet. "mcpstack public-keys create" makes one.',
  });
}

async function explain(context: Context, key: string, options: CheckOptions): Promise<void> {
  const path = await pathOf(context, key);
  const body = await checkOf(context, path.orgId, options);
  showExplanation(context, (await context.api.POST(`${KEY}/explain`, { params: { path }, body })).data);
}

const originLine = ({ origin, expiresAt }: Answers['AllowedOriginAnswer']) =>
  expiresAt === undefined ? origin : `${origin} (until ${exactly(expiresAt)})`;
