/** `mcpstack org policy`: what an organization demands of its keys. */
import { type Role } from '@mcpstack/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import { type Context } from '../context.ts';
import { type Field } from '../output.ts';
import { type Run } from '../run.ts';
import { type Answers } from './lists.ts';
import { show } from './shown.ts';
import { durationMs } from './times.ts';
import { listed, oneOf, roleOf, several } from './values.ts';
import { addVerb, wordOption } from './verb.ts';
import { headersOf, someOf, withIfRevision, type WriteOptions } from './write-options.ts';

type Policy = Answers['PolicyAnswer'];
interface SetOptions extends WriteOptions {
  longestKeyLife?: number | 'any';
  expiryRequired?: boolean;
  allowedKeyRole?: (Role | 'any')[];
  onMakerLoss?: 'list' | 'revoke';
}

const POLICY = '/api/v1/organizations/{orgId}/policy';
const ON_LOSS = ['list', 'revoke'] as const;
const DAY_MS = 86_400_000;
const FIELDS: readonly Field<Policy>[] = [
  {
    title: 'Longest life of a key',
    of: ({ longestKeyLifeDays: days }) => (days === undefined ? 'any' : `${days} days`),
  },
  { title: 'Keys must expire', of: ({ expiryRequired }) => (expiryRequired ? 'yes' : 'no') },
  {
    title: 'Roles of keys',
    of: ({ allowedKeyRoles }) => (allowedKeyRoles ? listed(allowedKeyRoles) : 'any'),
  },
  { title: 'Maker loses rights', of: ({ onMakerLoss }) => MAKER_LOSS[onMakerLoss] },
];
const MAKER_LOSS = { list: 'list: their keys are marked', revoke: 'revoke: their keys end' };

export function addPolicy(org: Command, run: Run): void {
  const noun = org
    .command('policy')
    .summary('show and set what is demanded of keys')
    .description('Shows and sets what the organization demands of the keys that are made in it.');

  addVerb(noun, 'show', {
    summary: 'show the policy',
    about: 'Shows what the organization demands of its keys.',
    examples: ['mcpstack org policy show'],
  }).action(
    run(async (context) => {
      const path = { orgId: await context.orgId() };
      const { data } = await context.api.GET(POLICY, { params: { path } });
      show(context, data, FIELDS, { id: path.orgId });
    }),
  );

  withIfRevision(
    addVerb(noun, 'set', {
      summary: 'change the policy',
      about:
        'Changes what the organization demands of its keys. What is not given stays; it holds for keys made from now on.',
      examples: [
        'mcpstack org policy set --longest-key-life 90d --allowed-key-role developer,viewer',
        'mcpstack org policy set --longest-key-life any --on-maker-loss revoke',
      ],
    })
      .option('--longest-key-life <duration>', 'a new key ends within this, such as 90d; or any', lifeOf)
      .option('--expiry-required', 'a new key must expire')
      .option('--no-expiry-required', 'a new key need not expire')
      .option(
        '--allowed-key-role <role>',
        'the roles that a new key may have, with commas; or any',
        several(roleOrAny),
      )
      .addOption(
        wordOption('--on-maker-loss <what>', 'keys whose maker loses rights', ON_LOSS, oneOf(ON_LOSS)),
      ),
  ).action(run(set));
}

function lifeOf(text: string): number | 'any' {
  if (text === 'any') return 'any';
  const days = durationMs(text) / DAY_MS;
  if (Number.isInteger(days) && days >= 1) return days;
  throw new InvalidArgumentError('Give whole days, such as 90d, or any.');
}

const roleOrAny = (text: string) => (text === 'any' ? 'any' : roleOf(text));

/** The API takes the policy whole: what was read goes back with the change, and only on what was read. */
async function set(context: Context, options: SetOptions): Promise<void> {
  const { longestKeyLife, expiryRequired, allowedKeyRole, onMakerLoss, ...write } = options;
  const change = someOf({ longestKeyLife, expiryRequired, allowedKeyRole, onMakerLoss });
  const path = { orgId: await context.orgId() };
  const { data: before, etag } = await context.api.GET(POLICY, { params: { path } });
  const header = { ...(etag !== undefined && { 'If-Match': etag }), ...headersOf(write) };
  const body = changed(before, change);
  const { data } = await context.api.PUT(POLICY, { params: { path, header }, body });
  context.out.done('Changed the policy; it holds for keys that are made from now on.', {
    id: path.orgId,
    value: data,
  });
}

function changed(
  { longestKeyLifeDays, expiryRequired, allowedKeyRoles, onMakerLoss }: Policy,
  change: SetOptions,
): Answers['PolicyBody'] {
  const days = change.longestKeyLife ?? longestKeyLifeDays;
  const mustExpire = change.expiryRequired ?? expiryRequired;
  const roles = change.allowedKeyRole ?? allowedKeyRoles;
  return {
    ...(days !== undefined && days !== 'any' && { longestKeyLifeDays: days }),
    ...(mustExpire && { expiryRequired: true }),
    ...(roles && !roles.includes('any') && { allowedKeyRoles: roles as Role[] }),
    onMakerLoss: change.onMakerLoss ?? onMakerLoss,
  };
}
