/**
 * Children die with their parent, also when the parent is killed with SIGKILL and can do nothing more.
 *
 * Beside each child runs a tiny shell that reads a pipe from us. The kernel closes the pipe when we are
 * gone, however we went; the shell then ends the child: SIGTERM, and SIGKILL after 3 s. It runs in a
 * session of its own, so that Ctrl-C at the terminal does not reach it. Left open: the two or so
 * milliseconds between the start of the child and that of its shell, and a shell that is itself killed.
 */
import { spawn } from 'node:child_process';

const SCRIPT = `
while read -r _; do :; done
kill -TERM "$1" 2>/dev/null
kill -CONT "$1" 2>/dev/null
left=30
while [ $left -gt 0 ] && kill -0 "$1" 2>/dev/null; do sleep 0.1; left=$((left - 1)); done
kill -KILL "$1" 2>/dev/null
[ -z "$2" ] || docker rm -f "$2" >/dev/null 2>&1
`;

export interface Watchdog {
  /** Calls the watch off, once the child has ended. */
  release(): Promise<void>;
}

/** Watches over the process `pid`, and over the Docker container of that name if one is given. */
export function watchOver(pid: number, container = ''): Watchdog {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'mcpstack-watchdog', String(pid), container], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.unref();
  const gone = new Promise<void>((resolve) => {
    shell.once('exit', () => resolve());
    shell.once('error', () => resolve());
  });
  // The pipe must not keep our event loop alive, and a shell that died must not throw at us.
  shell.stdin.on('error', () => undefined);
  (shell.stdin as unknown as { unref?: () => void }).unref?.();
  return {
    async release() {
      shell.ref();
      shell.kill('SIGKILL');
      await gone;
    },
  };
}
