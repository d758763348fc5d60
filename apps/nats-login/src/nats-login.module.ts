/** Nats-login as a Nest application: logins over NATS, health over HTTP. */
import { NATS_LOGIN_SUBJECT, QUEUE_GROUPS } from '@mcpstack/contracts';
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
import { createVerifier } from '@mcpstack/verify';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { Module, type DynamicModule } from '@nestjs/common';
import { Logins } from './logins.ts';
import { RequestError } from './requests.ts';
import { readIssuer, readXkey, type NatsLoginSettings } from './settings.ts';

const NAME = 'mcpstack-nats-login';
/** A server waits two seconds by default. */
const CHECK_TIMEOUT_MS = 1_500;
/**
 * One costs some 50 ms of the processor: what could not be answered within the time of a check is not begun, so that
 * after a restart of NATS, when all clients come at once, some get in and the others come again.
 */
export const MAX_UNDER_WAY = 24;

@Module({})
export class NatsLoginModule {
  static async open(settings: NatsLoginSettings, log: Log): Promise<DynamicModule> {
    const issuer = readIssuer(settings.LOGIN_ISSUER_FILE);
    const xkey = readXkey(settings.LOGIN_XKEY_FILE);
    const health = new Health();
    const metrics = new Metrics('nats-login');
    const nats = await connectNats(natsPlace(settings), NAME, { log, health, metrics });
    warnOfUnsafe(log, { settings, nats });
    metrics.health(health);
    const { TOKEN_PREFIX: tokenPrefix, LOGIN_ACCOUNT: account, LOGIN_LIFE_S: lifeS } = settings;
    const verifier = await createVerifier({ nats, timeoutMs: CHECK_TIMEOUT_MS, tokenPrefix });
    const served = serveLogins(nats, new Logins({ verifier, issuer, xkey, account, lifeS }), log);
    await nats.flush();
    const close = async (): Promise<void> => {
      await served.stop();
      await verifier.close();
      await nats.close();
    };
    return {
      module: NatsLoginModule,
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

/** Answers servers until it is stopped; what was taken is answered then. */
export function serveLogins(
  nats: NatsConnection,
  logins: Logins,
  log: Pick<Log, 'warn' | 'error'>,
): { stop(): Promise<void> } {
  const underWay = new Set<Promise<void>>();
  const answer = async (message: Msg): Promise<void> => {
    try {
      message.respond(await logins.answer(message.data, message.headers?.get('Nats-Server-Xkey') ?? ''));
    } catch (error) {
      if (error instanceof RequestError) log.warn('a login was not answered', { code: error.code });
      // Not the error itself: what a library says may hold what the client sent.
      else log.error('a login failed', { code: 'internal' });
    }
  };
  const subscription = nats.subscribe(NATS_LOGIN_SUBJECT, {
    queue: QUEUE_GROUPS.natsLogin,
    callback: (error, message) => {
      if (error) return log.error('logins are not asked here', { code: 'not-allowed' });
      if (underWay.size >= MAX_UNDER_WAY) return log.warn('a login was not answered', { code: 'too-many' });
      const task = answer(message).finally(() => underWay.delete(task));
      underWay.add(task);
    },
  });
  return {
    async stop() {
      if (!nats.isClosed()) subscription.unsubscribe();
      await Promise.all(underWay);
    },
  };
}
