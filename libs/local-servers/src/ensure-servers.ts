/** Makes sure that both servers can be started here, installing them where that is allowed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LocalServerError } from './errors.ts';
import {
  findImage,
  findProgram,
  missing,
  SERVERS,
  type ServerBinary,
  type ServerKind,
} from './find-servers.ts';

const run = promisify(execFile);
const APT_TIMEOUT_MS = 300_000;

export interface EnsureOptions {
  /** Which servers; both by default. */
  kinds?: readonly ServerKind[];
  /** Told in a few words what is being done. */
  onProgress?: (message: string) => void;
  /** Environment to read PATH, MCPSTACK_SERVER_PATH and MCPSTACK_NO_INSTALL from; ours by default. */
  env?: NodeJS.ProcessEnv;
}

/**
 * Finds each server: as a program; else by apt-get, where we are root or may sudo without a password and
 * MCPSTACK_NO_INSTALL is not set; else as a Docker image where an engine answers.
 *
 * @throws LocalServerError `server-missing`, `server-too-old`, `install-failed`: one sentence that says what to do.
 */
export async function ensureServers(options: EnsureOptions = {}): Promise<Record<ServerKind, ServerBinary>> {
  const { kinds = ['nats', 'redis'], onProgress = () => undefined, env = process.env } = options;
  const found = new Map<ServerKind, ServerBinary>();
  const look = async () => {
    for (const kind of kinds) {
      const program = await findProgram(kind, { env });
      if (program) found.set(kind, program);
    }
    return kinds.filter((kind) => !found.has(kind));
  };
  let lacking = await look();
  const mayInstall = !env.MCPSTACK_NO_INSTALL;
  const apt = lacking.length > 0 && mayInstall ? await aptCommand(env) : undefined;
  if (apt) {
    const packages = lacking.map((kind) => SERVERS[kind].debianPackage);
    onProgress(`installing ${packages.join(' and ')} with apt-get`);
    await aptInstall(apt, packages, env);
    lacking = await look();
  }
  for (const kind of mayInstall ? lacking : []) {
    const image = await findImage(kind, { env });
    if (image) found.set(kind, image);
  }
  lacking = kinds.filter((kind) => !found.has(kind));
  if (lacking.length > 0) throw missing(lacking);
  return Object.fromEntries(found) as Record<ServerKind, ServerBinary>;
}

/**
 * Installs Debian packages where we may. @returns whether they were installed.
 * @throws LocalServerError `install-failed`
 */
export async function installPackages(
  packages: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const apt = env.MCPSTACK_NO_INSTALL ? undefined : await aptCommand(env);
  if (apt) await aptInstall(apt, packages, env);
  return apt !== undefined;
}

/** The words that start apt-get with the rights to install, or nothing if we lack them. */
async function aptCommand(env: NodeJS.ProcessEnv): Promise<string[] | undefined> {
  const works = (words: string[]) =>
    run(words[0]!, words.slice(1), { timeout: 5_000, env }).then(
      () => true,
      () => false,
    );
  if (!(await works(['apt-get', '--version']))) return undefined;
  if (process.getuid?.() === 0) return ['apt-get'];
  return (await works(['sudo', '-n', 'true'])) ? ['sudo', '-n', 'apt-get'] : undefined;
}

async function aptInstall(apt: string[], packages: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const apply = (...args: string[]) =>
    run(apt[0]!, [...apt.slice(1), ...args], {
      timeout: APT_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  // Others may be installing at the same moment.
  const install = [
    'install',
    '-o',
    'DPkg::Lock::Timeout=120',
    '--yes',
    '--no-install-recommends',
    ...packages,
  ];
  try {
    await apply(...install);
  } catch {
    // The package lists may be missing or old on a fresh machine.
    try {
      await apply('update');
      await apply(...install);
    } catch (cause) {
      throw new LocalServerError(
        'install-failed',
        `apt-get could not install ${packages.join(' and ')}: install by hand, or start Docker.`,
        { cause },
      );
    }
  }
}
