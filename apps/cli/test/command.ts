/** mcpstack as people run it: a process of its own with a home of its own, on a pipe or on a terminal. */
import {
  execFileSync,
  spawn,
  type ChildProcessWithoutNullStreams,
  type SpawnOptions,
} from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@mcpstack/testing';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string>;
  /** What it reads; nothing if absent. */
  input?: string;
  cwd?: string;
  spawn?: SpawnOptions;
}

const BUNDLE = fileURLToPath(new URL('../bundle.mjs', import.meta.url));

/** A fresh home, and the command as the sources are now. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'mcpstack-cli-'));
  readonly home = join(this.folder, 'home');
  readonly program = join(this.folder, 'mcpstack.mjs');
  readonly credentialsPath = join(this.home, '.config', 'mcpstack', 'credentials.json');
  env: Record<string, string> = {};

  constructor() {
    // Other users may run it; what is in the home is what counts.
    chmodSync(this.folder, 0o755);
    mkdirSync(this.home);
    execFileSync(process.execPath, [BUNDLE, this.program], { env: { PATH: process.env['PATH'] } });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** An empty home again. */
  reset(): void {
    rmSync(this.home, { recursive: true, force: true });
    mkdirSync(this.home);
    this.env = {};
  }

  start(args: readonly string[], options: RunOptions = {}): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [this.program, ...args], {
      cwd: options.cwd ?? this.folder,
      env: this.#env(options),
      ...options.spawn,
      stdio: 'pipe',
    });
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const child = this.start(args, options);
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    return ended(child);
  }

  /** On a terminal. */
  terminal(args: readonly string[], options: RunOptions & { columns?: number } = {}): Terminal {
    const words = [process.execPath, this.program, ...args].map(
      (word) => `'${word.replaceAll("'", `'\\''`)}'`,
    );
    const size = `stty cols ${options.columns ?? 100} rows 40`;
    // stty again at the end: whether the terminal is as it was.
    const line = `${size}; before=$(stty -g); ${words.join(' ')}; code=$?; [ "$(stty -g)" = "$before" ] && echo '<restored>'; exit $code`;
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      cwd: options.cwd ?? this.folder,
      env: { TERM: 'xterm', SHELL: '/bin/bash', ...this.#env(options) },
    });
    return new Terminal(child);
  }

  writeCredentials(content: unknown, mode = 0o600): void {
    mkdirSync(dirname(this.credentialsPath), { recursive: true, mode: 0o700 });
    writeFileSync(this.credentialsPath, typeof content === 'string' ? content : JSON.stringify(content), {
      mode,
    });
    chmodSync(this.credentialsPath, mode);
  }

  /** What is stored under a profile. */
  stored(profile = 'default') {
    const { profiles } = JSON.parse(readFileSync(this.credentialsPath, 'utf8')) as {
      profiles: Record<string, { apiUrl?: string; organizationId?: string; login?: Record<string, unknown> }>;
    };
    return profiles[profile];
  }

  #env({ env }: RunOptions): Record<string, string> {
    return { PATH: process.env['PATH']!, HOME: this.home, ...this.env, ...env };
  }
}

export class Terminal {
  shown = '';
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => (this.shown += chunk.toString()));
    this.ended = ended(child);
  }

  /** Waits until the text stands on the screen. */
  async sees(text: string): Promise<void> {
    await waitFor(() => this.shown.includes(text), { what: `"${text}" on the terminal` }).catch(
      (error: unknown) => {
        throw new Error(`The terminal shows: ${this.shown}`, { cause: error });
      },
    );
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }
}

export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';

export function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** A text that contains this one, where a string is expected. */
export const containing = (text: string) => expect.stringContaining(text) as string;
