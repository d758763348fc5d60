/** `mcpstack org`: organizations, which one is meant, and what it demands of its keys. */
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type Field } from '../output.ts';
import { type Run } from '../run.ts';
import { organizations, type Answers } from './lists.ts';
import { organizationId } from './names.ts';
import { addPolicy } from './org-policy.ts';
import { confirmed, named, show } from './shown.ts';
import { exactly } from './times.ts';
import { addVerb } from './verb.ts';
import { headersOf, withIdempotencyKey, withIfRevision, type WriteOptions } from './write-options.ts';

type Organization = Answers['OrganizationAnswer'];
interface NameOptions extends WriteOptions {
  name: string;
}

const ORGANIZATION = '/api/v1/organizations/{orgId}';
const FIELDS: readonly Field<Organization>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name },
  { title: 'State', of: ({ state }) => state },
  { title: 'Your role', of: ({ role }) => role },
  { title: 'Created', of: ({ createdAt }) => exactly(createdAt) },
  { title: 'Revision', of: ({ revision }) => revision },
];

export function addOrg(program: Command, run: Run): void {
  const noun = program
    .command('org')
    .summary('manage organizations, and choose one')
    .description(
      'Manages organizations. Commands are for the one of --org, of MCPSTACK_ORG_ID, of "org use", or the only one there is.',
    );

  addVerb(noun, 'list', {
    summary: 'list your organizations',
    about: 'Lists the organizations that you are in; of a key, its own.',
    examples: ['mcpstack org list', 'mcpstack org list --json'],
  }).action(run(list));

  addVerb(noun, 'use', {
    summary: 'choose the organization of this profile',
    about:
      'Chooses the organization that the commands of this profile are for. --org and MCPSTACK_ORG_ID count more.',
    examples: ['mcpstack org use Acme', 'mcpstack org use org_4fZ0q2m1c8bVdJw5rT7yXa'],
  })
    .argument('<org>', 'its id or name')
    .action(run(use));

  addVerb(noun, 'show', {
    summary: 'show the organization',
    about: 'Shows the organization, and what you are in it.',
    examples: ['mcpstack org show', 'mcpstack org show --org org_4fZ0q2m1c8bVdJw5rT7yXa'],
  }).action(run(async (context) => show(context, await read(context), FIELDS)));

  withIdempotencyKey(
    addVerb(noun, 'create', {
      summary: 'found an organization',
      about: 'Founds an organization, whose owner you are. You must be logged in as a person.',
      examples: ['mcpstack org create --name Acme'],
    }).requiredOption('--name <name>', 'what people call it'),
  ).action(run(create));

  withIfRevision(
    addVerb(noun, 'update', {
      summary: 'rename the organization',
      about: 'Renames the organization.',
      examples: ['mcpstack org update --name "Acme Ltd"'],
    }).requiredOption('--name <name>', 'the new name'),
  ).action(run(rename));

  addPolicy(noun, run);

  addVerb(noun, 'suspend', {
    summary: 'suspend the organization and all its keys',
    about: 'Suspends the organization: no check finds a key of it valid until it is resumed. Asks first.',
    examples: ['mcpstack org suspend'],
  }).action(run(suspend));

  addVerb(noun, 'resume', {
    summary: 'resume the suspended organization',
    about: 'Resumes the suspended organization.',
    examples: ['mcpstack org resume'],
  }).action(
    run(async (context) => {
      const path = { orgId: await context.orgId() };
      const { data } = await context.api.POST(`${ORGANIZATION}/resume`, { params: { path } });
      context.out.done(`Resumed ${named('organization', data)}.`, { id: data.id, value: data });
    }),
  );

  addVerb(noun, 'leave', {
    summary: 'leave the organization',
    about: 'Ends your own membership. The last owner cannot leave. Asks first.',
    examples: ['mcpstack org leave'],
  }).action(run(leave));
}

async function list(context: Context): Promise<void> {
  const used = context.settings.org?.value;
  await context.out.list(
    await organizations(context),
    [
      { title: 'Id', of: ({ id }) => id },
      { title: 'Name', of: ({ name }) => name },
      { title: 'Your role', of: ({ role }) => role, priority: 2 },
      { title: 'State', of: ({ state }) => state, priority: 3 },
      { title: 'In use', of: ({ id }) => (id === used ? 'yes' : undefined), priority: 4 },
    ],
    { empty: 'You are in no organization. "mcpstack org create --name <name>" founds one.' },
  );
}

async function read(context: Context): Promise<Organization> {
  const path = { orgId: await context.orgId() };
  return (await context.api.GET(ORGANIZATION, { params: { path } })).data;
}

async function use(context: Context, organization: string): Promise<void> {
  const { api, out, settings, credentials } = context;
  if (settings.credential?.kind === 'key')
    throw new CliError('usage', 'A key belongs to one organization: there is nothing to choose.');
  const orgId = await organizationId(context, organization);
  const { data } = await api.GET(ORGANIZATION, { params: { path: { orgId } } });
  await credentials.change(settings.profile.value, (profile) => ({ ...profile, organizationId: data.id }));
  out.done(`Profile ${settings.profile.value} now uses ${named('organization', data)}.`, {
    id: data.id,
    value: data,
  });
}

async function create(context: Context, { name, ...write }: NameOptions): Promise<void> {
  const params = { header: headersOf(write) };
  const { data } = await context.api.POST('/api/v1/organizations', { params, body: { name } });
  context.out.done(`Created ${named('organization', data)}.`, { id: data.id, value: data });
  context.out.note(`To work in it: mcpstack org use ${data.id}`);
}

async function rename(context: Context, { name, ...write }: NameOptions): Promise<void> {
  const params = { path: { orgId: await context.orgId() }, header: headersOf(write) };
  const { data } = await context.api.PATCH(ORGANIZATION, { params, body: { name } });
  context.out.done(`Renamed ${named('organization', data)}.`, { id: data.id, value: data });
}

async function suspend(context: Context): Promise<void> {
  const path = { orgId: await context.orgId() };
  await confirmed(
    context,
    async () =>
      `Suspend ${named('organization', await read(context))}? No key of it is valid until it is resumed.`,
  );
  const { data } = await context.api.POST(`${ORGANIZATION}/suspend`, { params: { path } });
  context.out.done(`Suspended ${named('organization', data)}.`, { id: data.id, value: data });
}

async function leave(context: Context): Promise<void> {
  const orgId = await context.orgId();
  const { data: me } = await context.api.GET('/api/v1/me');
  if (me.type !== 'user')
    throw new CliError('usage', 'A service key cannot leave.', {
      next: 'To end it: mcpstack auth service-account revoke',
    });
  await confirmed(context, async () => `Leave ${named('organization', await read(context))}?`);
  const path = { orgId, userId: me.id };
  await context.api.DELETE('/api/v1/organizations/{orgId}/members/{userId}', { params: { path } });
  context.out.done(`You are no member of ${orgId} any more.`, { id: orgId });
}
