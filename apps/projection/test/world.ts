/** Real NATS, Redis and log, projections on them, and an independent fold to compare with. */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CONFIRM_SUBJECT,
  KEYS_OF_MAKER_SUBJECT,
  newId,
  permissionsOf,
  REBUILD_SUBJECT,
  type Actor,
  type ApiKey,
  type ConfirmReply,
  type ConfirmRequest,
  type FreshnessSettings,
  type KeysOfMakerReply,
  type KeysOfMakerRequest,
} from '@mcpstack/contracts';
import { evolveKey, keyCodec, noKey, streamName, type KeyState, type ServiceKey } from '@mcpstack/domain';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import { startNats, startRedis, type LocalServer, type LocalServerOptions } from '@mcpstack/local-servers';
import { openReadModels, ReadModelWriter, type ReadModels } from '@mcpstack/read-models';
import { connectNats, KvLeaseStore, Log, type LeaseStore } from '@mcpstack/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import { LEASE } from '../src/projection.module.ts';
import { Projection } from '../src/projection.ts';

/** Small enough for tests: Δ 100 ms, T 800 ms, L 600 ms. */
export const FRESHNESS: FreshnessSettings = { deltaMs: 100, stampLifeMs: 800, leaseLifeMs: 600 };

/** Who makes what these specs make. */
export const MAKER: Actor = { type: 'user', id: 'user_1' };

export interface Key {
  id: string;
  stream: string;
  digest: string;
  organizationId: string;
}

export interface ProjectOptions {
  leaseStore?: LeaseStore;
  redisUrl?: string;
  /** What stands between the projection and its log. */
  through?: (log: EventStore) => EventStore;
}

export class World {
  readonly lines: string[] = [];
  readonly #projections: { projection: Projection; nats: NatsConnection; store: EventStore }[] = [];
  #models: ReadModels[] = [];

  private constructor(
    readonly natsServer: LocalServer,
    readonly redis: LocalServer,
    readonly nats: NatsConnection,
    readonly store: EventStore,
    readonly freshness: FreshnessSettings,
  ) {}

  static async start(freshness = FRESHNESS, log: LocalServerOptions = {}): Promise<World> {
    const [natsServer, redis] = await Promise.all([startNats(log), startRedis()]);
    const nats = await connectNats(natsServer.url, 'test');
    return new World(natsServer, redis, nats, await openEventStore(natsServer.url), freshness);
  }

  /** A projection in this process, with connections of its own. */
  async project(options: ProjectOptions = {}): Promise<Projection> {
    const { redisUrl = this.redis.url, through = (log) => log } = options;
    const nats = await connectNats(this.natsServer.url, 'test-projection');
    const store = through(await openEventStore(this.natsServer.url));
    const log = new Log('projection', 'info', { write: (line) => void this.lines.push(line) });
    const writer = new ReadModelWriter({ url: redisUrl, timeoutMs: 1_000 });
    const leaseStore = options.leaseStore ?? new KvLeaseStore(nats, LEASE, this.freshness.leaseLifeMs);
    const projection = new Projection({ nats, store, writer, leaseStore, freshness: this.freshness, log });
    this.#projections.push({ projection, nats, store });
    projection.start();
    return projection;
  }

  read(url = this.redis.url): ReadModels {
    const models = openReadModels({ url, freshness: this.freshness, timeoutMs: 1_000 });
    this.#models.push(models);
    return models;
  }

  async stop(): Promise<void> {
    for (const { projection, nats, store } of this.#projections) {
      await projection.stop();
      await store.close();
      await nats.close();
    }
    await Promise.all(this.#models.map((models) => models.close()));
    await this.store.close();
    await this.nats.close();
    await Promise.all([this.natsServer.stop(), this.redis.stop()]);
  }

  /** Stops the projection that was started first of those that still run. */
  async stopFirst(): Promise<void> {
    await this.#projections.find(({ projection }) => !projection.stopped)?.projection.stop();
  }

  /** Log lines that contain the text. */
  logged(text: string): Record<string, unknown>[] {
    return this.lines
      .filter((line) => line.includes(text))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async append(
    stream: string,
    revision: bigint,
    type: string,
    data: object,
    { schemaVersion = 1, actor = MAKER }: { schemaVersion?: number; actor?: Actor } = {},
  ): Promise<bigint> {
    const metadata = {
      $correlationId: `request-of-${type}`,
      $causationId: randomUUID(),
      actor,
      at: new Date().toISOString(),
      schemaVersion,
      requestDigest: 'd'.repeat(64),
    };
    const event = { id: randomUUID(), type, data: data as Record<string, unknown>, metadata };
    const expected = revision < 0n ? 'no_stream' : revision;
    return (await this.store.append(stream, expected, [event])).position;
  }

  async createOrganization(): Promise<string> {
    const organizationId = newId('organization');
    const data = { organizationId, name: 'Acme', ownerId: newId('user') };
    await this.append(streamName('organization', organizationId), -1n, 'OrganizationCreated', data);
    return organizationId;
  }

  async createKey(organizationId: string, actor = MAKER): Promise<Key & { position: bigint }> {
    const id = newId('key');
    const digest = createHash('sha256').update(id).digest('hex');
    const stream = streamName('key', id);
    const credential = { digest, pepperVersion: 1 };
    const data = { keyId: id, organizationId, kind: 'service', name: 'CI', role: 'developer', credential };
    const position = await this.append(stream, -1n, 'KeyCreated', data, { actor });
    return { id, stream, digest, organizationId, position };
  }

  rename(key: Key, revision: bigint, name: string): Promise<bigint> {
    return this.append(key.stream, revision, 'KeyRenamed', { name });
  }

  revoke(key: Key, revision = 0n): Promise<bigint> {
    return this.append(key.stream, revision, 'KeyRevoked', { reason: 'requested' });
  }

  async confirm(position: bigint, need: ConfirmRequest['need'], timeoutMs = 10_000): Promise<ConfirmReply> {
    const request: ConfirmRequest = { position: `${position}`, need, timeoutMs };
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      try {
        const reply = await this.nats.request(CONFIRM_SUBJECT, JSON.stringify(request), {
          timeout: timeoutMs + 500,
        });
        const answer = reply.json<ConfirmReply>();
        if (answer.confirmed || performance.now() > deadline) return answer;
      } catch (error) {
        // No projection is active yet, or NATS is away.
        if (performance.now() > deadline) throw error;
      }
      await sleep(20);
    }
  }

  async keysOfMaker(request: KeysOfMakerRequest): Promise<KeysOfMakerReply> {
    const timeout = request.timeoutMs + 500;
    return (await this.nats.request(KEYS_OF_MAKER_SUBJECT, JSON.stringify(request), { timeout })).json();
  }

  async rebuild(): Promise<{ started: boolean; generation?: string; reason?: string }> {
    return (await this.nats.request(REBUILD_SUBJECT, '{}', { timeout: 30_000 })).json();
  }

  /** The keys as the domain itself folds them: no code of the read models takes part. */
  async foldOfKeys(): Promise<Map<string, ApiKey>> {
    const states = new Map<string, { state: KeyState; revision: bigint }>();
    const head = await this.store.head();
    const stop = new AbortController();
    for await (const event of this.store.subscribe({ signal: stop.signal, categories: ['key'] })) {
      const before = states.get(event.stream)?.state ?? noKey;
      const state = evolveKey(before, keyCodec.decode(event));
      states.set(event.stream, { state, revision: event.revision });
      if (event.position >= head) break;
    }
    stop.abort();
    return new Map(
      [...states].map(([stream, { state, revision }]) => {
        if (state.status === 'none' || state.kind !== 'service')
          throw new Error(`${stream} has no service key`);
        return [state.id, shown(state, revision)];
      }),
    );
  }

  /** Throws unless every key of the log reads as the domain folds it. Returns how many. */
  async expectFold(models: ReadModels): Promise<number> {
    const fold = await this.foldOfKeys();
    for (const [id, expected] of fold)
      expect((await models.getKey(expected.organizationId, id)).value).toEqual(expected);
    return fold.size;
  }
}

function shown({ status, ...key }: ServiceKey, revision: bigint): ApiKey {
  const { id, organizationId, kind, name, role, tags, createdAt, createdBy } = key;
  return {
    id,
    organizationId,
    kind,
    name,
    role,
    permissions: permissionsOf(role, key.permissions),
    tags,
    state: status,
    secrets: key.secrets.map((secret) => ({ version: secret.version, createdAt: secret.createdAt })),
    createdAt,
    createdBy,
    ...(key.revokedAt && { revokedAt: key.revokedAt }),
    ...(key.revocationReason && { revocationReason: key.revocationReason }),
    revision: `${revision}`,
  };
}

/** Polls until the condition holds. */
export async function until<Value>(
  what: string,
  probe: () => Promise<Value | undefined | false> | Value | undefined | false,
  timeoutMs = 60_000,
): Promise<Value> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await sleep(10);
  }
}

/** What an authorizer would answer VALID to, by the rules of G3 and G4. */
export async function isValid(models: ReadModels, key: Key): Promise<boolean> {
  try {
    const reading = await models.findByDigests([key.digest]);
    const { value } = reading;
    if (value.status !== 'found' || value.key.state !== 'active') return false;
    return reading.trusted && performance.now() < reading.freshUntilMs;
  } catch {
    return false;
  }
}
