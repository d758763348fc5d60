/** Forward-auth as a Nest application: health and checks over one port, Envoy's checks over another. */
import {
  connectNats,
  Health,
  HealthController,
  Log,
  Metrics,
  MetricsController,
  natsPlace,
  onShutdown,
  warnOfUnsafe,
} from '@mcpstack/service-kit';
import { createVerifier, type Verifier } from '@mcpstack/verify';
import { Module, type DynamicModule } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { serveCheckRoute } from './check-route.ts';
import { serveEnvoy } from './envoy.ts';
import { KeyChecks } from './key-checks.ts';
import { countedChecks } from './metrics.ts';
import type { ForwardAuthSettings } from './settings.ts';

const NAME = 'mcpstack-forward-auth';
/** Cookies come along in each check; a proxy that lets more pass is answered 431, and refuses. */
const MAX_HEADER_BYTES = 64 * 1024;

export interface ForwardAuth {
  module: DynamicModule;
  adapter: FastifyAdapter;
  /** Where Envoy asks; absent when it is not served. */
  grpcPort?: number;
}

@Module({})
export class ForwardAuthModule {
  /** Connects to NATS and makes ready. `verifier` takes the place of one of its own, in specs. */
  static async open(settings: ForwardAuthSettings, log: Log, verifier?: Verifier): Promise<ForwardAuth> {
    const health = new Health();
    const metrics = new Metrics('forward-auth');
    metrics.health(health);
    const nats = verifier
      ? undefined
      : await connectNats(natsPlace(settings), NAME, { log, health, metrics });
    warnOfUnsafe(log, { settings, ...(nats && { nats }) });
    const verifies =
      verifier ??
      (await createVerifier({
        nats: nats!,
        timeoutMs: settings.CHECK_TIMEOUT_MS,
        tokenPrefix: settings.TOKEN_PREFIX,
      }));
    const checks = new KeyChecks({
      verifier: verifies,
      trustedProxies: settings.TRUSTED_PROXIES,
      log,
      ...countedChecks(metrics),
    });
    const { GRPC_PORT: port, HOST: host } = settings;
    const envoy = port === undefined ? undefined : await serveEnvoy(checks, { host, port });
    if (envoy) log.info('Envoy may ask', { port: envoy.port });
    const close = async (): Promise<void> => {
      await envoy?.stop();
      await verifies.close();
      await nats?.close();
    };
    return {
      module: {
        module: ForwardAuthModule,
        controllers: [HealthController, MetricsController],
        providers: [
          { provide: Log, useValue: log },
          { provide: Health, useValue: health },
          { provide: Metrics, useValue: metrics },
          onShutdown(close),
        ],
      },
      adapter: adapterFor(checks),
      ...(envoy && { grpcPort: envoy.port }),
    };
  }
}

function adapterFor(checks: KeyChecks): FastifyAdapter {
  const adapter = new FastifyAdapter({
    // Proxies keep their connections: at the end the idle ones are closed, and what was taken is answered.
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: MAX_HEADER_BYTES },
  });
  serveCheckRoute(adapter.getInstance(), checks);
  return adapter;
}
