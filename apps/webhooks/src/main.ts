/** Starts the webhooks service: an organization's audit events, signed, to where it wants them. */
import { Log, runService } from '@mcpstack/service-kit';
import { readSettings } from './settings.ts';
import { WebhooksModule } from './webhooks.module.ts';

await runService('webhooks', async () => {
  const settings = readSettings();
  const log = new Log('webhooks', settings.LOG_LEVEL);
  const module = await WebhooksModule.open(settings, log);
  return { module, log, host: settings.HOST, port: settings.HEALTH_PORT };
});
