/** A service started as Kubernetes starts it: a user without a name and without rights, on a root that nobody writes to. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync } from 'node:fs';

export const USER_ID = 10_001;

// The folder stays as it is; what it starts in, wherever that is mounted, and the root of this machine are read-only for what is
// started here, and for nobody else.
const ENTER =
  'mount --bind "$2" "$2" && mount -o remount,bind,ro "$2" && ' +
  'mount --bind "$1" "$1" && mount -o remount,bind,rw "$1" && mount -o remount,bind,ro / && cd "$2" && shift 2 && ' +
  `exec setpriv --reuid ${USER_ID} --regid ${USER_ID} --clear-groups --bounding-set -all --no-new-privs "$@"`;

/** Why this machine cannot do that. */
export function whyNoPlainUser(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root on Linux enters a mount namespace';
  const { status } = enter('/mnt', '/srv', ['node', '-e', '0']);
  return status === 0 ? undefined : 'this machine lets nobody make mount namespaces';
}

/** @param folder the one that may be written to. */
function enter(folder: string, cwd: string, command: readonly string[]) {
  return spawnSync('unshare', ['--mount', 'sh', '-c', ENTER, 'sh', folder, cwd, ...command], {
    encoding: 'utf8',
  });
}

/** As a Secret is mounted: root's, and readable by the group of the pod. */
export function asSecret(path: string): void {
  chownSync(path, 0, USER_ID);
  chmodSync(path, 0o440);
}

export function startPlainly(
  { folder, image, env }: { folder: string; image: string; env: NodeJS.ProcessEnv },
  command: readonly string[],
): ChildProcess {
  const args = ['--mount', 'sh', '-c', ENTER, 'sh', folder, image, ...command];
  return spawn('unshare', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
}
