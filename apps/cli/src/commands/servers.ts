/** `mcpstack servers`: the MCP servers of an organization. */
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { type Field } from '../output.ts';
import { type Run } from '../run.ts';
import { type Column } from '@mcpstack/terminal';
import { servers, type Answers } from './lists.ts';
import { serverId } from './names.ts';
import { confirmed, named, ORIGIN, show } from './shown.ts';
import { roughly } from './times.ts';
import { addVerb } from './verb.ts';
import { headersOf, someOf, withIdempotencyKey, withIfRevision, type WriteOptions } from './write-options.ts';

type Server = Answers['ServerAnswer'];
interface ServerOptions extends WriteOptions {
  name?: string;
  url?: string;
}

const SERVER = '/api/v1/organizations/{orgId}/servers/{serverId}';
const COLUMNS: readonly Column<Server>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name },
  { title: 'URL', of: ({ url }) => url, priority: 2 },
  { title: 'Created', of: ({ createdAt }) => roughly(createdAt), priority: 3 },
];
const FIELDS: readonly Field<Server>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name },
  { title: 'URL', of: ({ url }) => url },
  ...ORIGIN,
];

export function addServers(program: Command, run: Run): void {
  const noun = program
    .command('servers')
    .summary('manage MCP servers')
    .description(
      'Manages the MCP servers of the organization. A service key can be limited to some of them.',
    );

  addVerb(noun, 'list', {
    summary: 'list the servers',
    about: 'Lists the servers of the organization.',
    examples: ['mcpstack servers list', "mcpstack servers list --json | jq -r '.data[].url'"],
  }).action(
    run(async (context) => {
      const all = servers(context, await context.orgId());
      await context.out.list(all, COLUMNS, {
        empty: 'There is no server yet. "mcpstack servers create --name <name>" makes one.',
      });
    }),
  );

  addVerb(noun, 'show', {
    summary: 'show a server',
    about: 'Shows a server.',
    examples: ['mcpstack servers show search'],
  })
    .argument('<server>', 'its id or name')
    .action(run(async (context, server: string) => show(context, await read(context, server), FIELDS)));

  withIdempotencyKey(
    addVerb(noun, 'create', {
      summary: 'add a server',
      about: 'Adds a server to the organization.',
      examples: ['mcpstack servers create --name search --url https://mcp.example.com'],
    })
      .requiredOption('--name <name>', 'what people call it')
      .option('--url <url>', 'where it answers'),
  ).action(run(create));

  withIfRevision(
    addVerb(noun, 'update', {
      summary: 'change a server',
      about: 'Changes the name or the address of a server.',
      examples: ['mcpstack servers update search --url https://search.example.com'],
    })
      .argument('<server>', 'its id or name')
      .option('--name <name>', 'the new name')
      .option('--url <url>', 'the new address'),
  ).action(run(update));

  addVerb(noun, 'remove', {
    summary: 'remove a server',
    about: 'Removes a server. Asks first.',
    examples: ['mcpstack servers remove search'],
  })
    .argument('<server>', 'its id or name')
    .action(run(remove));
}

async function read(context: Context, server: string): Promise<Server> {
  const orgId = await context.orgId();
  const path = { orgId, serverId: await serverId(context, orgId, server) };
  return (await context.api.GET(SERVER, { params: { path } })).data;
}

async function create(context: Context, { name, url, ...write }: ServerOptions): Promise<void> {
  const path = { orgId: await context.orgId() };
  const { data } = await context.api.POST('/api/v1/organizations/{orgId}/servers', {
    params: { path, header: headersOf(write) },
    body: { name: name!, ...(url !== undefined && { url }) },
  });
  context.out.done(`Created ${named('server', data)}.`, { id: data.id, value: data });
}

async function update(
  context: Context,
  server: string,
  { name, url, ...write }: ServerOptions,
): Promise<void> {
  const body = someOf({ name, url });
  const orgId = await context.orgId();
  const path = { orgId, serverId: await serverId(context, orgId, server) };
  const { data } = await context.api.PATCH(SERVER, { params: { path, header: headersOf(write) }, body });
  context.out.done(`Changed ${named('server', data)}.`, { id: data.id, value: data });
}

async function remove(context: Context, server: string): Promise<void> {
  const orgId = await context.orgId();
  const id = await serverId(context, orgId, server);
  await confirmed(context, async () => `Remove ${named('server', await read(context, id))}?`);
  await context.api.DELETE(SERVER, { params: { path: { orgId, serverId: id } } });
  context.out.done(`Removed the server ${id}.`, { id });
}
