/** Renders the chart with Helm's template engine: Go's own, with the functions that Debian packages. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages } from '@mcpstack/local-servers';
import { parse } from 'yaml';
import { KUBERNETES, type Kubernetes } from './objects.ts';

export const CHART = join(KUBERNETES, 'chart');
const SOURCES = '/usr/share/gocode';
const PACKAGES = ['golang-go', 'golang-github-masterminds-sprig-dev', 'golang-github-ghodss-yaml-dev'];

export type Values = Record<string, unknown>;

export interface Rendered {
  text: string;
  notes: string;
  objects: Kubernetes[];
}

const isHere = (): boolean => {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
  } catch {
    return false;
  }
  return (
    existsSync(join(SOURCES, 'src/github.com/Masterminds/sprig')) &&
    existsSync(join(SOURCES, 'src/github.com/ghodss'))
  );
};

/** Why charts cannot be rendered on this machine, once what may be installed was. */
export async function whyNoRenderer(): Promise<string | undefined> {
  if (isHere()) return undefined;
  try {
    await installPackages(PACKAGES);
  } catch {
    // What is missing then is said below.
  }
  return isHere() ? undefined : `there is no Go with sprig here: apt-get install ${PACKAGES.join(' ')}`;
}

export class Renderer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mcpstack-render-'));
  readonly #program = join(this.#folder, 'render');
  readonly #defaults = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as Values;

  /** Takes half a minute the first time; what was compiled is kept by Go. */
  constructor() {
    const env = { ...process.env, GO111MODULE: 'off', GOPATH: SOURCES, CGO_ENABLED: '0', GOFLAGS: '' };
    execFileSync('go', ['build', '-o', this.#program, '.'], {
      cwd: join(import.meta.dirname, 'render'),
      env,
    });
  }

  /** The defaults with these in their places, as Helm merges them: maps go together, all else is replaced. */
  values(own: Values): Values {
    return merged(this.#defaults, own) as Values;
  }

  render(own: Values = {}): Rendered {
    const text = execFileSync(this.#program, [CHART, JSON.stringify(this.values(own))], {
      encoding: 'utf8',
      maxBuffer: 16 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return JSON.parse(text) as Rendered;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

function merged(one: unknown, other: unknown): unknown {
  const isMap = (value: unknown): value is Values =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(one) || !isMap(other)) return other;
  const result: Values = { ...one };
  for (const [name, value] of Object.entries(other))
    result[name] = name in one ? merged(one[name], value) : value;
  return result;
}
