/** Runs the launcher as a process for specs, on a file tree of fake services in a temporary folder. */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@mcpstack/local-servers';

const FIXTURES = join(import.meta.dirname, 'fixtures');

/** A folder with apps/<name>/dist that the launcher can start. */
export function fakeProduct(): string {
  const root = mkdtempSync(join(tmpdir(), 'mcpstack-product-'));
  writeFileSync(join(root, 'package.json'), '{"type":"module","workspaces":[]}');
  const apps = [
    'issuance',
    'projection',
    'authorizer',
    'scheduler',
    'checkpointer',
    'webhooks',
    'identity-provider',
    'gateway',
  ];
  for (const app of apps) {
    const dist = join(root, 'apps', app, 'dist');
    mkdirSync(dist, { recursive: true });
    writeFileSync(join(dist, 'main.js'), `import ${JSON.stringify(join(FIXTURES, 'fake-service.mjs'))};\n`);
  }
  const owner = { organizationId: 'org_1', ownerId: 'user_1', ownerEmail: 'owner@localhost' };
  writeFileSync(
    join(root, 'apps', 'identity-provider', 'dist', 'setup.js'),
    `console.log(${JSON.stringify(JSON.stringify(owner))});\n`,
  );
  return root;
}

export class Launcher {
  readonly child: ChildProcess;
  readonly exited: Promise<number | string>;
  output = '';

  /** A variable of `env` that is `undefined` is unset. */
  constructor(root: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) {
    const launch = join(FIXTURES, 'launch.mjs');
    this.child = spawn(process.execPath, [launch, root, ...args], {
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => (this.output += chunk.toString('utf8'));
    this.child.stdout!.on('data', keep);
    this.child.stderr!.on('data', keep);
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve(signal ?? code!));
    });
  }

  async up(): Promise<void> {
    await waitFor(() => this.output.includes('Ready after') || this.child.exitCode !== null, {
      timeoutMs: 150_000,
      what: 'the launcher to be ready',
    });
    if (!this.output.includes('Ready after')) throw new Error(`the launcher ended: ${this.output}`);
  }

  /** How it ended; where that is not what is awaited, with all that it said. */
  async ended(awaited: number): Promise<number | string> {
    const code = await this.exited;
    return code === awaited ? code : `${code}: ${this.output}`;
  }

  /** The last line that it said. */
  lastLine(): string {
    return this.output.trimEnd().split('\n').at(-1) ?? '';
  }
}

/** Processes that have to do with `folder`: by command line, environment or working directory (Linux). */
export function processesOf(folder: string): string[] {
  const read = (path: string) => readFileSync(path, 'utf8').replaceAll('\0', ' ');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = read(`/proc/${pid}/cmdline`);
        if (command === '') return [];
        const all = `${command} ${read(`/proc/${pid}/environ`)} ${readlinkSync(`/proc/${pid}/cwd`)}`;
        return all.includes(folder) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

export function remove(...folders: string[]): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
