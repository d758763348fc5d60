/** `mcpstack webhooks disable | enable | test | replay | deliveries`. */
import { plain, type Column } from '@mcpstack/terminal';
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type Field } from '../output.ts';
import { type Run } from '../run.ts';
import { type Answers } from './lists.ts';
import { webhookId } from './names.ts';
import { counted, show } from './shown.ts';
import { exactly, roughly } from './times.ts';
import { addVerb } from './verb.ts';

type Attempt = Answers['WebhookAttemptAnswer'];
type Progress = Answers['WebhookProgressAnswer'];

const WEBHOOK = '/api/v1/organizations/{orgId}/webhooks/{webhookId}';
const ATTEMPT: readonly Field<Attempt>[] = [
  { title: 'Message', of: ({ messageId }) => messageId },
  { title: 'Type', of: ({ type }) => type },
  { title: 'Answer', of: answerOf },
  { title: 'Took', of: ({ durationMs }) => `${durationMs} ms` },
];
const ATTEMPTS: readonly Column<Attempt>[] = [
  { title: 'When', of: ({ at }) => roughly(at) },
  { title: 'Type', of: ({ type }) => type },
  { title: 'About', of: ({ subject }) => subject?.id, priority: 3 },
  { title: 'Try', of: ({ attempt }) => `${attempt}`, priority: 4 },
  { title: 'Answer', of: answerOf },
  { title: 'Message', of: ({ messageId }) => messageId, priority: 5 },
];
const PROGRESS: readonly Field<Progress>[] = [
  { title: 'Told up to', of: ({ position }) => position },
  { title: 'Waiting', of: ({ waiting }) => counted(waiting, 'event') },
  { title: 'Failing since', of: ({ failingSince }) => exactly(failingSince) },
  { title: 'Next attempt', of: ({ nextAttemptAt }) => exactly(nextAttemptAt) },
  {
    title: 'Not told',
    of: ({ gap }) => gap && `events between ${gap.after} and ${gap.before}: no longer kept`,
  },
  {
    title: 'Told again',
    of: ({ replayed }) =>
      replayed && `after ${replayed.after}, ${exactly(replayed.at)}, by request ${replayed.requestId}`,
  },
];

export function addWebhookLife(noun: Command, run: Run): void {
  addVerb(noun, 'disable', {
    summary: 'stop telling a webhook',
    about: 'Stops telling a webhook, until it is enabled.',
    examples: ['mcpstack webhooks disable siem'],
  })
    .argument('<webhook>', 'its id or name')
    .action(run((context, webhook: string) => set(context, webhook, 'disable')));

  addVerb(noun, 'enable', {
    summary: 'go on telling a webhook',
    about: 'Goes on telling a webhook from where it stopped, whoever or whatever disabled it.',
    examples: ['mcpstack webhooks enable siem'],
  })
    .argument('<webhook>', 'its id or name')
    .action(run((context, webhook: string) => set(context, webhook, 'enable')));

  addVerb(noun, 'test', {
    summary: 'send a message now, and see what comes back',
    about:
      'Sends a message of type Ping now and says what the receiver answered. Ends with 1 where it was no success.',
    examples: ['mcpstack webhooks test siem'],
  })
    .argument('<webhook>', 'its id or name')
    .action(run(test));

  addVerb(noun, 'replay', {
    summary: 'tell a webhook again, from a position or a time',
    about:
      'Tells a webhook again what comes after a position of the log, or from a time on. It goes back only: what was not delivered yet is never skipped.',
    examples: [
      'mcpstack webhooks replay siem --position 1841',
      'mcpstack webhooks replay siem --time 2030-01-31T12:00:00Z',
    ],
  })
    .argument('<webhook>', 'its id or name')
    .option('--position <number>', 'of an event; what comes after it is told')
    .option('--time <time>', 'such as 2030-01-31T12:00:00Z')
    .action(run(replay));

  addVerb(noun, 'deliveries', {
    summary: 'what became of the latest messages',
    about: 'Shows how far a webhook has been told, and the latest attempts, newest first.',
    examples: ['mcpstack webhooks deliveries siem'],
  })
    .argument('<webhook>', 'its id or name')
    .action(run(deliveries));
}

/** `the webhook "siem" (whk_…)`. */
export function namedWebhook({ id, name, url }: Answers['WebhookAnswer']): string {
  return `the webhook "${plain(name ?? new URL(url).host)}" (${id})`;
}

async function pathOf(context: Context, webhook: string): Promise<{ orgId: string; webhookId: string }> {
  const orgId = await context.orgId();
  return { orgId, webhookId: await webhookId(context, orgId, webhook) };
}

async function set(context: Context, webhook: string, to: 'disable' | 'enable'): Promise<void> {
  const params = { path: await pathOf(context, webhook) };
  const { data } = await context.api.POST(`${WEBHOOK}/${to}`, { params });
  const done = to === 'disable' ? 'Disabled' : 'Enabled';
  context.out.done(`${done} ${namedWebhook(data)}.`, { id: data.id, value: data });
}

async function test(context: Context, webhook: string): Promise<void> {
  const path = await pathOf(context, webhook);
  const { data } = await context.api.POST(`${WEBHOOK}/test`, { params: { path } });
  show(context, data, ATTEMPT, { id: data.messageId });
  if (data.ok) return;
  // Told by the exit code as well, so that a script can wait for it.
  throw new CliError('failed', 'The message was not taken.', {
    code: 'not-delivered',
    next: `Look at the receiver, then: mcpstack webhooks test ${path.webhookId}`,
  });
}

async function replay(
  context: Context,
  webhook: string,
  { position, time }: { position?: string; time?: string },
): Promise<void> {
  if ((position === undefined) === (time === undefined))
    throw new CliError('usage', 'It is told again from one place.', {
      next: 'Pass --position or --time, one of the two.',
    });
  const path = await pathOf(context, webhook);
  const { data } = await context.api.POST(`${WEBHOOK}/replay`, {
    params: { path },
    body: position === undefined ? { time: time! } : { position },
  });
  show(context, data, PROGRESS, { id: path.webhookId });
}

async function deliveries(context: Context, webhook: string): Promise<void> {
  const { out, options } = context;
  const path = await pathOf(context, webhook);
  const { data } = await context.api.GET(`${WEBHOOK}/deliveries`, { params: { path } });
  if (options.json) return out.item(data, []);
  if (!options.quiet) show(context, data.progress, PROGRESS);
  await out.list(data.data, ATTEMPTS, { empty: 'Nothing was sent yet.', id: ({ messageId }) => messageId });
}

function answerOf({ ok, status, reason }: Attempt): string {
  return ok ? `${status}` : (reason ?? `${status}`);
}
