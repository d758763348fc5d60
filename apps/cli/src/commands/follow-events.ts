/** Events as they come: asked for again and again, each shown once and in order, until the command is ended. */
import { setTimeout as pause } from 'node:timers/promises';
import { ApiProblem } from '@mcpstack/api-client';
import { plain } from '@mcpstack/terminal';
import { type Context } from '../context.ts';
import { eventPage, type Answers, type EventQuery } from './lists.ts';

type Event = Answers['EventAnswer'];

/** Between two looks that found nothing more. */
const EVERY_MS = 2_000;
const MOST_AT_ONCE = 100;

export interface Following {
  /** How many of those that are there already are shown first. */
  last: number;
  /** All of them, as far as the query goes back. */
  isSince: boolean;
  lineOf: (event: Event) => string;
}

/** Never ends by itself; Ctrl-C ends the process with 130. @throws ApiProblem for what will not pass. */
export async function followEvents(
  context: Context,
  orgId: string,
  query: EventQuery,
  { last, isSince, lineOf }: Following,
): Promise<void> {
  const show = (event: Event): void =>
    context.world.stdout.write(`${textOf(context, event, lineOf)}\n`) as never;
  let after = isSince ? undefined : await showLast(context, orgId, { query, last, show });
  for (;;) {
    const page = await nextPage(context, orgId, { ...query, ...(after !== undefined && { after }) });
    if (page) {
      const { droppedBefore, position } = page;
      if (after !== undefined && droppedBefore !== undefined && BigInt(droppedBefore) > BigInt(after) + 1n)
        context.out.warn('There were more events than are kept: some may be missing here.');
      page.data.forEach(show);
      after = position ?? after;
    }
    if (page?.nextCursor === undefined) await pause(EVERY_MS);
  }
}

/** @returns the position after which to go on. */
async function showLast(
  context: Context,
  orgId: string,
  { query, last, show }: { query: EventQuery; last: number; show: (event: Event) => void },
): Promise<string | undefined> {
  const found: Event[] = [];
  let position: string | undefined;
  let cursor: string | undefined;
  do {
    const limit = Math.min(MOST_AT_ONCE, last - found.length);
    const page = await eventPage(context, orgId, {
      ...query,
      limit,
      ...(cursor !== undefined && { cursor }),
    });
    position ??= page.position;
    found.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== undefined && found.length < last);
  found.toReversed().forEach(show);
  return position;
}

/** `undefined` while the API is away: who follows waits for it. */
async function nextPage(
  context: Context,
  orgId: string,
  query: EventQuery,
): Promise<Answers['EventList'] | undefined> {
  try {
    return await eventPage(context, orgId, { ...query, order: 'oldest', limit: MOST_AT_ONCE });
  } catch (error) {
    const isPassing =
      error instanceof ApiProblem && (error.status === 0 || error.status === 429 || error.status >= 500);
    if (!isPassing) throw error;
    context.out.warn('The API cannot be reached; trying again.');
    return undefined;
  }
}

function textOf({ options }: Context, event: Event, lineOf: (event: Event) => string): string {
  if (options.json) return JSON.stringify(event);
  return options.quiet ? plain(event.id) : lineOf(event);
}
