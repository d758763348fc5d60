/** `mcpstack events`: what happened in the organization, as it is kept and as it comes; and the history of one key. */
import {
  AUDIT_EVENT_TYPES,
  describeEvent,
  isAuditEventType,
  type AuditEvent,
  type AuditEventType,
} from '@mcpstack/contracts';
import { plain, type Column } from '@mcpstack/terminal';
import { InvalidArgumentError, type Command } from 'commander';
import { type Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type Run } from '../run.ts';
import { followEvents } from './follow-events.ts';
import { events, keyEvents, type Answers, type EventQuery } from './lists.ts';
import { apiKeyId, memberId } from './names.ts';
import { actor } from './shown.ts';
import { exactly, roughly, timeBack } from './times.ts';
import { meant, several, wholeNumber } from './values.ts';
import { addVerb } from './verb.ts';

type Event = Answers['EventAnswer'];

/** So many are shown where nothing says how far back to look; and before what comes, with --follow. */
const DEFAULT_LAST = 100;
const LAST_BEFORE_FOLLOWING = 10;
const MOST = 100_000;

const COLUMNS: readonly Column<Event>[] = [
  { title: 'When', of: ({ at }) => roughly(at) },
  { title: 'Who', of: (event) => actor(event.actor) },
  { title: 'What', of: wordsOf },
  { title: 'Subject', of: ({ subject }) => subject.id, priority: 2 },
];

interface ListOptions {
  type?: readonly AuditEventType[];
  actor?: string;
  subject?: string;
  since?: string;
  until?: string;
  last?: number;
  follow?: true;
}

export function addEvents(program: Command, run: Run): void {
  const noun = program
    .command('events')
    .summary('read what happened')
    .description(
      'Reads what happened in the organization: who did what to which key, member, agent, server. It takes the permission audit:read, which admins and owners have.',
    );

  addVerb(noun, 'list', {
    summary: 'list what happened',
    about: `Lists what happened, newest first: the last ${DEFAULT_LAST} events, or all since a time. With --follow in the order of the log, and what comes from now on, until Ctrl-C.`,
    examples: [
      'mcpstack events list',
      'mcpstack events list --type KeyRevoked,KeyExposed --since 30d',
      'mcpstack events list --actor ada@example.com --since 2026-05-03T12:00:00+02:00',
      'mcpstack events list --follow --json | while read -r event; do …; done',
    ],
  })
    .option('--type <types>', 'only these, such as KeyRevoked', several(typeOf))
    .option('--actor <actor>', 'only what they did: a member by id, e-mail or name, a key by id')
    .option('--subject <id>', 'only what is about this key, agent, server, member, …')
    .option('--since <time>', 'only from then on: 90d, 2030-01-31T12:00:00Z', (text: string) =>
      timeBack(text),
    )
    .option('--until <time>', 'only before then', (text: string) => timeBack(text))
    .option('--last <count>', 'at most so many, the newest', wholeNumber({ least: 1, most: MOST }))
    .option('--follow', 'go on with what comes; with --json a line of JSON for each')
    .action(run(list));
}

export function addKeyHistory(noun: Command, run: Run): void {
  addVerb(noun, 'history', {
    summary: 'tell what happened to a key',
    about:
      'Tells what happened to a key, oldest first: when, what, by whom. A publishable key is taken by its id. It takes the permission audit:read.',
    examples: ['mcpstack api-keys history ci-smoke-prod'],
  })
    .argument('<key>', 'its id or name')
    .action(run(history));
}

async function list(context: Context, options: ListOptions): Promise<void> {
  const { since, last, follow } = options;
  if (follow && options.until !== undefined)
    throw new CliError('usage', 'What comes has no end: give --follow or --until, not both.');
  const orgId = await context.orgId();
  const query = await queryOf(context, orgId, options);
  if (follow) {
    const shown = { last: last ?? LAST_BEFORE_FOLLOWING, isSince: since !== undefined && last === undefined };
    return followEvents(context, orgId, query, { ...shown, lineOf });
  }
  const most = last ?? (since === undefined ? DEFAULT_LAST : MOST);
  const all: Event[] = [];
  let isCut = false;
  for await (const event of events(context, orgId, query)) {
    isCut = all.length === most;
    if (isCut) break;
    all.push(event);
  }
  await context.out.list(all, COLUMNS, { empty: 'Nothing has happened that fits.' });
  if (isCut) context.out.note(`These are the newest ${most}. For more: --last, or --since a time.`);
}

async function queryOf(
  context: Context,
  orgId: string,
  { type, actor: who, subject, since, until }: ListOptions,
): Promise<EventQuery> {
  return {
    ...(type && { type: [...new Set(type)] }),
    ...(who !== undefined && { actor: await actorOf(context, orgId, who) }),
    ...(subject !== undefined && { subject }),
    ...(since !== undefined && { from: since }),
    ...(until !== undefined && { to: until }),
  };
}

/** Parts of the system have names of one word; keys have ids; people have ids, addresses and names. */
function actorOf(context: Context, orgId: string, text: string): string | Promise<string> {
  const isKnown = /^key_[0-9A-Za-z]+$/.test(text) || SYSTEM.includes(text);
  return isKnown ? text : memberId(context, orgId, text);
}
const SYSTEM = ['authorizer', 'checkpointer', 'gateway', 'issuance', 'scheduler', 'setup', 'webhooks'];

function typeOf(text: string): AuditEventType {
  if (isAuditEventType(text)) return text;
  throw new InvalidArgumentError(`There is no such event.${meant(text, AUDIT_EVENT_TYPES)}`);
}

/** @returns the event in words. One that this version does not know is told by its name. */
function wordsOf(event: Event): string {
  return isAuditEventType(event.type) ? describeEvent(event as unknown as AuditEvent) : event.type;
}

/** One event on one line, for what comes. */
function lineOf(event: Event): string {
  const at = event.at.slice(0, 19).replace('T', ' ');
  return plain(`${at}  ${actor(event.actor)}  ${wordsOf(event)}  (${event.subject.id})`);
}

async function history(context: Context, key: string): Promise<void> {
  const { out, options, world } = context;
  const orgId = await context.orgId();
  const all: Event[] = [];
  for await (const event of keyEvents(context, orgId, await apiKeyId(context, orgId, key))) all.push(event);
  if (options.json || options.quiet || all.length === 0)
    return out.list(all, COLUMNS, { empty: 'Nothing of it is kept any more.' });
  // Words are never cut short here: an auditor reads all of them.
  for (const event of all) {
    world.stdout.write(`${exactly(event.at)}, by ${plain(actor(event.actor))}\n`);
    world.stdout.write(`  ${plain(wordsOf(event))}\n`);
  }
}
