/** Starts forward-auth: what proxies ask whether a key may do what its request wants. */
import { Log, runService } from '@mcpstack/service-kit';
import { ForwardAuthModule } from './forward-auth.module.ts';
import { readSettings } from './settings.ts';

await runService('forward-auth', async () => {
  const settings = readSettings();
  const log = new Log('forward-auth', settings.LOG_LEVEL);
  const { module, adapter } = await ForwardAuthModule.open(settings, log);
  return { module, adapter, log, host: settings.HOST, port: settings.PORT };
});
