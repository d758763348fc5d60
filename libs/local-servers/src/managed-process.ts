/** One child process that we start, watch and are sure to end. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';
import { LocalServerError } from './errors.ts';
import type { LogFile } from './log-file.ts';
import { watchOver, type Watchdog } from './watchdog.ts';

const KEPT_LINES = 60;

export interface ManagedProcessOptions {
  /** What people call it; stands in errors. */
  name: string;
  command: string;
  args: readonly string[];
  cwd?: string;
  /** The whole environment of the child; ours if absent. */
  env?: NodeJS.ProcessEnv;
  /** Gets all that the child prints. */
  log?: LogFile;
  /** The Docker container that the command runs; signals go to it and not to the docker client. */
  container?: string;
}

export interface ExitInfo {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class ManagedProcess {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process has ended; never rejects. */
  readonly exited: Promise<ExitInfo>;
  readonly #child: ChildProcess;
  readonly #watchdog: Watchdog;
  readonly #container: string | undefined;
  readonly #env: NodeJS.ProcessEnv;
  readonly #lines: string[] = [];
  #exit: ExitInfo | undefined;

  private constructor(child: ChildProcess, options: ManagedProcessOptions) {
    this.name = options.name;
    this.pid = child.pid!;
    this.#child = child;
    this.#container = options.container;
    this.#env = options.env ?? process.env;
    this.#watchdog = watchOver(this.pid, options.container);
    const keep = (chunk: Buffer) => {
      options.log?.write(chunk);
      this.#lines.push(...chunk.toString('utf8').split('\n').filter(Boolean));
      if (this.#lines.length > KEPT_LINES) this.#lines.splice(0, this.#lines.length - KEPT_LINES);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.exited = new Promise<ExitInfo>((resolve) => {
      // `close` comes after the pipes are read to their end, so that the last words are not lost.
      child.once('close', (code, signal) => {
        this.#exit = { code, signal };
        void this.#watchdog.release().then(() => resolve({ code, signal }));
      });
    });
  }

  /** Starts the process in a group of its own, out of reach of the terminal's Ctrl-C. */
  static async start(options: ManagedProcessOptions): Promise<ManagedProcess> {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    if (child.pid === undefined) {
      const cause = await new Promise<Error>((resolve) => child.once('error', resolve));
      throw new LocalServerError('start-failed', `${options.name} did not start: ${cause.message}.`, {
        cause,
      });
    }
    return new ManagedProcess(child, options);
  }

  get exit(): ExitInfo | undefined {
    return this.#exit;
  }

  get running(): boolean {
    return this.#exit === undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last lines that it printed, at most 60. */
  lastLines(count = 20): string[] {
    return this.#lines.slice(-count);
  }

  /** Asks it to end with SIGTERM, and ends it with SIGKILL after `graceMs`. */
  async stop({ graceMs = 5_000 }: { graceMs?: number } = {}): Promise<ExitInfo> {
    if (this.running) {
      await this.#signal('SIGTERM');
      await this.#signal('SIGCONT');
      const timer = setTimeout(() => void this.#signal('SIGKILL'), graceMs);
      await this.exited;
      clearTimeout(timer);
    }
    return this.exited;
  }

  /** SIGKILL, as a crash would; returns when it is gone. */
  async kill(): Promise<ExitInfo> {
    await this.#signal('SIGKILL');
    return this.exited;
  }

  /** SIGSTOP: its sockets stay open and nobody answers. */
  pause(): Promise<void> {
    return this.#signal('SIGSTOP');
  }

  resume(): Promise<void> {
    return this.#signal('SIGCONT');
  }

  async #signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    if (!this.running) return;
    if (this.#container === undefined) {
      this.#child.kill(signal);
      return;
    }
    const verb = { SIGTERM: 'stop', SIGKILL: 'kill', SIGSTOP: 'pause', SIGCONT: 'unpause' }[signal];
    try {
      await promisify(execFile)('docker', [verb, this.#container], { timeout: 15_000, env: this.#env });
    } catch {
      // A container that is gone already, or that was not paused, is no error. But nobody may wait for
      // ever for one that docker cannot kill.
      if (signal === 'SIGKILL') this.#child.kill(signal);
    }
  }
}
