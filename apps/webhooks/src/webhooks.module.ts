/** The webhooks service as a Nest application: made from its settings, drained when it stops. */
import { createHash, randomUUID } from 'node:crypto';
import {
  BUCKETS,
  QUEUE_GROUPS,
  WEBHOOK_SUBJECTS,
  type Actor,
  type CheckWebhookUrlReply,
  type CheckWebhookUrlRequest,
  type WebhookDisableReason,
} from '@mcpstack/contracts';
import { openReadModels, redisFacts, type ReadModels, type WatchedWebhook } from '@mcpstack/read-models';
import {
  CommandClient,
  connectNats,
  dnsServers,
  freshnessOf,
  Health,
  HealthController,
  KvLeaseStore,
  Lease,
  Log,
  Metrics,
  MetricsController,
  natsPlace,
  onShutdown,
  readWebhookKeys,
  redisPlace,
  serveJson,
  startTracing,
  tellTrust,
  warnOfUnsafe,
} from '@mcpstack/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import { Active } from './active.ts';
import { ReadModelsFeed } from './delivery/feed.ts';
import { send, targetProblem, type SendSettings } from './delivery/send.ts';
import { StateStore } from './delivery/state-store.ts';
import { deliveryMetrics, tellMetrics } from './metrics.ts';
import type { WebhooksSettings } from './settings.ts';
import { traced } from './traces.ts';

const NAME = 'mcpstack-webhooks';
const ACTOR: Actor = { type: 'system', id: 'webhooks' };
const LEASE = { bucket: BUCKETS.webhookLease, entry: 'p0' } as const;

@Module({})
export class WebhooksModule {
  /** Connects to NATS and begins; Redis and issuance may come later. @throws when NATS does not answer. */
  static async open(settings: WebhooksSettings, log: Log): Promise<DynamicModule> {
    const keys = readWebhookKeys(settings.WEBHOOK_KEY_FILE);
    const health = new Health();
    const metrics = new Metrics('webhooks');
    await startTracing('webhooks', settings, { log, metrics });
    const nats = await connectNats(natsPlace(settings), NAME, { log, health, metrics });
    warnOfUnsafe(log, {
      settings,
      nats,
      buckets: [BUCKETS.webhooks, LEASE.bucket],
      redis: () => redisFacts(redisPlace(settings)),
    });
    const client = new CommandClient(natsPlace(settings), `${NAME}-commands`);
    await client.connect();
    const models = openModels(settings, log);
    health.register('read-models', () => {
      const { trusted, reason } = models.state();
      return trusted ? undefined : (reason ?? 'not trusted');
    });
    const sending = sendSettings(settings);
    const { JETSTREAM_REPLICAS: replicas } = settings;
    const active = new Active({
      ...{ nats, log, models, keys },
      feed: new ReadModelsFeed(models),
      store: new StateStore(nats, replicas),
      lease: leaseOf(settings, new KvLeaseStore(nats, LEASE, settings.LEASE_LIFE_MS, replicas), log),
      post: (url, parts, signal) => send(url, parts, sending, signal),
      disable: disableWith(client),
      backOff: { firstMs: settings.WEBHOOK_RETRY_MS },
      disableAfterMs: settings.WEBHOOK_DISABLE_AFTER_MS,
      pollMs: settings.WEBHOOK_POLL_MS,
      ...traced(deliveryMetrics(metrics)),
    });
    metrics.health(health);
    metrics.readModels(models);
    tellMetrics(metrics, active);
    const checks = serveJson(nats, log, WEBHOOK_SUBJECTS.checkUrl, (request) => checkUrl(request, sending), {
      queue: QUEUE_GROUPS.webhooks,
    });
    // Served once the server knows of it: whoever is told that we are ready is answered.
    await nats.flush();
    const close = async (): Promise<void> => {
      await Promise.all([checks.close(), active.stop()]);
      await client.close();
      await models.close();
      await nats.close();
    };
    return {
      module: WebhooksModule,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: Log, useValue: log },
        { provide: Health, useValue: health },
        { provide: Metrics, useValue: metrics },
        { provide: Active, useValue: active },
        onShutdown(close),
      ],
    };
  }
}

function leaseOf({ LEASE_LIFE_MS }: WebhooksSettings, store: KvLeaseStore, log: Log): Lease {
  return new Lease(store, {
    freshness: { leaseLifeMs: LEASE_LIFE_MS },
    holder: randomUUID(),
    nowMs: () => performance.now(),
    onError: (error) => log.debug('the lease was not written', { err: error }),
  });
}

function openModels(settings: WebhooksSettings, log: Log): ReadModels {
  return openReadModels({
    ...redisPlace(settings),
    freshness: freshnessOf(settings),
    name: NAME,
    onState: tellTrust(log),
  });
}

function sendSettings(settings: WebhooksSettings): SendSettings {
  return {
    timeoutMs: settings.WEBHOOK_TIMEOUT_MS,
    local: settings.WEBHOOK_ALLOW_PRIVATE === 'true',
    dnsServers: dnsServers(settings),
  };
}

/** Told before a webhook is made or moved, so that whoever does it learns at once what is wrong. */
async function checkUrl(request: unknown, sending: SendSettings): Promise<CheckWebhookUrlReply> {
  const { url } = (request ?? {}) as Partial<CheckWebhookUrlRequest>;
  const problem = await targetProblem(typeof url === 'string' ? url : '', sending);
  return problem === undefined ? {} : { problem };
}

/** A new id for each try: the decision is idempotent, and the same may be due again later. */
function disableWith(client: CommandClient) {
  return async (
    { organizationId, id: webhookId }: WatchedWebhook,
    reason: WebhookDisableReason,
    since: string,
  ): Promise<void> => {
    const commandId = randomUUID();
    const input = { organizationId, webhookId, reason, since };
    const requestDigest = createHash('sha256').update(JSON.stringify(input)).digest('hex');
    const requestId = `webhooks-${commandId}`;
    await client.send('disableWebhook', { commandId, requestId, actor: ACTOR, requestDigest, input });
  };
}
