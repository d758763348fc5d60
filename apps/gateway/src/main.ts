import { runService } from '@mcpstack/service-kit';
import { gateway } from './gateway.ts';

await runService('gateway', () => gateway(process.env));
