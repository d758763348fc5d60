import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { LocalServerError } from './errors.ts';

/** Below the ports that systems hand to outgoing connections: any of those may be taken at any moment. */
const LOWEST = 10_000;
const HIGHEST = 32_767;
const TRIES = 200;

/**
 * A TCP port that nobody listens on at this moment. Another process may take it before you do, so
 * whoever uses it must be ready to try another one.
 * @throws LocalServerError `port-in-use` when none is found.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (await isPortFree(port, host)) return port;
  }
  throw new LocalServerError('port-in-use', `No port between ${LOWEST} and ${HIGHEST} on ${host} is free.`);
}

/** Whether somebody could listen on `port` now. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, port, host);
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

function listen(server: ReturnType<typeof createServer>, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
