/** The one question that the writer answers: it must prove in the same step that it still writes the data set. */
import { startRedis, type LocalServer } from '@mcpstack/local-servers';
import { SessionEndedError, type WriteSession } from '../src/index.ts';
import { ACTOR, MemoryLog } from './log.ts';
import { eventAt, writeLog } from './world.ts';

let redis: LocalServer;
let session: WriteSession;
let log: MemoryLog;
let organizationId: string;
let keys: { id: string; stream: string }[];

beforeEach(async () => {
  redis = await startRedis();
  log = new MemoryLog();
  organizationId = log.createOrganization().id;
  keys = [1, 2, 3].map(() => log.createKey(organizationId));
  log.createKey(organizationId, {}, { type: 'key', id: keys[0]!.id });
  log.revoke(keys[0]!.stream);
  session = await writeLog(redis.url, log);
});
afterEach(async () => {
  session.end();
  await redis.stop();
});

const ask = (limit: number) => session.keysOfMaker('g-1', { organizationId, maker: ACTOR, limit });

it('answers all of them or none', async () => {
  expect(await ask(3)).toEqual([keys[1]!.id, keys[2]!.id, keys[0]!.id]);
  expect(await ask(2)).toBe('too-many');
  expect(await ask(1)).toBe('too-many');
});

it('says so when another generation is in force', async () => {
  const next = await session.build('log-1');
  await session.apply(next, [], eventAt(log.head));
  await session.switchTo(next);
  expect(await ask(3)).toBe('superseded');
});

it('is refused once another session has begun', async () => {
  const later = await writeLog(redis.url, log);
  await expect(ask(3)).rejects.toThrow(SessionEndedError);
  later.end();
});
