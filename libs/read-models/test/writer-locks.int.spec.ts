/** G4: what each write proves, one proof at a time, where no other one holds in its place. */
import { freePort, Relay, startRedis, type LocalServer } from '@mcpstack/local-servers';
import { createClient } from '@redis/client';
import { ReadModelWriter, SessionEndedError, type WriteSession } from '../src/index.ts';
import { CONTROL } from '../src/namespace.ts';

let redis: LocalServer;
let client: ReturnType<typeof createClient>;
let session: WriteSession;

beforeAll(async () => {
  redis = await startRedis();
  client = createClient({ url: redis.url });
  await client.connect();
});
afterAll(async () => {
  client.destroy();
  await redis.stop();
});
beforeEach(async () => {
  session = await new ReadModelWriter({ url: redis.url }).begin();
  // The control: it writes.
  await session.build('log-1');
});
afterEach(() => session.end());

const refusal = () => session.build('log-1').catch((error: unknown) => error as Error);

it('that the session is the last one; a refusal ends it for all that follows', async () => {
  const other = await new ReadModelWriter({ url: redis.url }).begin();
  const first = await refusal();
  expect(first).toBeInstanceOf(SessionEndedError);
  expect(first).toMatchObject({ message: expect.stringContaining('another session writes here') as string });
  // The very same error: nothing is sent any more.
  expect(await refusal()).toBe(first);
  other.end();
});

it('that the data set bears the name of this server', async () => {
  await client.hSet(CONTROL, 'identity', 'another:server');
  expect(await refusal()).toMatchObject({
    message: expect.stringContaining('another session writes here') as string,
  });
});

it('that the server is the one that the session began on, whatever the data set says', async () => {
  await client.sendCommand(['REPLICAOF', '127.0.0.1', `${await freePort()}`]);
  await client.sendCommand(['REPLICAOF', 'NO', 'ONE']);
  const info = await client.info();
  const [run, replication] = [/run_id:(\w+)/.exec(info)![1]!, /master_replid:(\w+)/.exec(info)![1]!];
  await client.hSet(CONTROL, 'identity', `${run}:${replication}`);
  expect(await refusal()).toMatchObject({
    message: expect.stringContaining('the server has another identity') as string,
  });
});

it('that the stamp before is its own; the first is 1, over the 0 that it began with', async () => {
  expect(await client.hGet(CONTROL, 'counter')).toBe('0');
  await session.stamp();
  expect(await client.hGet(CONTROL, 'counter')).toBe('1');
  await client.hSet(CONTROL, 'counter', 5);
  await expect(session.stamp()).rejects.toThrow('another stamp stands here');
});

it('a stamp counts as unanswered until its answer is here', async () => {
  const relay = await Relay.start(redis.port);
  const far = await new ReadModelWriter({ url: `redis://127.0.0.1:${relay.port}` }).begin();
  relay.hold('down');
  const stamp = far.stamp();
  expect(far.unansweredStamps).toBe(1);
  relay.release();
  await stamp;
  expect(far.unansweredStamps).toBe(0);
  far.end();
  await relay.stop();
});
