/** Starts the authorizer: verify over NATS, from Redis. */
import { Log, readConfig, runService } from '@mcpstack/service-kit';
import { AUTHORIZER_SETTINGS, AuthorizerModule } from './authorizer.module.ts';

await runService('authorizer', async () => {
  const config = readConfig(AUTHORIZER_SETTINGS);
  const log = new Log('authorizer', config.LOG_LEVEL);
  const module = await AuthorizerModule.open(config, log);
  return { module, log, host: config.HOST, port: config.HEALTH_PORT };
});
