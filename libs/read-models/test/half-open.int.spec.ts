import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startRedis, type LocalServer } from '@mcpstack/local-servers';
import { openReadModels, ReadModelWriter } from '../src/index.ts';
import { MemoryLog } from './log.ts';
import { FRESHNESS, stamping, until, writeLog } from './world.ts';

/** A way to Redis on which packets can be lost for ever while both ends believe in the connection. */
class Way {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #open = true;

  constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => undefined);
        from.on('data', (bytes) => this.#open && to.write(bytes));
        from.on('close', () => this.#open && to.destroy());
      }
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#open = false;
  }

  /** For new connections; what was lost stays lost. */
  mend(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#open = true;
  }

  close(): void {
    this.mend();
    this.#server.close();
  }
}

let redis: LocalServer;
let way: Way;
beforeEach(async () => {
  redis = await startRedis();
  way = new Way(redis.port);
});
afterEach(async () => {
  way.close();
  await redis.stop();
});

it('G4: a half-open connection is given up within the deadline and made again, for readers', async () => {
  const log = new MemoryLog();
  const key = log.createKey(log.createOrganization().id);
  const session = await writeLog(redis.url, log);
  const stamps = stamping(session);
  const models = openReadModels({ url: await way.listen(), freshness: FRESHNESS, timeoutMs: 200 });
  await until('trust', () => Promise.resolve(models.state().trusted));
  way.cut();
  const began = performance.now();
  await expect(models.findByDigests([key.digest])).rejects.toMatchObject({
    code: 'unavailable',
    reason: 'timed-out',
  });
  expect(performance.now() - began).toBeLessThan(400);
  await until('given up', () => Promise.resolve(!models.state().connected));
  // Nothing is answered on the new connections either, and nothing hangs.
  await expect(models.findByDigests([key.digest])).rejects.toMatchObject({ code: 'unavailable' });
  way.mend();
  await until('trust again', () => Promise.resolve(models.state().trusted));
  expect((await models.findByDigests([key.digest])).value).toMatchObject({ status: 'found' });
  session.end();
  await stamps.stop();
  await models.close();
});

it('G4: and for the writer: the step rejects, the session is over, the next one begins', async () => {
  const writer = new ReadModelWriter({ url: await way.listen(), timeoutMs: 200 });
  const session = await writer.begin();
  await session.stamp();
  way.cut();
  const began = performance.now();
  await expect(session.stamp()).rejects.toMatchObject({ code: 'unavailable', reason: 'timed-out' });
  expect(performance.now() - began).toBeLessThan(400);
  await expect(session.ended).resolves.toMatchObject({ reason: 'timed-out' });
  await expect(session.stamp()).rejects.toMatchObject({ code: 'unavailable' });
  way.mend();
  const next = await until('the next session', () => writer.begin().catch(() => undefined));
  await next.stamp();
  next.end();
});
