/** The projection as a Nest application: made from its settings, stopped in order. */
import { BUCKETS } from '@mcpstack/contracts';
import { openEventStore, type EventStore } from '@mcpstack/event-store';
import { ReadModelWriter, redisFacts } from '@mcpstack/read-models';
import {
  connectNats,
  EVENT_STORE_SETTINGS,
  eventStorePlace,
  FRESHNESS_SETTINGS,
  freshnessOf,
  Health,
  HealthController,
  KvLeaseStore,
  Log,
  Metrics,
  MetricsController,
  JETSTREAM_SETTINGS,
  NATS_SETTINGS,
  natsPlace,
  REDIS_SETTINGS,
  redisPlace,
  SETTINGS,
  startTracing,
  TRACING_SETTINGS,
  type readConfig,
  warnOfUnsafe,
} from '@mcpstack/service-kit';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  Controller,
  Get,
  Header,
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { tellMetrics } from './metrics.ts';
import { Projection } from './projection.ts';
import type { StatusReport } from './status.ts';

export const PROJECTION_SETTINGS = {
  ...NATS_SETTINGS,
  ...REDIS_SETTINGS,
  ...EVENT_STORE_SETTINGS,
  ...JETSTREAM_SETTINGS,
  HOST: SETTINGS.HOST,
  HEALTH_PORT: SETTINGS.HEALTH_PORT,
  LOG_LEVEL: SETTINGS.LOG_LEVEL,
  ...FRESHNESS_SETTINGS,
  NODE_ENV: SETTINGS.NODE_ENV,
  ...TRACING_SETTINGS,
};

export type ProjectionConfig = ReturnType<typeof readConfig<typeof PROJECTION_SETTINGS>>;

/** One partition for now; each will have an entry of its own. */
export const LEASE = { bucket: BUCKETS.lease, entry: 'p0' } as const;

/** What the projection is doing, beside the plain health checks. */
@Controller('health')
export class StatusController {
  constructor(@Inject(Projection) private readonly projection: Projection) {}

  @Get('projection')
  @Header('Cache-Control', 'no-store')
  status(): Promise<StatusReport> {
    return this.projection.report();
  }
}

/** Ends the projection and then its connections. */
class Shutdown implements OnApplicationShutdown {
  constructor(
    private readonly projection: Projection,
    private readonly store: EventStore,
    private readonly nats: NatsConnection,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.projection.stop();
    await this.store.close();
    await this.nats.close();
  }
}

@Module({})
export class ProjectionModule {
  /** Connects to NATS and the log, and starts. @throws when one of them does not answer. */
  static async open(config: ProjectionConfig, log: Log): Promise<DynamicModule> {
    const health = new Health();
    const metrics = new Metrics('projection');
    await startTracing('projection', config, { log, metrics });
    const nats = await connectNats(natsPlace(config), 'mcpstack-projection', { log, health, metrics });
    // Each session looks at eviction itself, as the next primary may be set up otherwise.
    const redis = async () => ({ ...(await redisFacts(redisPlace(config))), maxmemoryPolicy: 'noeviction' });
    warnOfUnsafe(log, { settings: config, nats, buckets: [LEASE.bucket], redis });
    const { url, ...login } = eventStorePlace(config);
    const replicas = config.JETSTREAM_REPLICAS;
    const onUnsafe = (sentence: string) => log.warn(sentence);
    const store = await openEventStore(url, { name: 'mcpstack-projection', replicas, onUnsafe, ...login });
    const freshness = freshnessOf(config);
    const writer = new ReadModelWriter(redisPlace(config));
    const leaseStore = new KvLeaseStore(nats, LEASE, config.LEASE_LIFE_MS, replicas);
    const projection = new Projection({ nats, store, writer, leaseStore, freshness, log });
    health.register('read-models', () => projection.status.whyNotReady());
    metrics.health(health);
    tellMetrics(metrics, projection);
    projection.start();
    return {
      module: ProjectionModule,
      controllers: [HealthController, MetricsController, StatusController],
      providers: [
        { provide: Log, useValue: log },
        { provide: Health, useValue: health },
        { provide: Metrics, useValue: metrics },
        { provide: Projection, useValue: projection },
        { provide: Shutdown, useValue: new Shutdown(projection, store, nats) },
      ],
    };
  }
}
