/** Finds nats-server and redis-server: in PATH, in the usual places, or as a Docker image. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { LocalServerError } from './errors.ts';

const run = promisify(execFile);

export type ServerKind = 'nats' | 'redis';

/** How a server is run here: a program on this machine or a Docker image. */
export type ServerBinary =
  | { type: 'program'; kind: ServerKind; path: string; version: string }
  | { type: 'image'; kind: ServerKind; image: string };

interface ServerFacts {
  program: string;
  title: string;
  minimum: string;
  why: string;
  image: string;
  debianPackage: string;
}

export const SERVERS: Readonly<Record<ServerKind, ServerFacts>> = {
  nats: {
    program: 'nats-server',
    title: 'NATS server',
    minimum: '2.9.0',
    why: 'JetStream with direct reads',
    image: 'nats:2.12-alpine',
    debianPackage: 'nats-server',
  },
  redis: {
    program: 'redis-server',
    title: 'Redis',
    minimum: '7.0.0',
    why: 'INFO with several sections at once',
    image: 'redis:7.4-alpine',
    debianPackage: 'redis-server',
  },
};

const USUAL_PLACES = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/opt/homebrew/bin',
  join(homedir(), 'go', 'bin'),
  join(homedir(), '.local', 'bin'),
];

export interface FindOptions {
  /** Environment to read PATH and MCPSTACK_SERVER_PATH from; ours by default. */
  env?: NodeJS.ProcessEnv;
}

/**
 * The program that runs this server, or `undefined` if there is none.
 * MCPSTACK_SERVER_PATH, where set, is the only path that is searched.
 *
 * @throws LocalServerError `server-too-old` when only older ones are found.
 */
export async function findProgram(
  kind: ServerKind,
  { env = process.env }: FindOptions = {},
): Promise<ServerBinary | undefined> {
  const { program, title, minimum, why } = SERVERS[kind];
  let older: string | undefined;
  for (const folder of placesOf(env)) {
    const path = join(folder, program);
    const version = await versionOf(path);
    if (version === undefined) continue;
    if (isAtLeast(version, minimum)) return { type: 'program', kind, path, version };
    older ??= `${path} is version ${version}`;
  }
  if (older === undefined) return undefined;
  throw new LocalServerError(
    'server-too-old',
    `${older}, but ${title} ${minimum} or newer is needed (${why}): install a newer ${program}.`,
  );
}

/** The Docker image of this server if a Docker engine answers. */
export async function findImage(
  kind: ServerKind,
  { env = process.env }: FindOptions = {},
): Promise<ServerBinary | undefined> {
  try {
    await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 5_000, env });
    return { type: 'image', kind, image: SERVERS[kind].image };
  } catch {
    return undefined;
  }
}

/** The program, else the Docker image; installs nothing. */
export async function findServer(kind: ServerKind, options: FindOptions = {}): Promise<ServerBinary> {
  const found = (await findProgram(kind, options)) ?? (await findImage(kind, options));
  if (found) return found;
  throw missing([kind]);
}

export function missing(kinds: readonly ServerKind[]): LocalServerError {
  const needs = kinds
    .map((kind) => `${SERVERS[kind].program} ${SERVERS[kind].minimum} or newer`)
    .join(' and ');
  const packages = kinds.map((kind) => SERVERS[kind].debianPackage).join(' ');
  return new LocalServerError(
    'server-missing',
    `${needs} not found: install with "apt-get install ${packages}" or your system's package manager, or start Docker.`,
  );
}

function placesOf(env: NodeJS.ProcessEnv): string[] {
  const only = env.MCPSTACK_SERVER_PATH;
  const path = only ?? env.PATH ?? '';
  const listed = path.split(delimiter).filter(Boolean);
  return [...new Set(only === undefined ? [...listed, ...USUAL_PLACES] : listed)];
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    const { stdout } = await run(path, ['--version'], { timeout: 5_000 });
    return /v=?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

/** Whether dotted `version` is `minimum` or newer. */
export function isAtLeast(version: string, minimum: string): boolean {
  const have = version.split('.').map(Number);
  for (const [index, need] of minimum.split('.').map(Number).entries()) {
    const part = have[index] ?? 0;
    if (part !== need) return part > need;
  }
  return true;
}
