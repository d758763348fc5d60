/** Starts the double as a process of its own, so that a spec can kill, stop and restart it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SERVER = join(import.meta.dirname, 'server.mjs');
const START_MS = 15_000;

export interface DoubleOptions {
  /** PEM files; without them the server speaks plain text. */
  tls?: { certFile: string; keyFile: string };
  /** Users by name; without them the server is open. */
  users?: Record<string, { password: string; groups: string[] }>;
}

export class KurrentDbDouble {
  #process: ChildProcess | undefined;
  #port = 0;
  readonly #folder: string;
  readonly #options: DoubleOptions;

  private constructor(folder: string, options: DoubleOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  static async start(options: DoubleOptions = {}): Promise<KurrentDbDouble> {
    const double = new KurrentDbDouble(await mkdtemp(join(tmpdir(), 'kurrentdb-double-')), options);
    await double.restart();
    return double;
  }

  get port(): number {
    return this.#port;
  }

  /** `kurrentdb://127.0.0.1:PORT?tls=false`, or with TLS and the credentials given. */
  url(credentials?: string): string {
    const { tls } = this.#options;
    const at = credentials ? `${credentials}@` : '';
    const query = tls ? `tlsCAFile=${encodeURIComponent(tls.certFile)}` : 'tls=false';
    return `kurrentdb://${at}127.0.0.1:${this.#port}?${query}`;
  }

  /** On the same file and port. */
  async restart(): Promise<void> {
    const { tls, users } = this.#options;
    const args = [SERVER, '--port', String(this.#port), '--file', join(this.#folder, 'log.jsonl')];
    if (tls) args.push('--tls-cert', tls.certFile, '--tls-key', tls.keyFile);
    if (users) args.push('--users', JSON.stringify(users));
    this.#process = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#port = await listening(this.#process);
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`the double did not start: ${output}`)), START_MS);
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
      const port = /listening (\d+)/.exec(output)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`the double ended while starting: ${output}`));
    });
  });
}
