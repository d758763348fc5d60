/**
 * A log that each test writes anew, shown by read models of its own: for the questions that they answer. To import it
 * sets the tests of a spec up.
 */
import { createClient } from '@redis/client';
import { startRedis, type LocalServer } from '@mcpstack/local-servers';
import {
  openReadModels,
  type Page,
  type PageRequest,
  type ReadModels,
  type Reading,
  type WriteSession,
} from '../src/index.ts';
import { MemoryLog } from './log.ts';
import { FRESHNESS, until, writeLog } from './world.ts';

export const DAY_MS = 24 * 60 * 60 * 1_000;

export let models: ReadModels;
/** Of the Redis that they read. */
export let client: ReturnType<typeof createClient>;
export let log: MemoryLog;
/** The first organization in the log, and its owner. */
export let organizationId: string;
export let ownerId: string;

let redis: LocalServer;
let session: WriteSession | undefined;

beforeAll(async () => {
  redis = await startRedis();
  client = createClient({ url: redis.url });
  await client.connect();
  models = openReadModels({ url: redis.url, freshness: FRESHNESS });
  await until('connected', () => Promise.resolve(models.state().connected));
});
afterAll(async () => {
  session?.end();
  await models.close();
  client.destroy();
  await redis.stop();
});
beforeEach(() => {
  log = new MemoryLog();
  ({ id: organizationId, ownerId } = log.createOrganization());
});

/** Makes the log what the read models show. */
export async function publish(): Promise<void> {
  session?.end();
  // A generation of a longer log would stay in force.
  await client.flushAll();
  session = await writeLog(redis.url, log);
}

/** All items of a list, page by page. */
export async function all<Item>(read: (page: PageRequest) => Promise<Reading<Page<Item>>>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 100; pages += 1) {
    const page: Page<Item> = (await read({ limit: 3, ...(cursor !== undefined && { cursor }) })).value;
    items.push(...page.items);
    if (page.nextCursor === undefined) return items;
    cursor = page.nextCursor;
  }
  throw new Error('the pages have no end');
}

export function ids(items: readonly { id: string }[]): string[] {
  return items.map(({ id }) => id);
}
