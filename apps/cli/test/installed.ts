/** The package as people install it: packed, installed globally into a prefix of its own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('..', import.meta.url));
const TIMEOUT_MS = 60_000;

export class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), 'mcpstack-installed-'));
  readonly home = join(this.folder, 'home');
  /** Where the command stands. */
  readonly bin = join(this.folder, 'prefix', 'bin');
  readonly tarball: string;
  readonly files: string[];

  /** Offline: it depends on nothing. */
  constructor() {
    mkdirSync(this.home);
    mkdirSync(join(this.folder, 'prefix'));
    this.#run(process.execPath, join(CLI, 'bundle.mjs'));
    const packed = this.#run('npm', 'pack', CLI, '--json', '--offline', '--pack-destination', this.folder);
    const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
    this.files = files.map(({ path }) => path).sort();
    this.tarball = join(this.folder, filename);
    this.#run(
      'npm',
      'install',
      '--global',
      '--offline',
      '--prefix',
      join(this.folder, 'prefix'),
      this.tarball,
    );
  }

  /** What a shell of a person has who has just installed it. */
  get env(): Record<string, string> {
    return { PATH: `${this.bin}:${process.env['PATH']}`, HOME: this.home };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #run(command: string, ...args: string[]): string {
    const env = { ...process.env, NODE_OPTIONS: '' };
    return execFileSync(command, args, { cwd: this.folder, env, encoding: 'utf8', timeout: TIMEOUT_MS });
  }
}
