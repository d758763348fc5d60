/** `mcpstack-audit as-of`: which keys were valid and who could do what, at a moment. */
import { type Command } from 'commander';
import { Answers, type Holder, type KeyAt, type MemberAt, type OrganizationAt } from '../as-of/answer.ts';
import { foldUntil, type Past } from '../as-of/fold-until.ts';
import { questionOf, type AsOfOptions, type Question } from '../as-of/question.ts';
import { requireKnown, Sightings } from '../as-of/sightings.ts';
import { holderLines, keyFields, keyLines, memberLines, organizationLines } from '../as-of/show.ts';
import { type Context } from '../context.ts';
import { faultsIn, requireNoFaults } from '../replay/fold-log.ts';
import { type Found, type Run } from '../run.ts';
import { counted } from '../words.ts';

export function addAsOf(program: Command, run: Run): void {
  program
    .command('as-of')
    .description('Who could do what at a moment, and which keys were valid.')
    .argument('[time]', 'such as 2026-05-03T12:00:00Z, 2026-05-03 or now')
    .option('--organization <id>', 'in this organization alone')
    .option('--key <id>', 'this key')
    .option('--member <id>', 'this person, by user id')
    .option('--permission <noun:verb>', 'who could do this: servers:write')
    .option('--position <number>', 'up to this position of the log, instead of a time')
    .addHelpText('after', HELP)
    .action(run((context, time: string | undefined, options: AsOfOptions) => asOf(context, time, options)));
}

const HELP = `
Without a filter it tells the organizations; with --organization its members and
keys; with --permission the people and keys who could do it, with their role,
since when and why.

An event had happened at TIME when its recorded time is not after TIME, and
neither is that of any event before it in its stream. Recorded times are those
of the services' clocks, which differ a little: --position is exact. With it,
expiry is judged at TIME if that is given too, else at the time of the event
there.

A date is the beginning of that day in UTC. A time without its zone is refused.
A time that lies ahead is answered from the log as it stands, with expiry judged
at that time. Roles are told by what they may do today.

What a check depends on beyond the log is not told: limits and quotas, the
address and the page that a key was used from.

Examples:
  mcpstack-audit as-of 2026-05-03T12:00:00Z --permission servers:write
  mcpstack-audit as-of 2026-05-03 --organization org_… --json
  mcpstack-audit as-of now --key key_…`;

/** So many of a kind are shown to a person, and to a program. */
const MOST_SHOWN = 1_000;
const MOST_IN_JSON = 100_000;

async function asOf(context: Context, time: string | undefined, options: AsOfOptions): Promise<Found> {
  const { out, world, openLog } = context;
  const question = questionOf(time, options, world.now());
  const log = await openLog();
  const sightings = new Sightings(question);
  const past = await foldUntil(log, question.until, (event) => sightings.see(event));
  const at = question.moment ?? momentOf(past);
  const faults = faultsIn(past.fold, question.organization);
  const { last } = past.fold;
  const head = {
    time: at?.at,
    position: last?.position,
    lastEventAt: last?.metadata['at'],
    laterEvents: past.later,
    notes: question.notes,
    faults,
  };
  if (!last || !at) {
    const why = past.beganAt === undefined ? 'The log holds no event.' : beforeText(at?.at, past.beganAt);
    out.json({ ...head, existed: false, why });
    out.lines(...question.notes, why);
    return 'fine';
  }
  out.lines(...question.notes);
  out.lines(`As of ${at.at}, up to position ${last.position} (${counted(past.later, 'event')} later).`, '');
  const absent = requireKnown(question, past.fold.state, sightings);
  if (absent !== undefined) {
    out.json({ ...head, existed: false, why: absent });
    out.lines(absent);
  } else answer(context, head, question, new Answers(past, at.ms));
  requireNoFaults(faults);
  return 'fine';
}

/** Of a position: when the event there was recorded. */
function momentOf({ fold }: Past): Question['moment'] {
  const at = fold.last?.metadata['at'];
  return typeof at === 'string' ? { ms: Date.parse(at), at } : undefined;
}

function beforeText(at: string | undefined, beganAt: string): string {
  return `${at === undefined ? 'That' : at} is before the log began, ${beganAt}: nothing existed.`;
}

function answer(context: Context, head: object, question: Question, answers: Answers): void {
  const { organization, key, member, permission } = question;
  const most = context.out.isJson ? MOST_IN_JSON : MOST_SHOWN;
  if (permission !== undefined) {
    const holders = some(answers.holdersOf(permission), isAbout(question), most);
    tellHolders(context, { ...head, permission }, holders);
  } else if (organization === undefined && key === undefined && member === undefined)
    tellOrganizations(
      context,
      head,
      some(answers.organizations(), () => true, most),
    );
  else tellThings(context, head, question, answers);
}

function tellHolders({ out }: Context, head: { permission: string }, { items, more }: Some<Holder>): void {
  out.json({ ...head, holders: items, more });
  const all = (items.length + more).toLocaleString('en');
  out.lines(out.paint('bold', `Could do ${head.permission}: ${all}`));
  out.lines(...items.flatMap(holderLines), ...moreLines(more));
}

function tellOrganizations({ out }: Context, head: object, { items, more }: Some<OrganizationAt>): void {
  out.json({ ...head, organizations: items, more });
  showList({ out }, 'organization', { items, more }, organizationLines);
}

/** Of one organization its members and keys; of one key or one person that alone. */
function tellThings({ out }: Context, head: object, question: Question, answers: Answers): void {
  const { organization, key, member } = question;
  const isAlone = key !== undefined || member !== undefined;
  const most = out.isJson ? MOST_IN_JSON : MOST_SHOWN;
  const members = isAlone && member === undefined ? NONE : some(answers.members(), isAbout(question), most);
  const keys = isAlone && key === undefined ? NONE : some(answers.keys(), isAbout(question), most);
  const organizations = isAlone ? [] : answers.organizations().filter(({ id }) => id === organization);
  const more = members.more + keys.more;
  out.json({ ...head, organizations, members: members.items, keys: keys.items, more });
  out.lines(...organizations.flatMap(organizationLines));
  for (const one of key === undefined ? [] : keys.items) out.fields(keyFields(one));
  if (key === undefined || member !== undefined) showList({ out }, 'member', members, memberLines);
  if (!isAlone) showList({ out }, 'key', keys, keyLines);
}

interface Some<Item> {
  items: Item[];
  /** Beyond those. */
  more: number;
}
const NONE: Some<never> = { items: [], more: 0 };

function some<Item>(all: Iterable<Item>, isWanted: (item: Item) => boolean, most: number): Some<Item> {
  const found: Some<Item> = { items: [], more: 0 };
  for (const item of all) {
    if (!isWanted(item)) continue;
    if (found.items.length < most) found.items.push(item);
    else found.more += 1;
  }
  return found;
}

function showList<Item>(
  { out }: Pick<Context, 'out'>,
  noun: string,
  { items, more }: Some<Item>,
  linesOf: (item: Item) => string[],
): void {
  out.lines(out.paint('bold', counted(items.length + more, noun)));
  out.lines(...items.flatMap(linesOf), ...moreLines(more));
}

function moreLines(more: number): string[] {
  return more > 0 ? [`and ${more.toLocaleString('en')} more: --json lists up to 100,000.`] : [];
}

/** Whether something is of the organization, the key or the person that was asked about. */
function isAbout({ organization, key, member }: Question): (item: Holder | KeyAt | MemberAt) => boolean {
  return (item) => {
    if (organization !== undefined && item.organizationId !== organization) return false;
    const id = 'userId' in item ? item.userId : item.id;
    if (key === undefined && member === undefined) return true;
    return id === key || id === member;
  };
}
