/** A login under way can be taken once, by the browser that began it, for ten minutes. */
import { startNats, type LocalServer } from '@mcpstack/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Logins, randomText } from './logins.ts';

let nats: LocalServer;
const connections: NatsConnection[] = [];
const clock = { nowMs: Date.now() };
beforeAll(async () => {
  nats = await startNats();
});
afterAll(async () => {
  await Promise.all(connections.map((one) => one.close()));
  await nats.stop();
});

/** As another gateway has it. */
async function gateway(): Promise<Logins> {
  const connection = await connect({ servers: nats.url });
  connections.push(connection);
  return new Logins(connection, { nowMs: () => clock.nowMs });
}

it('begun at one gateway, it is taken at another, with all that it began with', async () => {
  const [one, other] = [await gateway(), await gateway()];
  const browser = randomText();
  const login = await one.begin(browser, '/keys');
  expect(await other.take(login.state, browser)).toEqual(login);
  expect(await one.take(login.state, browser)).toBeUndefined();
});

it('of twenty takings at two gateways at once, one succeeds', async () => {
  const both = [await gateway(), await gateway()];
  const browser = randomText();
  for (let round = 0; round < 10; round += 1) {
    const login = await both[0]!.begin(browser, '/');
    const takings = Array.from({ length: 20 }, (_, n) => both[n % 2]!.take(login.state, browser));
    expect((await Promise.all(takings)).filter((one) => one !== undefined)).toHaveLength(1);
  }
});

it('lasts ten minutes by our own clock', async () => {
  const logins = await gateway();
  const browser = randomText();
  const [first, second] = [await logins.begin(browser, '/'), await logins.begin(browser, '/')];
  clock.nowMs += 10 * 60_000 - 1;
  expect(await logins.take(first.state, browser)).toBeDefined();
  clock.nowMs += 1;
  expect(await logins.take(second.state, browser)).toBeUndefined();
});

it('is not taken by another browser, which does not spoil it for the own one', async () => {
  const logins = await gateway();
  const browser = randomText();
  const { state } = await logins.begin(browser, '/');
  expect(await logins.take(state, randomText())).toBeUndefined();
  expect(await logins.take(state, '')).toBeUndefined();
  expect(await logins.take(state, browser)).toBeDefined();
});

it('no two are alike', async () => {
  const logins = await gateway();
  const browser = randomText();
  const made = await Promise.all(Array.from({ length: 50 }, () => logins.begin(browser, '/')));
  expect(new Set(made.flatMap(({ state, nonce, verifier }) => [state, nonce, verifier])).size).toBe(150);
});
