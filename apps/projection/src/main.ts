/** Starts the projection: log → Redis. Several may run; one is active. */
import { Log, readConfig, runService } from '@mcpstack/service-kit';
import { PROJECTION_SETTINGS, ProjectionModule } from './projection.module.ts';

await runService('projection', async () => {
  const config = readConfig(PROJECTION_SETTINGS);
  const log = new Log('projection', config.LOG_LEVEL);
  const module = await ProjectionModule.open(config, log);
  return { module, log, host: config.HOST, port: config.HEALTH_PORT };
});
