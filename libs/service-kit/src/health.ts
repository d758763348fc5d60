/** Health that tells the truth: live, ready, and why not. */
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Controller, Get, Header, HttpCode, HttpException, Injectable } from '@nestjs/common';

/** Answers nothing when all is well, else a short reason. Must answer quickly; it is bounded anyway. */
export type HealthCheck = () => string | undefined | Promise<string | undefined>;

const CHECK_TIMEOUT_MS = 2_000;

export interface HealthReport {
  status: 'ready' | 'not-ready';
  /** One entry per check: `ok`, or why not. */
  checks: Record<string, string>;
}

/** What must hold before this process may be given work. Parts register themselves at start. */
@Injectable()
export class Health {
  private readonly checks = new Map<string, HealthCheck>();
  private stopping = false;

  register(name: string, check: HealthCheck): void {
    this.checks.set(name, check);
  }

  /** From now on not ready: the process finishes what it took. */
  stop(): void {
    this.stopping = true;
  }

  async report(): Promise<HealthReport> {
    const entries = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, (await bounded(check)) ?? 'ok'] as const),
    );
    const checks: Record<string, string> = Object.fromEntries(entries);
    if (this.stopping) checks['process'] = 'stopping';
    const ready = Object.values(checks).every((result) => result === 'ok');
    return { status: ready ? 'ready' : 'not-ready', checks };
  }
}

async function bounded(check: HealthCheck): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_TIMEOUT_MS} ms`), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } catch (error) {
    return error instanceof Error ? error.message : 'failed';
  } finally {
    clearTimeout(timer);
  }
}

@Controller('health')
export class HealthController {
  constructor(private readonly health: Health) {}

  /** The process runs its event loop. Restart it when this fails. */
  @Get('live')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  /** 200 when the process can do its work, else 503 with the reasons. */
  @Get('ready')
  @Header('Cache-Control', 'no-store')
  async ready(): Promise<HealthReport> {
    const report = await this.health.report();
    if (report.status !== 'ready') throw new HttpException(report, 503);
    return report;
  }
}

/**
 * The HTTP server of a service that serves health alone. Nobody waits for an answer of it: a client that
 * connected and says nothing must not hold up the stop.
 */
export function healthAdapter(): FastifyAdapter {
  return new FastifyAdapter({ forceCloseConnections: true });
}
