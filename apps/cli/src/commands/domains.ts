/** `mcpstack domains`: the domains of an agent, and what to publish to prove them. */
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type Field } from '../output.ts';
import { type Run } from '../run.ts';
import { type Column } from '@mcpstack/terminal';
import { domains, type Answers } from './lists.ts';
import { agentId, domainId } from './names.ts';
import { confirmed, show } from './shown.ts';
import { exactly, roughly } from './times.ts';
import { addVerb } from './verb.ts';
import { headersOf, withIdempotencyKey, type WriteOptions } from './write-options.ts';

type Domain = Answers['DomainAnswer'];
type Checked = Answers['CheckedDomainAnswer'];
interface OfAgent {
  agent: string;
}

const DOMAINS = '/api/v1/organizations/{orgId}/agents/{agentId}/domains';
const DOMAIN = '/api/v1/organizations/{orgId}/agents/{agentId}/domains/{domainId}';
const COLUMNS: readonly Column<Domain>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Domain', of: ({ domain }) => domain },
  { title: 'State', of: ({ state }) => state },
  { title: 'Verified', of: ({ verifiedAt }) => roughly(verifiedAt), priority: 2 },
];
/** Each value on a line of its own, whole, so that it can be copied. */
const TO_PUBLISH: readonly Field<Domain>[] = [
  { title: 'TXT record', of: ({ proof }) => proof.dns.name },
  { title: '  with the value', of: ({ proof }) => proof.dns.value },
  { title: 'or a file at', of: ({ proof }) => proof.file.url },
  { title: '  that holds', of: ({ proof }) => proof.file.content },
];
const FIELDS: readonly Field<Domain>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Domain', of: ({ domain }) => domain },
  { title: 'Agent', of: ({ agentId }) => agentId },
  { title: 'State', of: ({ state }) => state },
  { title: 'Verified', of: ({ verifiedAt, method }) => verifiedAt && `${exactly(verifiedAt)}, by ${method}` },
  { title: 'Works until', of: ({ graceEndsAt }) => exactly(graceEndsAt) },
  { title: 'Contested', of: ({ contestedAt }) => exactly(contestedAt) },
  ...TO_PUBLISH,
];
const SEEN: readonly Field<Checked>[] = [
  { title: 'Domain', of: ({ domain }) => domain },
  { title: 'State', of: ({ state }) => state },
  {
    title: 'DNS',
    of: ({ found: { dns } }) =>
      dns.ok ? `found at ${dns.name}` : `${dns.problem ?? 'not found'}${alsoSeen(dns.values)}`,
  },
  {
    title: 'File',
    of: ({ found: { file } }) => (file.ok ? `found at ${file.url}` : (file.problem ?? 'not found')),
  },
];

export function addDomains(program: Command, run: Run): void {
  const noun = program
    .command('domains')
    .summary('prove the domains of an agent')
    .description(
      'Manages the domains of an agent. Pages under a proven domain may embed it with a publishable key.',
    );
  const withAgent = (command: Command) =>
    command.requiredOption('--agent <agent>', 'the agent, by id or name');
  const withDomain = (command: Command) => withAgent(command.argument('<domain>', 'the domain, or its id'));

  withAgent(
    addVerb(noun, 'list', {
      summary: 'list the domains of an agent',
      about: 'Lists the domains of an agent.',
      examples: ['mcpstack domains list --agent support'],
    }),
  ).action(
    run(async (context, { agent }: OfAgent) => {
      const all = await domains(context, ...(await agentOf(context, agent)));
      await context.out.list(all, COLUMNS, {
        empty: 'This agent has no domain yet. "mcpstack domains add <domain> --agent <agent>" names one.',
      });
    }),
  );

  withDomain(
    addVerb(noun, 'show', {
      summary: 'show a domain, and what to publish for it',
      about: 'Shows a domain of an agent, and what to publish to prove it.',
      examples: ['mcpstack domains show example.com --agent support'],
    }),
  ).action(
    run(async (context, domain: string, { agent }: OfAgent) =>
      show(context, await read(context, domain, agent), FIELDS),
    ),
  );

  withIdempotencyKey(
    withAgent(
      addVerb(noun, 'add', {
        summary: 'name a domain, and learn what to publish',
        about:
          'Names a domain of an agent and prints what to publish to prove it: a TXT record or a file. It proves all that is under the domain as well.',
        examples: ['mcpstack domains add example.com --agent support'],
      }).argument('<domain>', 'such as example.com'),
    ),
  ).action(run(add));

  withDomain(
    addVerb(noun, 'check', {
      summary: 'look for the proof of a domain now',
      about:
        'Looks for the proof of a domain now and says what was seen in DNS and at the file. Ends with 1 where it is not there. The service also looks by itself: about every hour for a week, once a day later.',
      examples: ['mcpstack domains check example.com --agent support'],
    }),
  ).action(run(check));

  withDomain(
    addVerb(noun, 'remove', {
      summary: 'remove a domain',
      about: 'Removes a domain of an agent: keys stop working on the pages under it. Asks first.',
      examples: ['mcpstack domains remove example.com --agent support'],
    }),
  ).action(run(remove));
}

async function agentOf(context: Context, agent: string): Promise<[orgId: string, agentId: string]> {
  const orgId = await context.orgId();
  return [orgId, await agentId(context, orgId, agent)];
}

async function pathOf(
  context: Context,
  domain: string,
  agent: string,
): Promise<{ orgId: string; agentId: string; domainId: string }> {
  const [orgId, id] = await agentOf(context, agent);
  return { orgId, agentId: id, domainId: await domainId(context, orgId, id, domain) };
}

async function read(context: Context, domain: string, agent: string): Promise<Domain> {
  const path = await pathOf(context, domain, agent);
  return (await context.api.GET(DOMAIN, { params: { path } })).data;
}

async function add(
  context: Context,
  domain: string,
  { agent, ...write }: OfAgent & WriteOptions,
): Promise<void> {
  const [orgId, id] = await agentOf(context, agent);
  const params = { path: { orgId, agentId: id }, header: headersOf(write) };
  const { data } = await context.api.POST(DOMAINS, { params, body: { domain } });
  context.out.note(`Publish one of these two to prove ${data.domain}:`);
  show(context, data, TO_PUBLISH);
  context.out.note(`Then: mcpstack domains check ${data.domain} --agent ${data.agentId}`);
}

async function check(context: Context, domain: string, { agent }: OfAgent): Promise<void> {
  const path = await pathOf(context, domain, agent);
  const { data } = await context.api.POST(`${DOMAIN}/check`, { params: { path } });
  show(context, data, SEEN);
  if (data.found.dns.ok || data.found.file.ok) return;
  // Told by the exit code as well, so that a script can wait for it.
  throw new CliError('failed', `The proof of ${data.domain} was not found.`, {
    code: 'proof-not-found',
    next: `What to publish: mcpstack domains show ${data.domain} --agent ${data.agentId}`,
  });
}

async function remove(context: Context, domain: string, { agent }: OfAgent): Promise<void> {
  const path = await pathOf(context, domain, agent);
  await confirmed(context, async () => {
    const found = await read(context, path.domainId, path.agentId);
    return `Remove the domain ${found.domain} (${found.id})? Keys stop working on the pages under it.`;
  });
  await context.api.DELETE(DOMAIN, { params: { path } });
  context.out.done(`Removed the domain ${domain}.`, { id: path.domainId });
}

const alsoSeen = (values: readonly string[]) =>
  values.length === 0 ? '' : ` (seen: ${values.slice(0, 3).join(', ')})`;
