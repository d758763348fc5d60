/** G4 at the gateway: sessions are read again, without a restart, whatever became of the way to NATS and of the clock. */
import { jest } from '@jest/globals';
import { newId } from '@mcpstack/contracts';
import { natsOptions } from '@mcpstack/service-kit';
import { Relay, startNats, waitFor, type LocalServer } from '@mcpstack/testing';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { parseSessionToken } from './session-tokens.ts';
import { Sessions } from './sessions.ts';

const HOUR_MS = 3_600_000;
const ASKERS = 4;
const PING_MS = 50;
/** How long a fault goes on: longer than it takes until a connection counts as stale, which is three pings. */
const FAULT_MS = 250;

const realNow = Date.now;
let nats: LocalServer;
let relay: Relay;
const clock = { offsetMs: 0 };
beforeAll(async () => {
  nats = await startNats();
  relay = await Relay.start(nats.port);
  jest.spyOn(Date, 'now').mockImplementation(() => realNow() + clock.offsetMs);
});
afterAll(async () => {
  jest.restoreAllMocks();
  await relay.stop();
  await nats.stop();
});
afterEach(() => {
  clock.offsetMs = 0;
});

const goneBy = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const options = (): NodeConnectionOptions => natsOptions(`nats://127.0.0.1:${relay.port}`, 'gateway');

const FAULTS: Record<string, () => Promise<void>> = {
  'NATS is killed and started again': () => nats.restart({ kill: true }),
  'NATS is stopped and started again': () => nats.restart(),
  'NATS stands still': async () => {
    await nats.pause();
    await goneBy(FAULT_MS);
    await nats.resume();
  },
  'NATS stands still, half-open, and is killed': async () => {
    await nats.pause();
    relay.hold('down');
    await goneBy(FAULT_MS);
    await nats.restart({ kill: true });
    relay.release();
  },
  'nothing comes through': async () => {
    relay.hold('both');
    await goneBy(FAULT_MS);
    relay.release();
  },
  'the connection is cut': () => {
    relay.cut();
    return Promise.resolve();
  },
};

interface Client {
  connection: NatsConnection;
  find: () => Promise<string>;
}

async function open(options: NodeConnectionOptions): Promise<Client> {
  const connection = await connect({ ...options, pingInterval: PING_MS });
  const sessions = new Sessions(connection, { tokenPrefix: 'mck' });
  const userId = newId('user');
  const { token } = await sessions.begin({ userId, kind: 'browser', label: 'A browser' });
  const credential = parseSessionToken(token, 'mck')!;
  const find = async (): Promise<string> => {
    expect((await sessions.find(credential))?.userId).toBe(userId);
    return userId;
  };
  return { connection, find };
}

/** Asks all the time, whatever is answered, until the connection is closed. */
async function keepAsking({ connection, find }: Client): Promise<void> {
  const ask = async (): Promise<void> => {
    while (!connection.isClosed()) {
      await find().catch(() => undefined);
      await goneBy(5);
    }
  };
  await Promise.all(Array.from({ length: ASKERS }, ask));
}

/** A request that was lost holds up its own asker alone. */
const found = ({ find }: Client): Promise<unknown> =>
  waitFor(() => Promise.race([find(), goneBy(100)]), { what: 'the session' });

it.each(Object.keys(FAULTS))(
  '%s, and the clock is set back, forward and right again',
  async (fault) => {
    const gateway = await open(options());
    const asking = keepAsking(gateway);
    clock.offsetMs = -5 * HOUR_MS;
    await FAULTS[fault]!();
    await found(gateway);
    for (const offsetMs of [5 * HOUR_MS, 0]) {
      clock.offsetMs = offsetMs;
      relay.cut();
      await found(gateway);
    }
    await gateway.connection.close();
    await asking;
  },
  15_000,
);

it('control: a client that dials by the wall clock is lost until that is right again', async () => {
  const { reconnectDelayHandler, ...rest } = options();
  expect(reconnectDelayHandler).toBeDefined();
  const theirs = await open({ ...rest, reconnectTimeWait: 50 });
  const ours = await open(options());
  clock.offsetMs = -5 * HOUR_MS;
  relay.cut();
  await found(ours);
  await expect(theirs.find()).rejects.toThrow('Sessions cannot be read or written now.');
  expect(relay.size).toBe(1);
  clock.offsetMs = 0;
  await waitFor(() => relay.size === 2, { what: 'their dial' });
  await found(theirs);
  await Promise.all([ours.connection.close(), theirs.connection.close()]);
}, 15_000);
