/** `mcpstack-audit history`: everything that happened to somebody or something, in words. */
import { type Paint } from '@mcpstack/terminal';
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { AuditError } from '../errors.ts';
import { gather, type Gathered, type Happened, type Use } from '../history/gather.ts';
import { Subject } from '../history/subject.ts';
import { positionOf } from '../positions.ts';
import { type Found, type Run } from '../run.ts';
import { counted, wrapped } from '../words.ts';

export function addHistory(program: Command, run: Run): void {
  program
    .command('history')
    .description('Everything that happened to a key, a person, an organization, in words.')
    .argument('<id>', 'key_…, user_…, org_…, agent_…, srv_…, whk_…, inv_… or dom_…')
    .option('--after <position>', 'only what comes after this position, such as that of the last one shown')
    .addHelpText('after', HELP)
    .action(run((context, id: string, options: { after?: string }) => history(context, id, options)));
}

const HELP = `
In the order of the log, each with its time, who did it, by which request, and
what else came of the same request: what led to it, or what it led to.

Of a key also what was done with it, and how often it was used. Of a person what
they did and what was done to them, without anything personal: names are shown
of people whose profile still stands. Of an organization all that is in it.

At most 10,000 events are told at a time, the first ones. Where more come, it
says so, and from where to go on; use is counted over the whole log each time.

Examples:
  mcpstack-audit history key_…
  mcpstack-audit history org_… --after 123456 --json
  mcpstack-audit history user_… --json`;

/** Of one event so many others are named. */
const MOST_OTHERS = 5;

async function history(context: Context, id: string, options: { after?: string }): Promise<Found> {
  const { out, openLog } = context;
  const subject = Subject.of(id);
  const after = options.after === undefined ? undefined : positionOf(options.after, '--after');
  const log = await openLog();
  const found = await gather(log, subject, after === undefined ? {} : { after });
  const { events, use, unknown, invalid, relatedCut } = found;
  const isAll = after === undefined;
  const isNothing = events.length + unknown.length + invalid.length === 0 && use === undefined;
  if (isAll && isNothing) throw unknownId(id);
  const name = found.names.get(id);
  out.json({
    ...{ id, kind: subject.kind, ...(name !== undefined && { name }), events: events.map(named(found)) },
    ...{ more: moreOf(found), relatedCut, use, unknown, invalid },
  });
  const title = name === undefined ? id : `${id} ${JSON.stringify(name)}`;
  out.lines(
    ...wrapped(
      `${title}: ${counted(events.length + found.more, 'event')}${isAll ? '' : ` after position ${after}`}`,
    ).map((line) => out.paint('bold', line)),
  );
  for (const event of events) out.lines(...linesOf(event, subject, found, out.paint));
  out.lines(...cutLines(found));
  if (use) out.lines('', ...wrapped(useText(use, subject)));
  requireAllRead(found);
  return 'fine';
}

/** How many come after those that are told, and from where they are told. */
function moreOf({ events, more }: Gathered): { events: number; after: string } | null {
  return more === 0 ? null : { events: more, after: events.at(-1)!.position };
}

function cutLines(found: Gathered): string[] {
  const more = moreOf(found);
  return [
    ...(more
      ? ['', ...wrapped(`${counted(more.events, 'event')} more: go on with --after ${more.after}.`)]
      : []),
    ...(found.relatedCut
      ? ['', ...wrapped('Of the same requests not all other events are named: there are too many.')]
      : []),
  ];
}

function linesOf(event: Happened, subject: Subject, found: Gathered, paint: Paint): string[] {
  const { at, what, requestId, position } = event;
  const of = event.subject.id === subject.id ? '' : `, ${event.subject.id}`;
  const [first, ...more] = wrapped(`${at} ${what}${of}`, { hanging: '  ' });
  const others = event.with
    .slice(0, MOST_OTHERS)
    .map((one) => `${one.what}, ${one.subject.id}, position ${one.position}`);
  const rest = event.with.length - others.length;
  return [
    // The time, apart from the words.
    paint('bold', first!.slice(0, at.length)) + first!.slice(at.length),
    ...more,
    ...wrapped(`by ${actorText(event, found)}; request ${requestId}; position ${position}`, DETAIL),
    ...others.flatMap((text) => wrapped(`with: ${text}`, DETAIL)),
    ...(rest > 0 ? [`    and ${counted(rest, 'event')} more of that request`] : []),
  ];
}

const DETAIL = { indent: '    ', hanging: '      ' };

function actorText({ actor: { type, id } }: Happened, { names }: Gathered): string {
  const name = type === 'user' ? names.get(id) : undefined;
  if (type === 'system') return `the system (${id})`;
  return name === undefined ? id : `${id} ${JSON.stringify(name)}`;
}

/** For programs: who did it, by name where that may be shown. */
function named({ names }: Gathered): (event: Happened) => object {
  return (event) => {
    const name = event.actor.type === 'user' ? names.get(event.actor.id) : undefined;
    return name === undefined ? event : { ...event, actor: { ...event.actor, name } };
  };
}

function useText({ count, firstAt, lastAt }: Use, { kind }: Subject): string {
  const times = count === 1 ? 'once' : `${count.toLocaleString('en')} times`;
  const whose = kind === 'organization' ? 'Its keys were used' : 'It was used';
  return `${whose} ${times}, from ${firstAt} to ${lastAt}.`;
}

function unknownId(id: string): AuditError {
  return new AuditError('usage', `The log says nothing of ${id}.`, {
    code: 'unknown-id',
    next: 'Check the id, and that --log is the log of that deployment.',
  });
}

/** An event that cannot be read may have been about it: then the history is not known to be whole. */
function requireAllRead({ unknown, invalid }: Gathered): void {
  const [first] = unknown;
  if (first)
    throw new AuditError(
      'unknown',
      `The log holds an event that this version does not know: ${first.place}.`,
      {
        code: 'unknown-event',
        next: 'Use the mcpstack-audit of the version that runs, or a newer one: it may be about this, and is not told here.',
      },
    );
  if (invalid.length > 0)
    throw new AuditError('wrong', `An event of it is not as it must be: ${invalid[0]}.`, {
      code: 'invalid-event',
      next: '"mcpstack-audit verify" tells whether the log was changed.',
    });
}
