/** `mcpstack api-keys bulk-revoke | import`: many keys at once. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { ApiProblem } from '@mcpstack/api-client';
import { type Command } from 'commander';
import { type Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type Run } from '../run.ts';
import { plain, type Column } from '@mcpstack/terminal';
import { filterOf, withFilter, type FilterOptions } from './api-key-terms.ts';
import { type Answers } from './lists.ts';
import { confirmed, counted } from './shown.ts';
import { exactly, roughly } from './times.ts';
import { addVerb } from './verb.ts';

type BulkKey = Answers['BulkKeyAnswer'];
type Result = Answers['ImportResultAnswer'] & { line: number };

const KEYS = '/api/v1/organizations/{orgId}/api-keys';
const COLUMNS: readonly Column<BulkKey>[] = [
  { title: 'Id', of: ({ id }) => id },
  { title: 'Name', of: ({ name }) => name },
  { title: 'Last used', of: ({ lastUsedAt }) => roughly(lastUsedAt) },
];
const RESULTS: readonly Column<Result>[] = [
  { title: 'Line', of: ({ line }) => String(line) },
  { title: 'Result', of: ({ status }) => status },
  { title: 'Id', of: ({ key }) => key?.id },
  { title: 'Why', of: ({ problem }) => whyOf(problem) },
];
/** What one request of the API takes. */
const MOST_LINES = 1_000;
/** How many are named in a question. */
const SHOWN = 10;
const DAY_MS = 86_400_000;
const HELP = 'See "mcpstack api-keys import --help".';
const nameOf = (file: string) => (file === '-' ? 'stdin' : plain(file));

export function addApiKeyBulk(noun: Command, run: Run): void {
  withFilter(
    addVerb(noun, 'bulk-revoke', {
      summary: 'end many service keys at once',
      about:
        'Ends every service key in force that meets all of the options given, for good. Lists them and asks first; --dry-run only lists them.',
      examples: [
        'mcpstack api-keys bulk-revoke --unused-since 90d --dry-run',
        'mcpstack api-keys bulk-revoke --tag team:payments',
      ],
    }),
  )
    .option('--dry-run', 'only list what would be ended')
    .action(run(bulkRevoke));

  addVerb(noun, 'import', {
    summary: 'take over keys of another make',
    about:
      'Takes over keys of another make, which go on working under their old secrets. The file is JSON, a list of {"name", "role", "digest", …} with the fields of the API. "digest" is the SHA-256 of the old secret; where "token" holds the secret itself, it is digested here and not sent. Whatever is refused is told with its line; what is there already is not made twice.',
    examples: ['mcpstack api-keys import keys.json', 'jq -s . *.json | mcpstack api-keys import -'],
  })
    .argument('<file>', 'the file; - reads stdin')
    .action(run(importKeys));
}

async function bulkRevoke(
  context: Context,
  { dryRun, ...options }: FilterOptions & { dryRun?: true },
): Promise<void> {
  if (Object.keys(options).length === 0)
    throw new CliError('usage', 'Say which keys are meant.', {
      next: 'Pass at least one option, such as --tag or --unused-since.',
    });
  if (options.unusedSince !== undefined && Date.parse(options.unusedSince) > Date.now() - DAY_MS)
    throw new CliError('usage', '--unused-since is less than a day ago: keys in daily use would end.', {
      next: 'Give 1d or more.',
    });
  const orgId = await context.orgId();
  const filter = await filterOf(context, orgId, options);
  const params = { path: { orgId } };
  const find = async () =>
    (await context.api.POST(`${KEYS}/bulk-revoke`, { params, body: { filter, dryRun: true } })).data;
  if (dryRun) {
    const { keys, count, more } = await find();
    if (more && keys.length === 0) throw incomplete([]);
    await context.out.list(keys, COLUMNS, { empty: 'No service key is like this.' });
    if (more) context.out.note(`There are more than these ${count}.`);
    return;
  }
  await confirmed(context, async () => questionFor(context, await find(), options));
  await revokeAll(context, params, filter);
}

/** What would end is listed before it is asked. */
function questionFor(
  { world }: Context,
  { keys, count, more }: Answers['BulkRevokeAnswer'],
  { unusedSince }: FilterOptions,
): string {
  const lines = keys.slice(0, SHOWN).map(({ id, name }) => `  ${id}  ${plain(name)}`);
  if (count > SHOWN) lines.push(`  and ${count - SHOWN} others`);
  world.stderr.write(lines.map((line) => `${line}\n`).join(''));
  const which = unusedSince === undefined ? '' : `, not used since ${exactly(unusedSince)},`;
  return `Revoke ${more ? 'more than ' : ''}${counted(count, 'service key')}${which} for good?`;
}

/** The API ends a part at a time and says when there are more. */
async function revokeAll(
  context: Context,
  params: { path: { orgId: string } },
  filter: FilterOptions,
): Promise<void> {
  const ended: BulkKey[] = [];
  const failure = await endAll(ended, async () => {
    return (await context.api.POST(`${KEYS}/bulk-revoke`, { params, body: { filter } })).data;
  });
  // What has ended is told in any case: it has ended for good.
  if (!failure || ended.length > 0 || context.out.isJson)
    await context.out.list(ended, COLUMNS, { empty: 'No service key is like this: nothing was revoked.' });
  if (failure) throw failure;
  if (ended.length > 0) context.out.note(`Revoked ${counted(ended.length, 'service key')}.`);
}

/** Why not all could be ended. @throws what the first part fails with: nothing was done then. */
async function endAll(
  ended: BulkKey[],
  part: () => Promise<Answers['BulkRevokeAnswer']>,
): Promise<CliError | undefined> {
  for (;;) {
    try {
      const { keys, more } = await part();
      ended.push(...keys);
      if (!more) return undefined;
      if (keys.length === 0) return incomplete(ended);
    } catch (error) {
      if (ended.length === 0) throw error;
      return incomplete(ended, error);
    }
  }
}

function incomplete(ended: readonly BulkKey[], cause?: unknown): CliError {
  const why = cause instanceof ApiProblem ? ` (${cause.detail})` : '';
  const count = counted(ended.length, 'service key');
  return new CliError('failed', `Not all keys were reached: ${count} so far, and there may be more${why}.`, {
    code: 'incomplete',
    next: 'Run the same command again: it goes on with those that are left.',
    requestId: cause instanceof ApiProblem ? cause.requestId : undefined,
    cause,
  });
}

async function importKeys(context: Context, file: string): Promise<void> {
  const lines = linesOf(await textIn(context, file), file);
  const params = { path: { orgId: await context.orgId() } };
  const results: Result[] = [];
  for (let from = 0; from < lines.length; from += MOST_LINES) {
    const keys = lines.slice(from, from + MOST_LINES);
    const { data } = await context.api.POST(`${KEYS}/import`, { params, body: { keys } });
    results.push(...data.results.map((result, index) => ({ ...result, line: from + index + 1 })));
  }
  await context.out.list(results, RESULTS, {
    empty: 'There is no key in it.',
    id: ({ key }) => key?.id,
  });
  const refused = results.filter(({ status }) => status === 'refused').length;
  if (refused > 0)
    throw new CliError('failed', `${refused} of ${counted(results.length, 'line')} were refused.`, {
      code: 'lines-refused',
      next: 'Correct them and import the file again: what is there already is not made twice.',
    });
}

async function textIn(context: Context, file: string): Promise<string> {
  if (file === '-') return textOf(context.world.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('usage', `${plain(file)} cannot be read.`, {
      next: 'Check its path and who may read it.',
      cause,
    });
  }
}

type Line = Answers['ImportedKeyBody'];

function linesOf(text: string, file: string): Line[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, in which secrets stand.
    throw new CliError('usage', `${nameOf(file)} is no JSON.`, { next: HELP });
  }
  const lines = Array.isArray(value) ? value : (value as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(lines))
    throw new CliError('usage', `${nameOf(file)} holds no list of keys.`, { next: HELP });
  return lines.map(withoutToken);
}

/** A secret is digested before anything leaves. What else is wrong with a line, the API tells. */
function withoutToken(line: unknown): Line {
  const { token, ...rest } = Object(line) as Line & { token?: unknown };
  if (typeof token !== 'string') return rest;
  return { ...rest, digest: createHash('sha256').update(token).digest('hex') };
}

function whyOf(problem: Answers['Problem'] | undefined): string {
  if (!problem) return '';
  return problem.errors?.map(({ field, message }) => `${field} ${message}`).join(', ') ?? problem.detail;
}
