/** Who was late: Redis, or the process that asks it. */
import { setImmediate as turn } from 'node:timers/promises';
import { startRedis, type LocalServer } from '@mcpstack/local-servers';
import { Connection } from '../src/connection.ts';

const TIMEOUT_MS = 300;

let redis: LocalServer;
let connection: Connection;
beforeEach(async () => {
  redis = await startRedis();
  connection = await Connection.make({ url: redis.url, name: 'spec', scripts: [], timeoutMs: TIMEOUT_MS });
});
afterEach(async () => {
  connection.drop(new Error('the spec is over'));
  await redis.stop();
});

/** Asks, and does nothing else until the deadline has long passed. */
async function askAndStall(): Promise<{ answer: Promise<unknown> }> {
  const answer = connection.command(['PING']);
  answer.catch(() => undefined);
  // It is on its way.
  await turn();
  const untilMs = performance.now() + 2 * TIMEOUT_MS;
  while (performance.now() < untilMs);
  return { answer };
}

it('a process that stood still takes the answer that came meanwhile, and keeps the connection', async () => {
  const { answer } = await askAndStall();
  await expect(answer).resolves.toBe('PONG');
  await expect(connection.command(['PING'])).resolves.toBe('PONG');
});

it('control: Redis that did not answer meanwhile has missed its deadline', async () => {
  await redis.pause();
  const { answer } = await askAndStall();
  await expect(answer).rejects.toMatchObject({ reason: 'timed-out' });
  await expect(connection.command(['PING'])).rejects.toMatchObject({ reason: 'timed-out' });
  await redis.resume();
});
