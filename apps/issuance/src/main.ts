/** Starts issuance: commands from NATS to the log, which nobody else writes. */
import { QUEUE_GROUPS } from '@mcpstack/contracts';
import { DrainingNatsServer, Log, natsPlace, runService } from '@mcpstack/service-kit';
import { IssuanceModule, readSettings } from './issuance.module.ts';

await runService('issuance', async () => {
  const config = readSettings();
  const log = new Log('issuance', config.LOG_LEVEL);
  return {
    module: await IssuanceModule.open(config, log),
    log,
    host: config.HOST,
    port: config.HEALTH_PORT,
    strategy: new DrainingNatsServer(natsPlace(config), 'mcpstack-issuance-commands', QUEUE_GROUPS.issuance),
    // The bus learns its handlers in init; without it the first commands would find none.
    configure: async (app) => void (await app.init()),
  };
});
