/** The scheduler as a Nest application: made from its settings, drained when it stops. */
import { BUCKETS } from '@mcpstack/contracts';
import { openReadModels, redisFacts, type ReadModels } from '@mcpstack/read-models';
import {
  anyAddress,
  CommandClient,
  connectNats,
  dnsServers,
  Health,
  HealthController,
  Log,
  Metrics,
  MetricsController,
  natsPlace,
  onlyPublic,
  freshnessOf,
  onShutdown,
  redisPlace,
  tellTrust,
  warnOfUnsafe,
} from '@mcpstack/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import { serveChecks } from './domain-check/check-service.ts';
import { DomainChecks } from './domain-check/domain-checks.ts';
import { LastLooks } from './domain-check/last-looks.ts';
import { lookWith, type LookSettings } from './domain-check/look.ts';
import { Rounds } from './domain-check/rounds.ts';
import { KeyExpiry } from './key-expiry/key-expiry.ts';
import { schedulerMetrics } from './metrics.ts';
import { repeat } from './repeat.ts';
import { type SchedulerSettings } from './settings.ts';
import { SystemCommands } from './system-commands.ts';

const NAME = 'mcpstack-scheduler';
/** How many times its interval a last look is remembered. */
const KEPT_INTERVALS = 7;
const LEAST_KEPT_MS = 60 * 60 * 1_000;

/** What a spec may put in the place of a part. */
export interface SchedulerParts {
  models?: ReadModels;
  look?: Partial<LookSettings>;
  claimLifeMs?: number;
}

@Module({})
export class SchedulerModule {
  /** Connects to NATS and begins; Redis and issuance may come later. @throws when NATS does not answer. */
  static async open(
    settings: SchedulerSettings,
    log: Log,
    parts: SchedulerParts = {},
  ): Promise<DynamicModule> {
    const health = new Health();
    const metrics = new Metrics('scheduler');
    const nats = await connectNats(natsPlace(settings), NAME, { log, health, metrics });
    warnOfUnsafe(log, {
      settings,
      nats,
      buckets: [BUCKETS.domainChecks],
      ...(!parts.models && { redis: () => redisFacts(redisPlace(settings)) }),
    });
    const client = new CommandClient(natsPlace(settings), `${NAME}-commands`);
    await client.connect();
    const models = parts.models ?? openModels(settings, log);
    health.register('read-models', () => {
      const { trusted, reason } = models.state();
      return trusted ? undefined : (reason ?? 'not trusted');
    });

    metrics.health(health);
    metrics.readModels(models);
    const { onCheck, onTried, noted } = schedulerMetrics(metrics, models);
    const commands = new SystemCommands(client);
    const rhythm = {
      recheckMs: settings.DOMAIN_RECHECK_MS,
      pendingRecheckMs: settings.PENDING_DOMAIN_RECHECK_MS,
    };
    const looks = new LastLooks(nats, {
      replicas: settings.JETSTREAM_REPLICAS,
      keepMs: Math.max(KEPT_INTERVALS * rhythm.recheckMs, LEAST_KEPT_MS),
      ...(parts.claimLifeMs !== undefined && { claimLifeMs: parts.claimLifeMs }),
    });
    const look = lookWith({ ...lookSettings(settings), ...parts.look });
    const checks = new DomainChecks({ look, models, commands, log, onCheck });
    const rounds = new Rounds({ models, looks, checks, rhythm, log });
    const expiry = new KeyExpiry({ models, commands, log, onTried });

    const service = await serveChecks(nats, { models, checks, looks, rounds, log });
    const repeating = [
      repeat({
        intervalMs: settings.KEY_EXPIRY_POLL_MS,
        work: noted('key-expiry', (signal) => expiry.poll(signal)),
        onError: said(log, 'what is due of keys was not recorded'),
      }),
      repeat({
        intervalMs: settings.DOMAIN_POLL_MS,
        work: noted('domain-checks', (signal) => rounds.run(signal)),
        onError: said(log, 'a round of the domains was not finished'),
      }),
    ];
    const close = async (): Promise<void> => {
      await Promise.all([service.stop(), ...repeating.map((work) => work.stop())]);
      await client.close();
      await models.close();
      await nats.close();
    };
    return {
      module: SchedulerModule,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: Log, useValue: log },
        { provide: Health, useValue: health },
        { provide: Metrics, useValue: metrics },
        onShutdown(close),
      ],
    };
  }
}

function openModels(settings: SchedulerSettings, log: Log): ReadModels {
  return openReadModels({
    ...redisPlace(settings),
    freshness: freshnessOf(settings),
    name: NAME,
    onState: tellTrust(log),
  });
}

function lookSettings(settings: SchedulerSettings): LookSettings {
  const servers = dnsServers(settings);
  return {
    scheme: settings.DOMAIN_CHECK_SCHEME,
    mayConnectTo: settings.DOMAIN_CHECK_ALLOW_PRIVATE === 'true' ? anyAddress : onlyPublic,
    ...(settings.DOMAIN_CHECK_PORT !== undefined && { port: settings.DOMAIN_CHECK_PORT }),
    ...(servers && { dnsServers: servers }),
  };
}

/** Says each failure once until it changes: the work is tried again every second. */
function said(log: Log, message: string): (error: unknown) => void {
  let last: { text: string; atMs: number } | undefined;
  return (error) => {
    const text = error instanceof Error ? error.message : String(error);
    const nowMs = performance.now();
    if (last?.text === text && nowMs < last.atMs + 60_000) return;
    last = { text, atMs: nowMs };
    // That the read models are away is told by whoever watches them, once.
    const { name } = error as { name?: unknown };
    const isTold = name === 'ReadModelsUnavailableError' || name === 'UntrustedReadingError';
    log[isTold ? 'debug' : 'warn'](message, { err: error });
  };
}
