import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ManagedProcess, freePort } from '@mcpstack/local-servers';
import { FRESHNESS, isValid, until, World } from './world.ts';

/** As it starts in production. `npm test` and `npm run build` make it. */
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let world: World;
beforeEach(async () => (world = await World.start()));
afterEach(() => world.stop());

async function startProcess(
  more: Record<string, string> = {},
): Promise<{ child: ManagedProcess; health: () => Promise<Health> }> {
  if (!existsSync(MAIN)) throw new Error('build first: npm run build');
  const port = await freePort();
  const child = await ManagedProcess.start({
    name: 'projection',
    command: process.execPath,
    args: [MAIN],
    env: {
      ...process.env,
      NATS_URL: world.natsServer.url,
      REDIS_URL: world.redis.url,
      EVENT_STORE_URL: world.natsServer.url,
      HEALTH_PORT: `${port}`,
      STAMP_LIFE_MS: `${FRESHNESS.stampLifeMs}`,
      LEASE_LIFE_MS: `${FRESHNESS.leaseLifeMs}`,
      FRESH_DELTA_MS: `${FRESHNESS.deltaMs}`,
      ...more,
    },
  });
  const health = async (): Promise<Health> => {
    const [ready, status] = await Promise.all(
      ['ready', 'projection'].map((path) => fetch(`http://127.0.0.1:${port}/health/${path}`)),
    );
    return { ready: ready!.status === 200, ...((await status!.json()) as { role: string; parked: number }) };
  };
  await until('health', () => health().catch(() => undefined), 20_000);
  return { child, health };
}

interface Health {
  ready: boolean;
  role: string;
  parked: number;
}

describe('the projection as a process', () => {
  it('G4: frozen (SIGSTOP) it is replaced after L; woken, it disturbs nothing and stands by', async () => {
    const models = world.read();
    const { child, health } = await startProcess();
    await until('ready and active', async () => {
      const { ready, role } = await health();
      return ready && role === 'active';
    });
    const key = await world.createKey(await world.createOrganization());
    await world.confirm(key.position, 'visible');
    await until('valid', () => isValid(models, key));

    await child.pause();
    await until('distrust', async () => !(await isValid(models, key)), FRESHNESS.stampLifeMs + 2_000);
    const next = await world.project();
    await until('take-over', () => next.status.report().role === 'active');
    await until('valid again', () => isValid(models, key));

    await child.resume();
    await until('stands by', async () => (await health()).role === 'standby');
    expect(await world.confirm(await world.revoke(key), 'final')).toEqual({ confirmed: true });
    expect(await isValid(models, key)).toBe(false);
    expect(await world.expectFold(models)).toBe(1);
    expect(next.status.report().role).toBe('active');
    await child.stop();
  });

  it('SIGTERM: releases the lease and exits 0 within seconds', async () => {
    const { child, health } = await startProcess();
    await until('active', async () => (await health()).role === 'active');
    const began = performance.now();
    await child.stop({ graceMs: 10_000 });
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(performance.now() - began).toBeLessThan(8_000);
    const next = await world.project();
    await until('active at once', () => next.status.report().role === 'active', FRESHNESS.leaseLifeMs);
  });

  it('SIGTERM while NATS, the log and Redis are gone: exits 0 within seconds all the same', async () => {
    const { child, health } = await startProcess();
    await until('active', async () => (await health()).role === 'active');
    await Promise.all([world.natsServer.kill(), world.redis.kill()]);
    const began = performance.now();
    await child.stop({ graceMs: 15_000 });
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(performance.now() - began).toBeLessThan(10_000);
    await Promise.all([world.natsServer.restart(), world.redis.restart()]);
  });

  it('a wrong setting ends it with one sentence and exit code 1', async () => {
    const child = await ManagedProcess.start({
      name: 'projection',
      command: process.execPath,
      args: [MAIN],
      env: {
        ...process.env,
        NATS_URL: world.natsServer.url,
        REDIS_URL: 'http://nowhere',
        EVENT_STORE_URL: '',
      },
    });
    expect(await child.exited).toMatchObject({ code: 1 });
    expect(child.lastLines().join('\n')).toMatch(/REDIS_URL cannot be used.*EVENT_STORE_URL is not set/);
  });
});
