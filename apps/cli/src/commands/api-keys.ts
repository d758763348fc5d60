/** `mcpstack api-keys`: secret service keys, for pipelines, scripts and services. */
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { type Field } from '../output.ts';
import { type Run } from '../run.ts';
import { type Column } from '@mcpstack/terminal';
import { addApiKeyBulk } from './api-key-bulk.ts';
import { addApiKeyChanges } from './api-key-changes.ts';
import { addKeyHistory } from './events.ts';
import { filterOf, withFilter, type FilterOptions } from './api-key-terms.ts';
import {
  checkOf,
  LAST_USE,
  showExplanation,
  showUsage,
  withCheckOptions,
  type CheckOptions,
} from './key-checks.ts';
import { apiKeys, type Answers, type KeyQuery } from './lists.ts';
import { apiKeyId } from './names.ts';
import { ORIGIN, show } from './shown.ts';
import { exactly, roughly } from './times.ts';
import { oneOf } from './values.ts';
import { addVerb, wordOption } from './verb.ts';

type ApiKey = Answers['ApiKeyAnswer'];

const KEY = '/api/v1/organizations/{orgId}/api-keys/{keyId}';
const STATES = ['active', 'suspended', 'expired', 'revoked'] as const;

const COLUMNS: readonly Column<ApiKey>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name },
  { title: 'Role', of: ({ role }) => role },
  { title: 'State', of: ({ state }) => state },
  { title: 'Last used', of: ({ lastUsedAt }) => roughly(lastUsedAt), priority: 2 },
  { title: 'Expires', of: ({ expiresAt }) => roughly(expiresAt), priority: 3 },
  { title: 'Tags', of: ({ tags }) => tags.join(' '), priority: 4 },
];

const FIELDS: readonly Field<ApiKey>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name },
  { title: 'State', of: ({ state }) => state },
  { title: 'Role', of: ({ role }) => role },
  { title: 'Permissions', of: ({ permissions }) => permissions.join(', ') },
  { title: 'Only agents', of: ({ scope }) => scope?.agents?.join(', ') },
  { title: 'Only servers', of: ({ scope }) => scope?.servers?.join(', ') },
  { title: 'Only from', of: ({ allowedIps }) => allowedIps?.join(', ') },
  { title: 'Environment', of: ({ environment }) => environment },
  { title: 'Tags', of: ({ tags }) => tags.join(', ') },
  { title: 'Limits', of: ({ limits }) => limits?.map(limitLine).join(', ') },
  { title: 'Quotas', of: ({ quotas }) => quotas?.map(quotaLine).join(', ') },
  { title: 'Secrets', of: ({ secrets }) => secrets.map(secretLine).join('; ') },
  { title: 'Expires', of: ({ expiresAt }) => exactly(expiresAt) ?? 'never' },
  ...LAST_USE,
  {
    title: 'Exposed',
    of: ({ exposedAt }) => exposedAt && `${exactly(exposedAt)}: a web page sent it; rotate it`,
  },
  { title: 'Beyond maker', of: ({ beyondMaker }) => beyondMaker && 'yes: it may do more than who made it' },
  { title: 'Suspended', of: ({ suspendedAt }) => exactly(suspendedAt) },
  {
    title: 'Revoked',
    of: ({ revokedAt, revocationReason: why }) =>
      revokedAt && `${exactly(revokedAt)}${why ? `, ${why}` : ''}`,
  },
  ...ORIGIN,
];

export function addApiKeys(program: Command, run: Run): void {
  const noun = program
    .command('api-keys')
    .summary('manage service keys')
    .description('Manages service keys (mcpstack_sk_…), the secrets of pipelines, scripts and services.');

  withFilter(
    addVerb(noun, 'list', {
      summary: 'list the service keys',
      about: 'Lists the service keys, newest first, revoked ones too. Each option narrows the list further.',
      examples: [
        'mcpstack api-keys list',
        'mcpstack api-keys list --state active --unused-since 90d',
        "mcpstack api-keys list --json | jq -r '.data[].name'",
      ],
    }).addOption(wordOption('--state <state>', 'only those in this state', STATES, oneOf(STATES))),
  ).action(run(list));

  addVerb(noun, 'show', {
    summary: 'show a service key',
    about: 'Shows what a service key may do and how it is used. Its secret is never shown again.',
    examples: ['mcpstack api-keys show ci-smoke-prod'],
  })
    .argument('<key>', 'its id or name')
    .action(
      run(async (context, key: string) => {
        const { data } = await context.api.GET(KEY, { params: { path: await pathOf(context, key) } });
        show(context, data, FIELDS);
      }),
    );

  addApiKeyChanges(noun, run);
  addApiKeyBulk(noun, run);

  addVerb(noun, 'usage', {
    summary: 'show how often a key was found valid',
    about: 'Shows how often a service key was found valid, and when.',
    examples: ['mcpstack api-keys usage ci-smoke-prod'],
  })
    .argument('<key>', 'its id or name')
    .action(
      run(async (context, key: string) => {
        const path = await pathOf(context, key);
        showUsage(context, (await context.api.GET(`${KEY}/usage`, { params: { path } })).data);
      }),
    );

  addKeyHistory(noun, run);

  withCheckOptions(
    addVerb(noun, 'explain', {
      summary: 'say why a check answers what it answers',
      about:
        'Says what a check of a service key would answer now, and why: every step with what was found. It counts as no use, and takes nothing from limits. The options are what the checking service sends besides the key.',
      examples: ['mcpstack api-keys explain ci-smoke-prod --permission servers:write --ip 192.0.2.7'],
    }).argument('<key>', 'its id or name'),
  ).action(run(explain));
}

async function pathOf(context: Context, key: string): Promise<{ orgId: string; keyId: string }> {
  const orgId = await context.orgId();
  return { orgId, keyId: await apiKeyId(context, orgId, key) };
}

async function list(
  context: Context,
  { state, ...options }: FilterOptions & Pick<KeyQuery, 'state'>,
): Promise<void> {
  const orgId = await context.orgId();
  const filter = { ...(state && { state }), ...(await filterOf(context, orgId, options)) };
  const isNarrowed = Object.keys(filter).length > 0;
  await context.out.list(apiKeys(context, orgId, filter), COLUMNS, {
    empty: isNarrowed
      ? 'No service key is like this.'
      : 'There is no service key yet. "mcpstack api-keys create --name <name> --role developer" makes one.',
  });
}

async function explain(context: Context, key: string, options: CheckOptions): Promise<void> {
  const path = await pathOf(context, key);
  const body = await checkOf(context, path.orgId, options);
  showExplanation(context, (await context.api.POST(`${KEY}/explain`, { params: { path }, body })).data);
}

const limitLine = ({ name, limit, windowMs }: Answers['RateLimitBody']) =>
  `${name}: ${limit} in ${windowMs / 1_000} s`;
const quotaLine = ({ name, limit, interval }: Answers['QuotaBody']) => `${name}: ${limit} a ${interval}`;

function secretLine({ version, hint, validUntil, untilNextSeen }: Answers['KeySecretAnswer']): string {
  const end = untilNextSeen
    ? ', until the next one is used'
    : validUntil === undefined
      ? ''
      : `, until ${exactly(validUntil)}`;
  return `number ${version}${hint ? ` (${hint}…)` : ''}${end}`;
}
