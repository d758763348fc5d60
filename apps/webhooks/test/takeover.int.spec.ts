/**
 * A receiver that is killed, slow and answering 500, while the service itself is killed -9 and another one takes over:
 * every event at least once, in order per key, signed. Run as it starts in production.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { freePort, ManagedProcess, waitFor } from '@mcpstack/local-servers';
import type { Received } from './receiver.ts';
import { isInOrder, World } from './world.ts';

/** `npm test` and `npm run build` make it. */
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const CHAOS = fileURLToPath(new URL('../../../tools/test/chaos/', import.meta.url));

let world: World;
const children: ManagedProcess[] = [];
beforeAll(async () => (world = await World.start()));
afterAll(() => world.stop());
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
});

interface Mutation {
  file: string;
  find: string;
  replace: string;
}

async function startProcess(mutations: readonly Mutation[] = []): Promise<ManagedProcess> {
  if (!existsSync(MAIN)) throw new Error('build first: npm run build');
  const port = await freePort();
  const mutated = mutations.length > 0 && {
    NODE_OPTIONS: `--import ${pathToFileURL(join(CHAOS, 'preload.mjs')).href}`,
    CHAOS_DIR: world.folder,
    CHAOS_MUTATIONS: JSON.stringify(mutations),
  };
  const child = await ManagedProcess.start({
    name: 'webhooks',
    command: process.execPath,
    args: [MAIN],
    env: { PATH: process.env['PATH'], ...world.env, HEALTH_PORT: `${port}`, ...mutated },
  });
  children.push(child);
  await waitFor(async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok, { timeoutMs: 20_000 });
  return child;
}

/** Of ten messages one is lost on the way, one is never answered, three are refused. */
function atRandom(): ReturnType<(received: Received) => number | 'drop' | 'hang'> {
  const chance = Math.random();
  if (chance < 0.1) return 'drop';
  if (chance < 0.2) return 'hang';
  return chance < 0.5 ? 500 : 204;
}

describe('the service as a process', () => {
  it('every event at least once, in order per key, signed, whoever is killed', async () => {
    const { receiver } = await world.addWebhook();
    receiver.behave = atRandom;
    const [first, second] = await Promise.all([startProcess(), startProcess()]);
    const written = await world.addEvents(8, 12);
    const told = (count: number) => waitFor(() => receiver.firsts().length >= count, { timeoutMs: 30_000 });
    await told(15);
    await first.kill();
    const third = startProcess();
    await receiver.crashFor(200);
    await told(40);
    await second.kill();
    await receiver.crashFor(100);
    await told(60);
    await third;
    receiver.behave = (received) => (received.event.subject.kind === 'server' ? atRandom() : 204);
    await waitFor(() => written.every(({ id }) => receiver.firsts().includes(id)), {
      timeoutMs: 40_000,
      what: 'every event',
    });
    expect(isInOrder(receiver.firsts(), written)).toBe(true);
    expect(receiver.forged).toBe(0);
    // It was a hard way.
    expect(receiver.requests).toBeGreaterThan(written.length * 1.3);
  }, 240_000);

  it('control: with the order per subject switched off, it is lost', async () => {
    const { receiver } = await world.addWebhook();
    receiver.behave = () => (Math.random() < 0.5 ? 500 : 204);
    await startProcess([
      {
        file: 'webhooks/dist/delivery/window.js',
        find: 'return isFirst && !entry.inFlight;',
        replace: 'return !entry.inFlight;',
      },
    ]);
    const written = await world.addEvents(2, 20);
    await waitFor(() => written.every(({ id }) => receiver.firsts().includes(id)), { timeoutMs: 30_000 });
    expect(isInOrder(receiver.firsts(), written)).toBe(false);
  }, 240_000);

  it('control: with what is under way written down as delivered, a kill loses it', async () => {
    const { receiver } = await world.addWebhook();
    receiver.behave = () => 'hang';
    const child = await startProcess([
      {
        file: 'webhooks/dist/delivery/window.js',
        find: 'cursor: `${cursor}`,',
        replace: 'cursor: `${this.#readUntil}`,',
      },
    ]);
    const written = await world.addEvents(3, 2);
    await waitFor(() => receiver.requests >= 6);
    await child.kill();
    receiver.behave = () => 204;
    await startProcess();
    const [later] = await world.addEvents(1, 1);
    await waitFor(() => receiver.firsts().includes(later!.id), { timeoutMs: 20_000 });
    expect(written.map(({ id }) => receiver.firsts().includes(id))).toContain(false);
  }, 240_000);
});
