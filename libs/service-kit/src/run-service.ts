/** How every service starts and stops. */
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { type FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DynamicModule } from '@nestjs/common';
import { ConfigError } from './config-error.ts';
import { Health, healthAdapter } from './health.ts';
import { Log } from './log.ts';
import { stopTracing } from './tracing.ts';

const STOP_TIMEOUT_MS = 20_000;

export interface Service {
  /** The root module; it provides `Health` (with `HealthController`) and `Log`. */
  module: Type | DynamicModule;
  log: Log;
  host: string;
  /** Where HTTP is served: the API of the gateway, health of the others. */
  port: number;
  adapter?: FastifyAdapter;
  /** Takes commands. */
  strategy?: CustomTransportStrategy;
  configure?: (app: NestFastifyApplication) => void | Promise<void>;
}

/**
 * Starts a service: `build` reads the configuration and says what to run. SIGTERM and SIGINT stop it in
 * order (not ready, drain, close) and end with exit code 0; a setting that is wrong ends it with one
 * sentence and exit code 1; so does any error that nobody handled.
 */
export async function runService(name: string, build: () => Service | Promise<Service>): Promise<void> {
  let log = new Log(name);
  process.on('unhandledRejection', (error) =>
    die(log, 'a promise was rejected and nobody handled it', error),
  );
  process.on('uncaughtException', (error) => die(log, 'an error was thrown and nobody handled it', error));
  try {
    const service = await build();
    log = service.log;
    const app = await NestFactory.create<NestFastifyApplication>(
      service.module,
      service.adapter ?? healthAdapter(),
      { logger: log, abortOnError: false, bufferLogs: false },
    );
    stopOnSignal(app, log);
    if (service.strategy) {
      app.connectMicroservice({ strategy: service.strategy }, { inheritAppConfig: true });
    }
    await service.configure?.(app);
    await app.startAllMicroservices();
    await app.listen(service.port, service.host);
    const address = app.getHttpServer().address();
    log.info('started', { port: typeof address === 'object' && address ? address.port : service.port });
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${name}: ${error.message}\n`);
      process.exit(1);
    }
    const { code, port } = error as { code?: unknown; port?: unknown };
    if (code === 'EADDRINUSE') {
      process.stderr.write(
        `${name}: port ${String(port)} is in use: stop what listens there, or choose another port.\n`,
      );
      process.exit(1);
    }
    die(log, 'could not start', error);
  }
}

function stopOnSignal(app: NestFastifyApplication, log: Log): void {
  let stopping = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info('stopping', { signal });
    setTimeout(() => die(log, 'could not stop in time', undefined), STOP_TIMEOUT_MS).unref();
    app.get(Health, { strict: false }).stop();
    await app.close();
    await stopTracing();
    log.info('stopped', { signal });
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, (received) => {
      stop(received).catch((error: unknown) => die(log, 'could not stop in order', error));
    });
  }
}

function die(log: Log, message: string, error: unknown): never {
  log.fatal(message, { err: error });
  process.exit(1);
}
