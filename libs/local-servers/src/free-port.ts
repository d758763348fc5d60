import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { LocalServerError } from './errors.ts';

/** Below the ports that systems hand to outgoing connections: any of those may be taken at any moment. */
const LOWEST = 10_000;
const HIGHEST = 32_767;
const TRIES = 200;
/** Test workers beside one another draw from shares of their own: between the look and the use, none takes another's. */
const SHARES = 8;
const MOST_TOLD = 1_000;
/** What this process was told already, and may not use yet. */
const told = new Set<number>();

/**
 * A TCP port that nobody listens on at this moment, and that was not told before. Another process may take it before you
 * do, so whoever uses it must be ready to try another one.
 * @throws LocalServerError `port-in-use` when none is found.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = draw();
    if (told.has(port) || !(await isPortFree(port, host))) continue;
    // Forgotten in time, as ports end: one that was told so long ago is in use, or never will be.
    if (told.size >= MOST_TOLD) told.clear();
    told.add(port);
    return port;
  }
  throw new LocalServerError('port-in-use', `No port between ${LOWEST} and ${HIGHEST} on ${host} is free.`);
}

function draw(): number {
  const worker = Number(process.env['JEST_WORKER_ID'] ?? Number.NaN);
  if (!(worker > 0)) return randomInt(LOWEST, HIGHEST + 1);
  const size = Math.floor((HIGHEST + 1 - LOWEST) / SHARES);
  const first = LOWEST + ((worker - 1) % SHARES) * size;
  return randomInt(first, first + size);
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
