/** Does in a temporary folder what deploy/Dockerfile does in an image, as far as files are concerned. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

const RUN_TIMEOUT_MS = 600_000;

interface Instruction {
  verb: string;
  rest: string;
}

/** The instructions of a Dockerfile (no heredocs, no line continuations: ours has none). */
export function readDockerfile(path: string): Instruction[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [verb, ...rest] = line.split(' ');
      return { verb: verb!, rest: rest.join(' ') };
    });
}

/** Builds the tree of the last stage and returns its folder; remove its parent afterwards. */
export async function buildImageTree(repository: string): Promise<string> {
  const workshop = mkdtempSync(join(tmpdir(), 'mcpstack-image-'));
  const ignored = ignoreOf(repository);
  const stages = new Map<string, string>();
  let stage = '';
  try {
    for (const { verb, rest } of readDockerfile(join(repository, 'deploy', 'Dockerfile'))) {
      if (verb === 'FROM') {
        stage = join(workshop, `stage-${stages.size}`);
        mkdirSync(stage);
        stages.set(/ AS (\w+)$/.exec(rest)?.[1] ?? 'final', stage);
      } else if (verb === 'COPY') {
        copy(rest, { repository, stages, stage, ignored });
      } else if (verb === 'RUN' && !rest.includes('/var/lib/')) {
        if (rest.startsWith('npm ci')) install(repository, stage);
        else await run(rest, stage);
      }
    }
    return stage;
  } catch (error) {
    rmSync(workshop, { recursive: true, force: true });
    throw error;
  }
}

function copy(
  rest: string,
  at: { repository: string; stages: Map<string, string>; stage: string; ignored: (path: string) => boolean },
): void {
  const words = rest.split(' ');
  const fromStage = /^--from=(\w+)$/.exec(words[0]!)?.[1];
  if (fromStage) words.shift();
  const target = words.pop()!;
  for (const word of words) {
    // In an image the working directory is /app in both stages.
    const base = fromStage ? at.stages.get(fromStage)! : at.repository;
    const source = resolve(base, word.replace(/^\/app\//, ''));
    if (!existsSync(source)) throw new Error(`deploy/Dockerfile copies ${word}, which is not there`);
    const folder = join(at.stage, target);
    cpSync(source, statSync(source).isDirectory() ? folder : join(folder, basename(source)), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => fromStage !== undefined || !at.ignored(relative(at.repository, path)),
    });
  }
}

/** The patterns of .dockerignore that we use: a name, a path, `**` before a name, `*` in a name. */
function ignoreOf(repository: string): (path: string) => boolean {
  const patterns = readFileSync(join(repository, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const pattern = line
        .replace(/^\*\*\//, '')
        .replaceAll('.', '\\.')
        .replaceAll('*', '[^/]*');
      return new RegExp(`${line.startsWith('**/') ? '(^|/)' : '^'}${pattern}(/|$)`);
    });
  return (path) => patterns.some((pattern) => pattern.test(path));
}

/**
 * What `npm ci` would make of the manifests that were copied: the repository's own packages, which were installed by the
 * same lock file. That takes a second, and the other half a minute.
 */
function install(repository: string, stage: string): void {
  for (const name of ['package.json', 'package-lock.json', '.npmrc', ...manifestsIn(repository)])
    if (!existsSync(join(stage, name))) throw new Error(`deploy/Dockerfile installs without ${name}`);
  const packages = join(repository, 'node_modules');
  cpSync(packages, join(stage, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => path !== join(packages, '.cache'),
  });
}

/** One for each workspace: npm refuses a lock file that knows more of them. */
function manifestsIn(repository: string): string[] {
  const lock = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, unknown>;
  };
  return Object.keys(lock.packages)
    .filter((path) => path !== '' && !path.includes('node_modules/'))
    .map((path) => join(path, 'package.json'));
}

async function run(command: string, cwd: string): Promise<void> {
  const env = { ...process.env, NODE_OPTIONS: '', npm_config_prefer_offline: 'true' };
  try {
    await promisify(execFile)('/bin/sh', ['-c', command], { cwd, env, timeout: RUN_TIMEOUT_MS });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`"${command}" failed: ${stdout}${stderr}`, { cause: error });
  }
}
