import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LauncherError } from './launcher-error.ts';

/**
 * Holds the data folder for this process alone. The lock is a listening local socket: the kernel takes it
 * away with the process, however that ends, so there is no stale lock to clean up.
 *
 * @throws LauncherError `already-running`
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 24);
  // Linux has socket names that are no files; elsewhere a file in the temporary folder has to do.
  const abstract = process.platform === 'linux';
  const path = abstract ? `\0mcpstack-${name}` : join(tmpdir(), `mcpstack-${name}.sock`);
  const server = createServer((socket) => socket.destroy());
  if (!(await listens(server, path))) {
    if (abstract || (await answers(path))) {
      throw new LauncherError(
        'already-running',
        `MCPStack Keys is already running on the data folder ${folder}: stop it first, or choose another with --data.`,
      );
    }
    rmSync(path, { force: true });
    await listens(server, path);
  }
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function listens(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(path, () => resolve(true));
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
