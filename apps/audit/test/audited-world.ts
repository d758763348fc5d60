/** A log and read models of it, for the specs of what an auditor compares. */
import { openEventStore, type EventStore, type RecordedEvent } from '@mcpstack/event-store';
import { startNats, startRedis, type LocalServer } from '@mcpstack/local-servers';
import { applyEvents, ReadModelWriter, type Generation, type WriteSession } from '@mcpstack/read-models';

export class AuditedWorld {
  readonly #revisions = new Map<string, bigint>();
  /** As the log has them. */
  readonly #events: RecordedEvent[] = [];
  #applied = 0;

  private constructor(
    readonly nats: LocalServer,
    readonly redis: LocalServer,
    readonly store: EventStore,
    readonly session: WriteSession,
    readonly generation: Generation,
  ) {}

  static async start(): Promise<AuditedWorld> {
    const [nats, redis] = await Promise.all([startNats(), startRedis()]);
    const store = await openEventStore(nats.url);
    const session = await new ReadModelWriter({ url: redis.url }).begin();
    const generation = await session.build(await store.logId());
    await session.switchTo(generation);
    return new AuditedWorld(nats, redis, store, session, generation);
  }

  get env(): NodeJS.ProcessEnv {
    return { EVENT_STORE_URL: this.nats.url, REDIS_URL: this.redis.url };
  }

  /** Appends these to the log, each at the end of its stream. */
  async append(events: readonly RecordedEvent[]): Promise<void> {
    for (const { stream, id, type, data, metadata } of events) {
      const before = this.#revisions.get(stream);
      const event = { id, type, data, metadata };
      const { revision, position } = await this.store.append(stream, before ?? 'no_stream', [event]);
      this.#revisions.set(stream, revision);
      this.#events.push({ ...event, stream, revision, position });
    }
  }

  /** Brings the read models on by so many events; to the end if absent. */
  async project(most = Infinity, generation = this.generation): Promise<void> {
    const events = this.#events.slice(this.#applied, this.#applied + most);
    this.#applied += events.length;
    const readStream = (stream: string, from: bigint) => this.store.readStream(stream, { from });
    for (let at = 0; at < events.length; at += 64)
      await applyEvents(this.session, generation, events.slice(at, at + 64), readStream);
  }

  get left(): number {
    return this.#events.length - this.#applied;
  }

  async stop(): Promise<void> {
    this.session.end();
    await this.store.close();
    await Promise.all([this.nats.stop(), this.redis.stop()]);
  }
}
