/** Starts the double as a process of its own, so that a spec can kill, stop and restart it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestCertificate } from '@mcpstack/testing';

const SERVER = join(import.meta.dirname, 'server.mjs');
const START_MS = 15_000;

export interface DoubleOptions {
  /** Without it the server speaks plain text. */
  tls?: TestCertificate;
  /** Users by name; without them the server is open. */
  users?: Record<string, { password: string; groups: string[] }>;
  /** How long a write stays unacknowledged. Long where a case needs calls to overlap, on however slow a machine. */
  writeMs?: number;
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

  /** Plain text, or with TLS (by name: TLS knows no addresses as server names) and the credentials given. */
  url(credentials?: string): string {
    const { tls } = this.#options;
    const at = credentials ? `${credentials}@` : '';
    const query = tls ? `tlsCAFile=${encodeURIComponent(tls.caFile)}` : 'tls=false';
    const host = tls ? 'localhost' : '127.0.0.1';
    return `kurrentdb://${at}${host}:${this.#port}?${query}`;
  }

  /** On the same file and port. */
  async restart(): Promise<void> {
    const { tls, users, writeMs } = this.#options;
    const args = [SERVER, '--port', String(this.#port), '--file', join(this.#folder, 'log.jsonl')];
    if (tls) args.push('--tls-cert', tls.certFile, '--tls-key', tls.keyFile);
    if (writeMs) args.push('--write-ms', String(writeMs));
    if (users) args.push('--users', JSON.stringify(users));
    this.#process = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#port = await listening(this.#process);
  }

  /** Where it keeps its log. */
  get folder(): string {
    return this.#folder;
  }

  /** As the operator does it; resolves when it is done. */
  async scavenge(): Promise<void> {
    const { stdin, stdout } = this.#process!;
    const done = new Promise<void>((resolve) => {
      const read = (chunk: Buffer) => {
        if (!chunk.toString().includes('scavenged')) return;
        stdout!.off('data', read);
        resolve();
      };
      stdout!.on('data', read);
    });
    stdin!.write('scavenge\n');
    await done;
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async pause(): Promise<void> {
    this.#process?.kill('SIGSTOP');
    if (this.#process?.pid !== undefined) await stopped(this.#process.pid);
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A signal takes a moment to stop all threads; what is sent before that is still answered. */
async function stopped(pid: number): Promise<void> {
  for (;;) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') T');
    if (state.slice(state.lastIndexOf(')') + 2).startsWith('T')) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
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
