/** One of our services, run from its built output as its image starts it. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LocalServerError } from './errors.ts';
import { freePort } from './free-port.ts';
import type { LogFile } from './log-file.ts';
import { ManagedProcess, type ExitInfo } from './managed-process.ts';
import { waitFor } from './wait.ts';

const READY_TIMEOUT_MS = 120_000;
/** A service drains within seconds of SIGTERM; this is the bound after which it is killed. */
const DRAIN_TIMEOUT_MS = 10_000;

export interface ServiceOptions {
  /** What people call it, and its log file: `authorizer-2`. */
  name: string;
  /** Its folder in apps/: `authorizer`. */
  app: string;
  /** Root of the repository, or of an image's file tree. */
  root: string;
  env: NodeJS.ProcessEnv;
  /** Port of HTTP (gateway) or of health alone (others). A free one if absent. */
  port?: number;
  log: LogFile;
}

export interface RestartOptions {
  /** With SIGKILL instead of SIGTERM. */
  kill?: boolean;
  root?: string;
  env?: NodeJS.ProcessEnv;
}

export class Service {
  readonly name: string;
  readonly url: string;
  readonly logPath: string;
  #options: ServiceOptions;
  readonly #port: number;
  #process!: ManagedProcess;

  private constructor(options: ServiceOptions, port: number) {
    this.#options = options;
    this.#port = port;
    this.name = options.name;
    this.url = `http://127.0.0.1:${port}`;
    this.logPath = options.log.path;
  }

  /** Starts the process and returns at once; `ready()` waits for it. */
  static async start(options: ServiceOptions): Promise<Service> {
    const service = new Service(options, options.port ?? (await freePort()));
    await service.#launch();
    return service;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#process.running;
  }

  /** Settles when the present process ends; never rejects. */
  get exited(): Promise<ExitInfo> {
    return this.#process.exited;
  }

  lastLines(count?: number): string[] {
    return this.#process.lastLines(count);
  }

  /**
   * Waits until `/health/ready` answers 200.
   * @throws LocalServerError that says why it is not ready, or with which last words it ended.
   */
  async ready({ timeoutMs = READY_TIMEOUT_MS }: { timeoutMs?: number } = {}): Promise<void> {
    let why = 'it does not answer';
    const isReady = async () => {
      if (!this.running) return true;
      const response = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(3_000) });
      if (response.ok) return true;
      why = reasons(await response.text());
      return false;
    };
    try {
      await waitFor(isReady, { timeoutMs, intervalMs: 50 });
    } catch (cause) {
      const waited = `within ${Math.round(timeoutMs / 1000)} s`;
      throw new LocalServerError('timed-out', `${this.name} did not get ready ${waited}: ${why}.`, {
        cause,
        lastLines: this.lastLines(8),
      });
    }
    if (this.running) return;
    const { code, signal } = await this.exited;
    throw new LocalServerError(
      'start-failed',
      `${this.name} ended (${signal ?? code}) before it was ready.`,
      {
        lastLines: this.lastLines(8),
      },
    );
  }

  /** SIGTERM: it drains what it took and ends. */
  stop(): Promise<ExitInfo> {
    return this.#process.stop({ graceMs: DRAIN_TIMEOUT_MS });
  }

  /** SIGKILL, as a crash would. */
  kill(): Promise<ExitInfo> {
    return this.#process.kill();
  }

  /**
   * Starts it again (ending it first if need be) on the same port, and waits until it is ready: from now on from
   * another root, which is another version, or with further settings, where these are given.
   */
  async restart({ kill = false, root, env }: RestartOptions = {}): Promise<void> {
    await (kill ? this.kill() : this.stop());
    const { root: before, env: settings } = this.#options;
    this.#options = { ...this.#options, root: root ?? before, env: { ...settings, ...env } };
    await this.#launch();
    await this.ready();
  }

  /** SIGSTOP: connections stay open and nobody answers. */
  pause(): Promise<void> {
    return this.#process.pause();
  }

  resume(): Promise<void> {
    return this.#process.resume();
  }

  async #launch(): Promise<void> {
    const { app, root, env, log, name } = this.#options;
    const main = programOf(root, app, env);
    if (main === undefined) {
      throw new LocalServerError('start-failed', `${name} is not built: run npm run build first.`);
    }
    this.#process = await ManagedProcess.start({
      name,
      command: process.execPath,
      args: [main],
      cwd: root,
      env: { ...env, HOST: '127.0.0.1', PORT: String(this.#port), HEALTH_PORT: String(this.#port) },
      log,
    });
  }
}

/**
 * The bundle, as the image runs it; or what the compiler wrote, where that is newer or stands alone, or where Node is
 * given something to load before it, which may have to do with single modules. Undefined where neither is there.
 */
export function programOf(
  root: string,
  app: string,
  env: NodeJS.ProcessEnv,
  { bundle, compiled } = { bundle: 'service.js', compiled: 'main.js' },
): string | undefined {
  const writtenMs = (...path: string[]): number =>
    statSync(join(root, ...path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const rooms = existsSync(join(root, 'libs')) ? readdirSync(join(root, 'libs')) : [];
  const compiledMs = Math.max(
    writtenMs('apps', app, 'dist', '.tsbuildinfo'),
    ...rooms.map((room) => writtenMs('libs', room, 'dist', '.tsbuildinfo')),
  );
  const bundleMs = writtenMs('apps', app, 'dist', bundle);
  const isBundle = bundleMs > compiledMs && !env['NODE_OPTIONS'];
  const program = join(root, 'apps', app, 'dist', isBundle ? bundle : compiled);
  return existsSync(program) ? program : undefined;
}

/** The reasons in a health report: `{"checks": {"redis": "no answer"}}`, perhaps inside a problem body. */
function reasons(body: string): string {
  try {
    const { checks = {} } = JSON.parse(body) as { checks?: Record<string, string> };
    const bad = Object.entries(checks).filter(([, answer]) => answer !== 'ok');
    if (bad.length > 0) return bad.map(([check, answer]) => `${check}: ${answer}`).join(', ');
  } catch {
    // Not a health report; its first words have to do.
  }
  return body.slice(0, 200);
}
