/** `mcpstack webhooks`: where the audit events of an organization are sent to. */
import { ALL_EVENT_TYPES, AUDIT_EVENT_TYPES } from '@mcpstack/contracts';
import { type Column } from '@mcpstack/terminal';
import { InvalidArgumentError, type Command } from 'commander';
import { type Context } from '../context.ts';
import { type Field } from '../output.ts';
import { type Run } from '../run.ts';
import { webhooks, type Answers } from './lists.ts';
import { webhookId } from './names.ts';
import { confirmed, ORIGIN, show } from './shown.ts';
import { durationMs, exactly, roughly } from './times.ts';
import { meant, several } from './values.ts';
import { addVerb } from './verb.ts';
import { addWebhookLife, namedWebhook } from './webhook-life.ts';
import { headersOf, someOf, withIdempotencyKey, withIfRevision, type WriteOptions } from './write-options.ts';

type Webhook = Answers['WebhookAnswer'];
type EventType = Webhook['eventTypes'][number];
interface WebhookOptions extends WriteOptions {
  name?: string;
  url?: string;
  event?: EventType[];
}
interface RotateOptions extends WriteOptions {
  /** Milliseconds. */
  keepOld?: number;
}

const WEBHOOKS = '/api/v1/organizations/{orgId}/webhooks';
const WEBHOOK = '/api/v1/organizations/{orgId}/webhooks/{webhookId}';
const NEXT = 'Give it to the receiver, which checks each message with it.';

const COLUMNS: readonly Column<Webhook>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name, priority: 2 },
  { title: 'URL', of: ({ url }) => url, priority: 3 },
  { title: 'State', of: stateOf },
  { title: 'Events', of: ({ eventTypes }) => typesOf(eventTypes), priority: 4 },
];
const FIELDS: readonly Field<Webhook>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name },
  { title: 'URL', of: ({ url }) => url },
  {
    title: 'Events',
    of: ({ eventTypes }) => (eventTypes[0] === ALL_EVENT_TYPES ? 'all' : eventTypes.join(', ')),
  },
  { title: 'State', of: stateOf },
  { title: 'Disabled', of: ({ disabledAt }) => exactly(disabledAt) },
  { title: 'Failing since', of: ({ failingSince }) => exactly(failingSince) },
  { title: 'Secrets', of: ({ secrets }) => secrets.map(secretOf).join(', ') },
  ...ORIGIN,
];

export function addWebhooks(program: Command, run: Run): void {
  const noun = program
    .command('webhooks')
    .summary('send audit events to a service of yours')
    .description(
      'Manages where the audit events of the organization are sent to: signed, in order, again until they are taken.',
    );

  addVerb(noun, 'list', {
    summary: 'list the webhooks',
    about: 'Lists the webhooks of the organization.',
    examples: ['mcpstack webhooks list'],
  }).action(
    run(async (context) => {
      await context.out.list(webhooks(context, await context.orgId()), COLUMNS, {
        empty: 'There is no webhook yet. "mcpstack webhooks create --url <url>" makes one.',
      });
    }),
  );

  addVerb(noun, 'show', {
    summary: 'show a webhook',
    about: 'Shows a webhook.',
    examples: ['mcpstack webhooks show siem'],
  })
    .argument('<webhook>', 'its id or name')
    .action(run(async (context, webhook: string) => show(context, await read(context, webhook), FIELDS)));

  withIdempotencyKey(
    withTypes(
      addVerb(noun, 'create', {
        summary: 'make a webhook',
        about:
          'Makes a webhook and prints the secret that messages are signed with, this once, alone on stdout. It is told of what happens from now on.',
        examples: [
          'mcpstack webhooks create --url https://siem.example.com/hooks/mcpstack --name siem',
          'mcpstack webhooks create --url https://ops.example.com/keys --event KeyExpiring,KeyRevoked',
        ],
      })
        .requiredOption('--url <url>', 'where messages are sent to, over https')
        .option('--name <name>', 'what people call it'),
    ),
  ).action(run(create));

  withIfRevision(
    withTypes(
      addVerb(noun, 'update', {
        summary: 'change a webhook',
        about: 'Changes the name, the address or the events of a webhook.',
        examples: ["mcpstack webhooks update siem --event '*'"],
      })
        .argument('<webhook>', 'its id or name')
        .option('--name <name>', 'the new name')
        .option('--url <url>', 'the new address'),
    ),
  ).action(run(update));

  withIdempotencyKey(
    addVerb(noun, 'rotate-secret', {
      summary: 'give a webhook a new secret',
      about:
        'Gives a webhook a new secret and prints it, this once, alone on stdout. Messages are also signed with the present one for a day, unless an option says otherwise.',
      examples: ['mcpstack webhooks rotate-secret siem --keep-old 1h'],
    })
      .argument('<webhook>', 'its id or name')
      .option('--keep-old <duration>', 'how long the present one signs too: 0s to 7d', durationMs),
  ).action(run(rotate));

  addVerb(noun, 'remove', {
    summary: 'remove a webhook',
    about: 'Removes a webhook. Asks first.',
    examples: ['mcpstack webhooks remove siem'],
  })
    .argument('<webhook>', 'its id or name')
    .action(run(remove));

  addWebhookLife(noun, run);
}

function withTypes(command: Command): Command {
  return command.option(
    '--event <types>',
    "types of audit events, with commas between them; '*' for all",
    several(typeOf),
  );
}

function typeOf(text: string): EventType {
  const types = [ALL_EVENT_TYPES, ...AUDIT_EVENT_TYPES];
  if (types.includes(text)) return text as EventType;
  throw new InvalidArgumentError(`There is no such type of event.${meant(text, types)}`);
}

async function pathOf(context: Context, webhook: string): Promise<{ orgId: string; webhookId: string }> {
  const orgId = await context.orgId();
  return { orgId, webhookId: await webhookId(context, orgId, webhook) };
}

async function read(context: Context, webhook: string): Promise<Webhook> {
  const path = await pathOf(context, webhook);
  return (await context.api.GET(WEBHOOK, { params: { path } })).data;
}

async function create(context: Context, { name, url, event, ...write }: WebhookOptions): Promise<void> {
  const path = { orgId: await context.orgId() };
  const { data } = await context.api.POST(WEBHOOKS, {
    params: { path, header: headersOf(write) },
    body: { url: url!, ...(name !== undefined && { name }), ...(event && { eventTypes: event }) },
  });
  shown(context, data, `Created ${namedWebhook(data)}`);
}

async function update(
  context: Context,
  webhook: string,
  { name, url, event, ...write }: WebhookOptions,
): Promise<void> {
  const body = someOf({ name, url, eventTypes: event });
  const path = await pathOf(context, webhook);
  const { data } = await context.api.PATCH(WEBHOOK, { params: { path, header: headersOf(write) }, body });
  context.out.done(`Changed ${namedWebhook(data)}.`, { id: data.id, value: data });
}

async function rotate(
  context: Context,
  webhook: string,
  { keepOld, ...write }: RotateOptions,
): Promise<void> {
  const path = await pathOf(context, webhook);
  const { data } = await context.api.POST(`${WEBHOOK}/rotate-secret`, {
    params: { path, header: headersOf(write) },
    body: keepOld === undefined ? {} : { previous: { validForSeconds: Math.ceil(keepOld / 1_000) } },
  });
  const [old] = data.secrets.filter(({ validUntil }) => validUntil !== undefined);
  const end = old
    ? `the secret before signs too and ends ${roughly(old.validUntil)}`
    : 'the one before has ended';
  shown(context, data, `Rotated the secret of ${namedWebhook(data)}; ${end}`);
}

async function remove(context: Context, webhook: string): Promise<void> {
  const path = await pathOf(context, webhook);
  await confirmed(context, async () => `Remove ${namedWebhook(await read(context, path.webhookId))}?`);
  await context.api.DELETE(WEBHOOK, { params: { path } });
  context.out.done(`Removed the webhook ${path.webhookId}.`, { id: path.webhookId });
}

/** The secret, alone, once; or why there is none to show. */
function shown({ out }: Context, webhook: Answers['CreatedWebhookAnswer'], done: string): void {
  const another = `mcpstack webhooks rotate-secret ${webhook.id}`;
  if (webhook.secret !== undefined) {
    if (!out.isJson) out.note(`${done}.`);
    return out.secret(webhook, { label: 'Its secret', next: NEXT, another });
  }
  out.done(`${done}. Its secret was shown before; for a new one: ${another}`, {
    id: webhook.id,
    value: webhook,
  });
}

function stateOf({ state, disabledReason }: Webhook): string {
  return disabledReason === undefined ? state : `${state}, ${disabledReason}`;
}

function typesOf(types: readonly string[]): string {
  return types[0] === ALL_EVENT_TYPES ? 'all' : types.length === 1 ? types[0]! : `${types.length} types`;
}

function secretOf({ version, validUntil }: Webhook['secrets'][number]): string {
  return validUntil === undefined ? `${version}` : `${version} until ${exactly(validUntil)}`;
}
