/** `mcpstack-audit replay`: folds the whole log, says what it comes to, and compares that with Redis if asked. */
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { AuditError } from '../errors.ts';
import { type AuditedLog } from '../log.ts';
import type { Comparison } from '../replay/comparer.ts';
import { differenceLines } from '../replay/differences.ts';
import { faultLines, faultsOf, foldLog, requireNoFaults } from '../replay/fold-log.ts';
import { countsText, numberText, summaryOf, type Summary } from '../replay/summary.ts';
import { type Found, type Run } from '../run.ts';

interface ReplayOptions {
  compare?: boolean;
  redis?: string;
}

export function addReplay(program: Command, run: Run): void {
  program
    .command('replay')
    .description('Fold the whole log from its first event, and say what it comes to.')
    .option('--compare', 'compare that with the read models in Redis, record by record')
    .option('--redis <url>', 'where the read models are: redis://host:6379; REDIS_URL if absent')
    .addHelpText('after', HELP)
    .action(run((context, options: ReplayOptions) => replay(context, options)));
}

const HELP = `
The fold is a second one: it shares with the services nothing but the schemas of
the events. So a fault in either is a difference that --compare names.

--compare looks at every record, list and index of the generation in force, at
the position that Redis had reached at that very moment: a log or a Redis that
grows meanwhile is no difference. It changes nothing in Redis.

Exit code 1: a difference, or an event that cannot stand where it stands.
Exit code 3: an event of a type or version that this mcpstack-audit does not
know. It is named, and its stream is not told from there on.

Examples:
  mcpstack-audit replay
  mcpstack-audit replay --compare --redis redis://localhost:6379
  mcpstack-audit replay --json | jq .types`;

async function replay(context: Context, options: ReplayOptions): Promise<Found> {
  const { out } = context;
  const redisUrl = options.redis ?? context.world.env['REDIS_URL'];
  if (options.compare && !redisUrl)
    throw new AuditError('usage', 'No Redis is named.', {
      next: 'Set REDIS_URL, or pass --redis redis://host:6379. After "npm start" it stands in .mcpstack/local.json.',
    });
  if (options.redis !== undefined && !options.compare)
    throw new AuditError('usage', '--redis is for --compare alone.', { next: 'Add --compare.' });
  const log = await context.openLog();
  const compared = options.compare ? await comparedWith(context, log, redisUrl!) : undefined;
  const fold = compared?.fold ?? (await foldLog(log));
  const [summary, faults] = [summaryOf(fold), faultsOf(fold)];
  const comparison = compared?.comparison;
  out.json({ logId: log.id, ...summary, faults, ...(comparison && { comparison }) });
  show(context, log.id, summary);
  if (faults.length > 0) out.lines('', out.paint('red', 'Not told to their end:'), ...faultLines(faults));
  if (comparison) showComparison(context, comparison);
  requireNoFaults(faults);
  return comparison && comparison.differences > 0 ? 'wrong' : 'fine';
}

/** The client of Redis is read for this alone: every other start would pay for it. */
async function comparedWith(context: Context, log: AuditedLog, redisUrl: string) {
  const { compare } = await import('../replay/compare.ts');
  return compare(context, log, redisUrl);
}

function show({ out }: Context, logId: string, summary: Summary): void {
  const { first, last } = summary;
  const at = (place: Summary['first']) => place && `${place.at}, position ${place.position}`;
  out.fields([
    ['Log', logId],
    ['Events', numberText(summary.events)],
    ['First', at(first)],
    ['Last', at(last)],
    ['Without a link', unchainedText(summary)],
    ['Organizations', countsText(summary.organizations)],
    ['Members', countsText(summary.members)],
    ['Invitations', countsText(summary.invitations)],
    ['Agents', countsText(summary.agents)],
    ['Domains', countsText(summary.domains)],
    ['Servers', countsText(summary.servers)],
    ['Service keys', countsText(summary.serviceKeys)],
    ['Publishable keys', countsText(summary.publishableKeys)],
    ['Profiles', numberText(summary.profiles)],
    ['Uses of keys', numberText(summary.uses)],
  ]);
  const types = Object.entries(summary.types);
  if (types.length === 0) return;
  out.lines('');
  out.table(types, [
    { title: 'Type', of: ([type]) => type },
    { title: 'Events', of: ([, count]) => numberText(count) },
  ]);
}

/** Of events that follow another one in their stream. */
function unchainedText({ unchained }: Summary): string {
  if (unchained === 0) return 'none';
  return `${numberText(unchained)} (older than the chain, unless verify objects)`;
}

function showComparison({ out }: Context, comparison: Comparison): void {
  const { generation, position, names, cells, differences, listed } = comparison;
  out.lines('');
  out.fields([
    ['Redis', `${generation}, compared up to position ${position}`],
    ['Compared', `${numberText(names)} names, ${numberText(cells)} fields`],
  ]);
  if (differences === 0) {
    out.lines(out.paint('green', 'Redis holds what the log says, and nothing else.'));
    return;
  }
  out.lines(out.paint('red', `${numberText(differences)} differences:`), ...differenceLines(listed));
  const more = differences - listed.length;
  if (more > 0) out.lines(`  and ${numberText(more)} more`);
}
