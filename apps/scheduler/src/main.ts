/** Starts the scheduler: what falls due by the clock, and looking for proofs of domains. */
import { Log, runService } from '@mcpstack/service-kit';
import { SchedulerModule } from './scheduler.module.ts';
import { readSettings } from './settings.ts';

await runService('scheduler', async () => {
  const settings = readSettings();
  const log = new Log('scheduler', settings.LOG_LEVEL);
  const module = await SchedulerModule.open(settings, log);
  return { module, log, host: settings.HOST, port: settings.HEALTH_PORT };
});
