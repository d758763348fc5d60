/** `mcpstack public-keys create | update | add-origin | suspend | resume | revoke`. */
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { type Run } from '../run.ts';
import { type Answers } from './lists.ts';
import { agentId, publicKeyId } from './names.ts';
import { confirmed, named } from './shown.ts';
import { timeAhead } from './times.ts';
import { asIs, listed, several } from './values.ts';
import { addVerb } from './verb.ts';
import { headersOf, someOf, withIdempotencyKey, withIfRevision, type WriteOptions } from './write-options.ts';

type PublicKey = Answers['PublicKeyAnswer'];
interface CreateOptions extends WriteOptions {
  name: string;
  agent: string;
  origin: string[];
  development?: true;
  expires?: string;
}
interface UpdateOptions extends WriteOptions {
  name?: string;
  keepOrigin?: string[];
}

const KEYS = '/api/v1/organizations/{orgId}/public-keys';
const KEY = '/api/v1/organizations/{orgId}/public-keys/{keyId}';

/** @param shown shows a key whole: its value is no secret, and is needed next. */
export function addPublicKeyChanges(
  noun: Command,
  run: Run,
  shown: (context: Context, key: PublicKey) => void,
): void {
  withIdempotencyKey(
    addVerb(noun, 'create', {
      summary: 'make a publishable key for an agent',
      about:
        'Makes a publishable key for one agent and exact origins. An origin must be https under a domain that is proven for the agent ("mcpstack domains add"); with --development, localhost is allowed as well.',
      examples: [
        'mcpstack public-keys create --name web --agent support --origin https://app.example.com',
        'mcpstack public-keys create --name dev --agent support --development --origin http://localhost:3000',
      ],
    })
      .requiredOption('--name <name>', 'what it is for')
      .requiredOption('--agent <agent>', 'the agent, by id or name')
      .requiredOption('--origin <origin>', 'an exact origin; more with commas or repeated', several(asIs))
      .option('--development', 'may also be used from localhost')
      .option('--expires <time>', 'when it ends: a date, or 90d for 90 days', (text) => timeAhead(text)),
  ).action(run((context, options: CreateOptions) => create(context, options, shown)));

  withIfRevision(
    addVerb(noun, 'update', {
      summary: 'rename a publishable key, or take origins from it',
      about:
        'Renames a publishable key, or takes origins from it. Nothing adds an origin for good: that needs a new key.',
      examples: ['mcpstack public-keys update web --keep-origin https://app.example.com'],
    })
      .argument('<key>', 'its id or name')
      .option('--name <name>', 'the new name')
      .option('--keep-origin <origin>', 'an origin that stays; all others go', several(asIs)),
  ).action(run(update));

  addVerb(noun, 'add-origin', {
    summary: 'allow one more origin for a while',
    about: 'Allows a publishable key at one more origin for a while, at most 7 days: for a preview, say.',
    examples: ['mcpstack public-keys add-origin web https://preview.example.com --expires 12h'],
  })
    .argument('<key>', 'its id or name')
    .argument('<origin>', 'the origin')
    .requiredOption('--expires <time>', 'until when: a time, or 12h for 12 hours', (text) => timeAhead(text))
    .action(run(addOrigin));

  addVerb(noun, 'suspend', {
    summary: 'suspend a publishable key',
    about: 'Suspends a publishable key: no check finds it valid until it is resumed.',
    examples: ['mcpstack public-keys suspend web'],
  })
    .argument('<key>', 'its id or name')
    .action(run((context, key: string) => set(context, key, 'suspend')));

  addVerb(noun, 'resume', {
    summary: 'resume a suspended publishable key',
    about: 'Resumes a suspended publishable key.',
    examples: ['mcpstack public-keys resume web'],
  })
    .argument('<key>', 'its id or name')
    .action(run((context, key: string) => set(context, key, 'resume')));

  addVerb(noun, 'revoke', {
    summary: 'end a publishable key for good',
    about: 'Ends a publishable key, everywhere and for good. Asks first.',
    examples: ['mcpstack public-keys revoke web'],
  })
    .argument('<key>', 'its id or name')
    .action(run(revoke));
}

async function pathOf(context: Context, key: string): Promise<{ orgId: string; keyId: string }> {
  const orgId = await context.orgId();
  return { orgId, keyId: await publicKeyId(context, orgId, key) };
}

async function create(
  context: Context,
  options: CreateOptions,
  shown: (context: Context, key: PublicKey) => void,
): Promise<void> {
  const { name, agent, origin: origins, development, expires: expiresAt } = options;
  const orgId = await context.orgId();
  const body = {
    name,
    agentId: await agentId(context, orgId, agent),
    origins,
    ...(development && { development }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
  const params = { path: { orgId }, header: headersOf(options) };
  const { data } = await context.api.POST(KEYS, { params, body });
  shown(context, data);
  context.out.note(`For the page: mcpstack agents embed ${data.agentId} --key ${data.id}`);
}

async function update(
  context: Context,
  key: string,
  { name, keepOrigin: origins, ...write }: UpdateOptions,
): Promise<void> {
  const body = someOf({ name, origins });
  const params = { path: await pathOf(context, key), header: headersOf(write) };
  const { data } = await context.api.PATCH(KEY, { params, body });
  context.out.done(changed(data), { id: data.id, value: data });
}

async function addOrigin(
  context: Context,
  key: string,
  origin: string,
  { expires: expiresAt }: { expires: string },
): Promise<void> {
  const params = { path: await pathOf(context, key) };
  const body = { origin, expiresAt };
  const { data } = await context.api.POST(`${KEY}/temporary-origins`, { params, body });
  context.out.done(changed(data), { id: data.id, value: data });
}

async function set(context: Context, key: string, to: 'suspend' | 'resume'): Promise<void> {
  const params = { path: await pathOf(context, key) };
  const { data } = await context.api.POST(`${KEY}/${to}`, { params });
  const done = to === 'suspend' ? 'Suspended' : 'Resumed';
  context.out.done(`${done} ${named('publishable key', data)}.`, { id: data.id, value: data });
}

async function revoke(context: Context, key: string): Promise<void> {
  const path = await pathOf(context, key);
  await confirmed(context, async () => {
    const { data } = await context.api.GET(KEY, { params: { path } });
    return `Revoke ${named('publishable key', data)} for good? Pages of ${pagesOf(data)} stop working.`;
  });
  await context.api.DELETE(KEY, { params: { path } });
  context.out.done(`Revoked the publishable key ${path.keyId}.`, { id: path.keyId });
}

const changed = (key: PublicKey) =>
  `Changed ${named('publishable key', key)}: it works on pages of ${pagesOf(key)}.`;
const pagesOf = ({ origins }: PublicKey) => listed(origins.map(({ origin }) => origin));
