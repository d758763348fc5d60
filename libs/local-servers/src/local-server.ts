/** What NATS and Redis have in common when we run them: a port, a data folder, a life cycle. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalServerError } from './errors.ts';
import { findServer, SERVERS, type ServerBinary, type ServerKind } from './find-servers.ts';
import { freePort, isPortFree } from './free-port.ts';
import type { LogFile } from './log-file.ts';
import { makeDataFolder } from './make-folder.ts';
import { ManagedProcess, type ExitInfo } from './managed-process.ts';
import { waitFor } from './wait.ts';

const START_TRIES = 5;

export interface LocalServerOptions {
  /** Where it keeps its data. Absent: a temporary folder that `stop()` removes. */
  dataDir?: string;
  /** The port on 127.0.0.1; a free one if absent. */
  port?: number;
  /** What to run; found by `findServer` if absent. */
  binary?: ServerBinary;
  /** Gets all that the server prints. */
  log?: LogFile;
  /** How long it may take to answer. 15,000 by default (an image may have to be fetched: 180,000). Milliseconds. */
  startTimeoutMs?: number;
}

/** What one kind of server adds: how to configure it and how to tell that it answers. */
export interface ServerDriver {
  kind: ServerKind;
  /** Writes the configuration file into the data folder and returns the arguments that use it. */
  configure(place: ServerPlace): Promise<string[]> | string[];
  /** Whether the server at `place` answers, and is the one that we started. */
  answers(place: ServerPlace): Promise<boolean>;
  url(port: number): string;
}

export interface ServerPlace {
  port: number;
  dataDir: string;
  /** The address to listen on: 127.0.0.1, or all of a container's. */
  bind: string;
  /** Known once the process is there; undefined in a container, where it says nothing. */
  pid: number | undefined;
}

/** A NATS or Redis server of our own. */
export class LocalServer {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly #driver: ServerDriver;
  readonly #options: LocalServerOptions;
  readonly #binary: ServerBinary;
  #process!: ManagedProcess;

  private constructor(
    driver: ServerDriver,
    options: LocalServerOptions,
    at: { port: number; dataDir: string; binary: ServerBinary },
  ) {
    this.#driver = driver;
    this.#options = options;
    this.#binary = at.binary;
    this.port = at.port;
    this.dataDir = at.dataDir;
    this.url = driver.url(at.port);
  }

  /** Starts the server and returns when it answers. */
  static async start(driver: ServerDriver, options: LocalServerOptions): Promise<LocalServer> {
    const binary = options.binary ?? (await findServer(driver.kind));
    const dataDir = makeDataDir(driver.kind, options.dataDir);
    try {
      return await LocalServer.#startOnSomePort(driver, options, { dataDir, binary });
    } catch (error) {
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
      throw error;
    }
  }

  static async #startOnSomePort(
    driver: ServerDriver,
    options: LocalServerOptions,
    at: { dataDir: string; binary: ServerBinary },
  ): Promise<LocalServer> {
    for (let tries = 1; ; tries += 1) {
      const port = options.port ?? (await freePort());
      const server = new LocalServer(driver, options, { ...at, port });
      try {
        await server.#launch();
        return server;
      } catch (error) {
        // Somebody may have taken the free port in between; a port that was asked for is final.
        const taken = !(await isPortFree(port));
        if (taken && options.port !== undefined) {
          throw new LocalServerError(
            'port-in-use',
            `Port ${port} is in use, so ${SERVERS[driver.kind].title} cannot start on it: choose another.`,
          );
        }
        if (!taken || tries >= START_TRIES) throw error;
      }
    }
  }

  /** The process id; another one after `restart()`. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Settles when the server's present process ends; never rejects. */
  get exited(): Promise<ExitInfo> {
    return this.#process.exited;
  }

  get running(): boolean {
    return this.#process.running;
  }

  /** The last lines that it printed. */
  lastLines(count?: number): string[] {
    return this.#process.lastLines(count);
  }

  /** Stops it cleanly, and removes its data folder if that was a temporary one of ours. */
  async stop(options: { graceMs?: number } = {}): Promise<void> {
    await this.#process.stop(options);
    if (this.#options.dataDir === undefined) rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** SIGKILL, as a crash would. The data stays; `restart()` brings it back. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  /** Ends it (cleanly, or with SIGKILL) if it still runs, and starts it on the same port and data. */
  async restart({ kill = false }: { kill?: boolean } = {}): Promise<void> {
    await (kill ? this.#process.kill() : this.#process.stop());
    await this.#launch();
  }

  /** SIGSTOP: connections stay open and nobody answers. */
  pause(): Promise<void> {
    return this.#process.pause();
  }

  resume(): Promise<void> {
    return this.#process.resume();
  }

  async #launch(): Promise<void> {
    const inContainer = this.#binary.type === 'image';
    const place: ServerPlace = {
      port: this.port,
      dataDir: this.dataDir,
      bind: inContainer ? '0.0.0.0' : '127.0.0.1',
      pid: undefined,
    };
    const args = await this.#driver.configure(place);
    const { title } = SERVERS[this.#driver.kind];
    this.#process = await ManagedProcess.start({
      name: title,
      ...commandFor(this.#binary, place, args),
      ...(this.#options.log ? { log: this.#options.log } : {}),
    });
    if (!inContainer) place.pid = this.#process.pid;
    const timeoutMs = this.#options.startTimeoutMs ?? (inContainer ? 180_000 : 15_000);
    const up = waitFor(() => !this.#process.running || this.#driver.answers(place), {
      timeoutMs,
      what: `${title} to answer on port ${this.port}`,
    });
    const error = await up.then(
      () => (this.#process.running ? undefined : this.#died(title)),
      (cause: Error) => cause,
    );
    if (!error) return;
    await this.#process.kill();
    throw error;
  }

  #died(title: string): LocalServerError {
    const words = this.#process.lastLines(3).join(' | ');
    return new LocalServerError('start-failed', `${title} ended while it started: ${words || 'no output'}.`);
  }
}

function commandFor(
  binary: ServerBinary,
  { port, dataDir }: ServerPlace,
  args: string[],
): { command: string; args: string[]; container?: string } {
  if (binary.type === 'program') return { command: binary.path, args };
  const container = `mcpstack-${binary.kind}-${randomBytes(6).toString('hex')}`;
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  const place = [
    '--publish',
    `127.0.0.1:${port}:${port}`,
    '--volume',
    `${dataDir}:${dataDir}`,
    '--user',
    user,
  ];
  const program = SERVERS[binary.kind].program;
  return {
    command: 'docker',
    args: ['run', '--rm', '--name', container, ...place, '--entrypoint', program, binary.image, ...args],
    container,
  };
}

function makeDataDir(kind: ServerKind, wanted: string | undefined): string {
  return wanted === undefined ? mkdtempSync(join(tmpdir(), `mcpstack-${kind}-`)) : makeDataFolder(wanted);
}
