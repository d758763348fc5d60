/** Logs on one real NATS server, each of a spec's own, and checkpointers on them. */
import { randomUUID } from 'node:crypto';
import {
  chained,
  chainEnd,
  openEventStore,
  type ChainEnd,
  type EventStore,
  type NewEvent,
} from '@mcpstack/event-store';
import { Log } from '@mcpstack/service-kit';
import { startNats, waitFor, type LocalServer } from '@mcpstack/testing';
import { parseVkey, type Verifier } from '@mcpstack/tlog';
import { Checkpointer, type CheckpointerOptions } from '../src/checkpointer.ts';
import { newKey, signersOf, type KeyFile } from '../src/key-file.ts';
import { audit, type Signed } from './oracle.ts';

let logs = 0;

/** A log of its own. */
export class World {
  readonly keys: KeyFile = { keys: [newKey('first')] };
  /** All that the checkpointers logged. */
  logged = '';
  readonly #running: Checkpointer[] = [];
  readonly #started: Checkpointer[] = [];
  readonly #ends = new Map<string, ChainEnd>();

  private constructor(
    readonly store: EventStore,
    readonly logId: string,
  ) {}

  static async open(server: LocalServer): Promise<World> {
    const store = await openEventStore(server.url, { streamName: `spec_${(logs += 1)}` });
    return new World(store, await store.logId());
  }

  async close(): Promise<void> {
    // Those that wait for a dead log are told, and not waited for.
    for (const one of this.#started) void one.stop();
    await Promise.all(this.#running.map((one) => one.stop()));
    await this.store.close();
  }

  get origin(): string {
    return `mcpstack-keys/${this.logId}`;
  }

  verifiers(keys = this.keys): Verifier[] {
    return signersOf(keys, this.origin).map(({ vkey }) => parseVkey(vkey));
  }

  /** Appends so many events, in appends of at most a hundred, to streams of keys. */
  async grow(count: number, options: { at?: string; stream?: string } = {}): Promise<void> {
    for (let left = count; left > 0; left -= 100) {
      const stream = options.stream ?? `key-key_${randomUUID().replaceAll('-', '')}`;
      await this.append(stream, Math.min(left, 100), options);
    }
  }

  async append(
    stream: string,
    count: number,
    { at = new Date().toISOString(), type = 'KeyRenamed', data }: Partial<NewEvent> & { at?: string } = {},
  ): Promise<bigint> {
    const events = Array.from({ length: count }, (_, n) => ({
      id: randomUUID(),
      type,
      data: data ?? { name: `n${n}` },
      metadata: { at, actor: { type: 'user', id: 'user_1' }, schemaVersion: 1 },
    }));
    const end = this.#ends.get(stream);
    const written = chained(stream, end, events);
    const { revision, position } = await this.store.append(stream, end?.revision ?? 'no_stream', written);
    this.#ends.set(stream, chainEnd({ ...written.at(-1)!, stream, revision }));
    return position;
  }

  /** Ended with the spec. */
  start(options: Partial<CheckpointerOptions> & { keys?: KeyFile } = {}): Checkpointer {
    const checkpointer = this.startUnstoppable(options);
    this.#running.push(checkpointer);
    return checkpointer;
  }

  /** One whose log may never answer again. */
  startUnstoppable(options: Partial<CheckpointerOptions> & { keys?: KeyFile }): Checkpointer {
    const { keys = this.keys, ...more } = options;
    const checkpointer = new Checkpointer({
      store: this.store,
      logId: this.logId,
      origin: this.origin,
      signers: signersOf(keys, this.origin),
      log: new Log('checkpointer', 'debug', { write: (line: string) => void (this.logged += line) }),
      intervalMs: 60_000,
      ...more,
    });
    this.#started.push(checkpointer);
    checkpointer.start();
    return checkpointer;
  }

  /** The checkpoints, once these many events are covered. */
  async covered(checkpointer: Checkpointer, size: number, timeoutMs = 60_000): Promise<Signed[]> {
    await waitFor(() => checkpointer.status().size >= size, {
      timeoutMs,
      what: `${size} events to be covered (${JSON.stringify(checkpointer.status())})`,
    });
    return audit(this.store);
  }

  async ready(checkpointer: Checkpointer): Promise<void> {
    await waitFor(() => checkpointer.trouble() === undefined, { what: 'the checkpointer to be ready' });
  }
}

/** A log with some of its methods replaced. */
export function storeWith(store: EventStore, changes: Partial<EventStore>): EventStore {
  return {
    append: (...args) => store.append(...args),
    readStream: (...args) => store.readStream(...args),
    subscribe: (options) => store.subscribe(options),
    head: (options) => store.head(options),
    logId: (options) => store.logId(options),
    originId: (options) => store.originId(options),
    truncate: (...args) => store.truncate(...args),
    close: () => store.close(),
    ...changes,
  };
}

export { startNats, waitFor, type LocalServer };
