/** Starts nats-login: what a NATS server asks whether a service key may log a client in, and to what. */
import { Log, runService } from '@mcpstack/service-kit';
import { NatsLoginModule } from './nats-login.module.ts';
import { readSettings } from './settings.ts';

await runService('nats-login', async () => {
  const settings = readSettings();
  const log = new Log('nats-login', settings.LOG_LEVEL);
  const module = await NatsLoginModule.open(settings, log);
  return { module, log, host: settings.HOST, port: settings.HEALTH_PORT };
});
