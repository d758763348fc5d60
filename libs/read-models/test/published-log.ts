/** A log that each test writes anew, shown by read models of its own: for the questions that they answer. */
import { createClient } from 'redis';
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

export class PublishedLog {
  log = new MemoryLog();
  #session: WriteSession | undefined;

  private constructor(
    readonly models: ReadModels,
    private readonly redis: LocalServer,
    private readonly flush: () => Promise<unknown>,
    private readonly disconnect: () => void,
  ) {}

  static async start(): Promise<PublishedLog> {
    const redis = await startRedis();
    const client = createClient({ url: redis.url });
    await client.connect();
    const models = openReadModels({ url: redis.url, freshness: FRESHNESS });
    await until('connected', () => Promise.resolve(models.state().connected));
    return new PublishedLog(
      models,
      redis,
      () => client.flushAll(),
      () => client.destroy(),
    );
  }

  /** Makes the log what the read models show. */
  async publish(): Promise<void> {
    this.#session?.end();
    // A generation of a longer log would stay in force.
    await this.flush();
    this.#session = await writeLog(this.redis.url, this.log);
  }

  get url(): string {
    return this.redis.url;
  }

  async stop(): Promise<void> {
    this.#session?.end();
    await this.models.close();
    this.disconnect();
    await this.redis.stop();
  }
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
