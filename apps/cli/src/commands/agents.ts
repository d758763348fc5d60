/** `mcpstack agents`: the agents that web pages embed. */
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { type Field } from '../output.ts';
import { type Run } from '../run.ts';
import { type Column } from '@mcpstack/terminal';
import { embed } from './embed.ts';
import { agents, type Answers } from './lists.ts';
import { agentId } from './names.ts';
import { confirmed, named, ORIGIN, show } from './shown.ts';
import { roughly } from './times.ts';
import { addVerb } from './verb.ts';
import { headersOf, withIdempotencyKey, withIfRevision, type WriteOptions } from './write-options.ts';

type Agent = Answers['AgentAnswer'];
interface AgentOptions extends WriteOptions {
  name: string;
}

const AGENT = '/api/v1/organizations/{orgId}/agents/{agentId}';
const COLUMNS: readonly Column<Agent>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name },
  { title: 'Created', of: ({ createdAt }) => roughly(createdAt), priority: 2 },
];
const FIELDS: readonly Field<Agent>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name },
  ...ORIGIN,
];

export function addAgents(program: Command, run: Run): void {
  const noun = program
    .command('agents')
    .summary('manage agents')
    .description('Manages the agents of the organization, which web pages embed with a publishable key.');

  addVerb(noun, 'list', {
    summary: 'list the agents',
    about: 'Lists the agents of the organization.',
    examples: ['mcpstack agents list'],
  }).action(
    run(async (context) => {
      await context.out.list(agents(context, await context.orgId()), COLUMNS, {
        empty: 'There is no agent yet. "mcpstack agents create --name <name>" makes one.',
      });
    }),
  );

  addVerb(noun, 'show', {
    summary: 'show an agent',
    about: 'Shows an agent.',
    examples: ['mcpstack agents show support'],
  })
    .argument('<agent>', 'its id or name')
    .action(run(async (context, agent: string) => show(context, await read(context, agent), FIELDS)));

  withIdempotencyKey(
    addVerb(noun, 'create', {
      summary: 'add an agent',
      about: 'Adds an agent to the organization.',
      examples: ['mcpstack agents create --name support'],
    }).requiredOption('--name <name>', 'what people call it'),
  ).action(run(create));

  withIfRevision(
    addVerb(noun, 'update', {
      summary: 'rename an agent',
      about: 'Renames an agent.',
      examples: ['mcpstack agents update support --name "Support bot"'],
    })
      .argument('<agent>', 'its id or name')
      .requiredOption('--name <name>', 'the new name'),
  ).action(run(rename));

  addVerb(noun, 'remove', {
    summary: 'remove an agent and its publishable keys',
    about: 'Removes an agent; its publishable keys end with it, everywhere. Asks first.',
    examples: ['mcpstack agents remove support'],
  })
    .argument('<agent>', 'its id or name')
    .action(run(remove));

  addVerb(noun, 'embed', {
    summary: 'print what a web page needs',
    about:
      'Prints the lines that a web page embeds the agent with, ready to be pasted. They hold a publishable key, which is no secret.',
    examples: ['mcpstack agents embed support', 'mcpstack agents embed support --key web > agent.js'],
  })
    .argument('<agent>', 'its id or name')
    .option('--key <key>', 'the publishable key, by id or name; the newest in force if absent')
    .action(run(embed));
}

async function read(context: Context, agent: string): Promise<Agent> {
  const orgId = await context.orgId();
  const path = { orgId, agentId: await agentId(context, orgId, agent) };
  return (await context.api.GET(AGENT, { params: { path } })).data;
}

async function create(context: Context, { name, ...write }: AgentOptions): Promise<void> {
  const path = { orgId: await context.orgId() };
  const { data } = await context.api.POST('/api/v1/organizations/{orgId}/agents', {
    params: { path, header: headersOf(write) },
    body: { name },
  });
  context.out.done(`Created ${named('agent', data)}.`, { id: data.id, value: data });
}

async function rename(context: Context, agent: string, { name, ...write }: AgentOptions): Promise<void> {
  const orgId = await context.orgId();
  const path = { orgId, agentId: await agentId(context, orgId, agent) };
  const params = { path, header: headersOf(write) };
  const { data } = await context.api.PATCH(AGENT, { params, body: { name } });
  context.out.done(`Renamed ${named('agent', data)}.`, { id: data.id, value: data });
}

async function remove(context: Context, agent: string): Promise<void> {
  const orgId = await context.orgId();
  const id = await agentId(context, orgId, agent);
  await confirmed(
    context,
    async () => `Remove ${named('agent', await read(context, id))}? All of its publishable keys end with it.`,
  );
  await context.api.DELETE(AGENT, { params: { path: { orgId, agentId: id } } });
  context.out.done(`Removed the agent ${id} and its publishable keys.`, { id });
}
