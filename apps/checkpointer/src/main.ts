/** Starts the checkpointer: signs that the log is what it was, and only grows. Several may run. */
import { Log, runService } from '@mcpstack/service-kit';
import { CheckpointerModule } from './checkpointer.module.ts';
import { readSettings } from './settings.ts';

await runService('checkpointer', async () => {
  const settings = readSettings();
  const log = new Log('checkpointer', settings.LOG_LEVEL);
  const module = await CheckpointerModule.open(settings, log);
  return { module, log, host: settings.HOST, port: settings.HEALTH_PORT };
});
