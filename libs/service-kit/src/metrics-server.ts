/** Metrics and health on a port of their own: for a service whose other port is open to the world. */
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Health, healthAdapter, HealthController } from './health.ts';
import type { Log } from './log.ts';
import { Metrics, MetricsController } from './metrics.ts';

@Module({})
class MetricsModule {}

export interface ServedMetrics {
  port: number;
  close(): Promise<void>;
}

/** @param port 0 picks a free one. */
export async function serveMetrics(
  { metrics, health, log }: { metrics: Metrics; health: Health; log: Log },
  { host, port }: { host: string; port: number },
): Promise<ServedMetrics> {
  const module: DynamicModule = {
    module: MetricsModule,
    controllers: [HealthController, MetricsController],
    providers: [
      { provide: Health, useValue: health },
      { provide: Metrics, useValue: metrics },
    ],
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, healthAdapter(), { logger: false });
  await app.listen(port, host);
  const address = app.getHttpServer().address();
  const taken = typeof address === 'object' && address ? address.port : port;
  log.info('metrics are served', { port: taken });
  return { port: taken, close: () => app.close() };
}
