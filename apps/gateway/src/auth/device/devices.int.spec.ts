/** Letting devices in, against a real NATS: codes, decisions, polls and limits. The clock is the spec's. */
import { BUCKETS, newId, ProblemError } from '@mcpstack/contracts';
import { startNats, type LocalServer } from '@mcpstack/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type Bucket } from '../bucket.ts';
import { Sessions } from '../sessions.ts';
import { parseSessionToken } from '../session-tokens.ts';
import { isDeviceCode, makeDeviceCode, makeUserCode, readUserCode } from './device-codes.ts';
import { DEFAULT_DEVICE_LIMITS, DeviceLimits, type DeviceLimitSettings } from './device-limits.ts';
import { DEVICE_CODE_LIFE_MS, Devices } from './devices.ts';

const PREFIX = 'mcpstack';
const ADDRESS = '192.0.2.1';

let nats: LocalServer;
let connections: NatsConnection[];
let nowMs: number;
let userId: string;
let devices: Devices;
let others: Devices;
let sessions: Sessions;
beforeAll(async () => {
  nats = await startNats();
  connections = await Promise.all([1, 2].map(() => connect({ servers: nats.url })));
});
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await nats.stop();
});
const gateway = (connection: NatsConnection, limits: Partial<DeviceLimitSettings> = {}): Devices => {
  const clock = { tokenPrefix: PREFIX, loginIsSetUp: true, nowMs: () => nowMs };
  sessions = new Sessions(connection, clock);
  return new Devices(connection, sessions, new DeviceLimits({ ...DEFAULT_DEVICE_LIMITS, ...limits }), clock);
};
beforeEach(() => {
  nowMs = Date.now();
  userId = newId('user');
  devices = gateway(connections[0]!);
  others = gateway(connections[1]!);
});

const asker = () => ({ sessionId: newId('session'), address: ADDRESS });
/** Whoever approves is logged in. */
const loggedIn = async (who = userId) => {
  const { sessionId } = await sessions.begin({ userId: who, kind: 'browser', label: 'a browser' });
  return { sessionId, address: ADDRESS };
};
/** The devices that were let in. */
const letIn = async () => (await sessions.list(userId)).filter(({ kind }) => kind === 'device');
const begin = (by = devices) => by.begin({ clientName: 'laptop', address: ADDRESS });
const poll = (deviceCode: string, by = devices): Promise<string> =>
  by.poll(deviceCode).then(
    () => 'let in',
    (error: { code: string }) => error.code,
  );

describe('the codes', () => {
  it('of a device has 256 random bits; that of a person 8 letters, typed in whatever way', async () => {
    const { deviceCode, userCode, expiresIn, interval } = await begin();
    expect(isDeviceCode(deviceCode, PREFIX)).toBe(true);
    expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect({ expiresIn, interval }).toEqual({ expiresIn: 600, interval: 5 });
    const letters = userCode.replace('-', '');
    for (const typed of [userCode, letters, letters.toLowerCase(), ` ${letters.split('').join('- ')} `])
      expect((await devices.find(typed, asker()))?.userCode).toBe(userCode);
    const many = new Set(Array.from({ length: 1_000 }, makeUserCode));
    expect(many.size).toBe(1_000);
    expect(new Set([...many].join('')).size).toBe(21);
  });

  it.each([
    '',
    'BCDF-GHJ',
    'BCDF-GHJKL',
    'ACDF-GHJK',
    'BCD1-GHJK',
    'BCDF.GHJK',
    'B'.repeat(10_000),
    'ВCDF-GHJK',
  ])('of a person is not %p', (typed) => {
    expect(readUserCode(typed)).toBeUndefined();
  });

  it('that another device shows now is not shown twice', async () => {
    const taken = await begin();
    const bucket = (devices as unknown as { bucket: { create: (...args: unknown[]) => Promise<boolean> } })
      .bucket;
    const create = bucket.create.bind(bucket);
    const keys: string[] = [];
    bucket.create = async (key, value) => {
      keys.push(key as string);
      return keys.length <= 2 ? false : create(key, value);
    };
    const next = await begin();
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(4);
    expect(next.userCode).not.toBe(taken.userCode);
  });
});

describe('a device that is approved', () => {
  it('gets a session of that person, once, at whichever gateway it asks', async () => {
    const { deviceCode, userCode } = await begin();
    expect(await poll(deviceCode)).toBe('authorization-pending');
    expect(await others.find(userCode, asker())).toMatchObject({ clientName: 'laptop', address: ADDRESS });
    expect(await others.approve(userCode, userId, await loggedIn())).toBe(true);
    nowMs += 5_000;
    const session = await devices.poll(deviceCode);
    expect(session.userId).toBe(userId);
    const found = await sessions.find(parseSessionToken(session.accessToken, PREFIX)!);
    expect(found).toEqual({ userId, sessionId: session.sessionId, kind: 'device' });
    expect((await letIn()).map(({ label }) => label)).toEqual(['laptop']);
    nowMs += 5_000;
    expect([await poll(deviceCode), await poll(deviceCode, others)]).toEqual([
      'grant-expired',
      'grant-expired',
    ]);
    expect(await others.find(userCode, asker())).toBeUndefined();
    expect(await others.approve(userCode, newId('user'), asker())).toBe(false);
  });

  it('of 20 polls at once, over two gateways, one gets the one session', async () => {
    const { deviceCode, userCode } = await begin();
    await devices.approve(userCode, userId, await loggedIn());
    // Each of a gateway of its own, so that none is early.
    const many = Array.from({ length: 20 }, (_, at) => gateway(connections[at % 2]!));
    const answers = await Promise.all(many.map((one) => poll(deviceCode, one)));
    expect(answers.filter((one) => one === 'let in')).toHaveLength(1);
    expect(answers.filter((one) => one === 'grant-expired')).toHaveLength(19);
    expect(await letIn()).toHaveLength(1);
  });

  it('of two people one lets it in; who denies later changes nothing', async () => {
    const { deviceCode, userCode } = await begin();
    const second = newId('user');
    const [one, other] = [await loggedIn(), await loggedIn(second)];
    const decided = await Promise.all([
      devices.approve(userCode, userId, one),
      others.approve(userCode, second, other),
    ]);
    expect(decided.filter(Boolean)).toHaveLength(1);
    expect(await others.deny(userCode, asker())).toBe(false);
    expect((await devices.poll(deviceCode)).userId).toBe(decided[0] ? userId : second);
  });
});

describe('a device that is not let in', () => {
  it('is approved by a session that ends before it asks', async () => {
    const [{ deviceCode, userCode }, control] = [await begin(), await begin()];
    const approver = await loggedIn();
    expect(await devices.approve(userCode, userId, approver)).toBe(true);
    expect(await devices.approve(control.userCode, userId, await loggedIn())).toBe(true);
    expect(await sessions.end(userId, approver.sessionId)).toBe(true);
    expect(await poll(deviceCode)).toBe('grant-expired');
    expect(await letIn()).toEqual([]);
    expect(await poll(control.deviceCode)).toBe('let in');
  });

  it('leaves no session behind where its use cannot be written', async () => {
    const { deviceCode, userCode } = await begin();
    await devices.approve(userCode, userId, await loggedIn());
    const { bucket } = devices as unknown as { bucket: Bucket };
    const update = bucket.update.bind(bucket);
    bucket.update = () => Promise.reject(new ProblemError('unavailable', 'away'));
    expect(await poll(deviceCode)).toBe('unavailable');
    expect(await letIn()).toEqual([]);
    bucket.update = update;
    nowMs += 5_000;
    expect(await poll(deviceCode)).toBe('let in');
    expect(await letIn()).toHaveLength(1);
  });

  it('is denied, and stays so', async () => {
    const { deviceCode, userCode } = await begin();
    expect(await devices.deny(userCode, asker())).toBe(true);
    expect(await poll(deviceCode)).toBe('authorization-denied');
    expect(await others.approve(userCode, userId, asker())).toBe(false);
    expect(await poll(deviceCode, others)).toBe('authorization-denied');
    expect(await sessions.list(userId)).toEqual([]);
  });

  it('is expired after ten minutes, approved or not', async () => {
    const [first, second] = [await begin(), await begin()];
    await devices.approve(first.userCode, userId, await loggedIn());
    nowMs += DEVICE_CODE_LIFE_MS - 1;
    expect(await poll(second.deviceCode)).toBe('authorization-pending');
    nowMs += 1;
    expect(await poll(first.deviceCode)).toBe('grant-expired');
    expect(await devices.find(second.userCode, asker())).toBeUndefined();
    expect(await devices.approve(second.userCode, userId, asker())).toBe(false);
    expect(await poll(second.deviceCode, others)).toBe('grant-expired');
    expect(await letIn()).toEqual([]);
  });

  it.each([
    ['never was', () => makeDeviceCode(PREFIX)],
    ['is none', () => 'x'],
    ['is a user code', () => makeUserCode()],
  ])('has a code that %s', async (_, code) => {
    expect(await poll(code())).toBe('grant-expired');
  });
});

it('what strangers ask for is bounded, so that the event log keeps its disk', async () => {
  await begin();
  const manager = await jetstreamManager(connections[0]!);
  const { config } = await manager.streams.info(`KV_${BUCKETS.deviceGrants}`);
  expect(config.max_bytes).toBe(64 * 1024 * 1024);
});

describe('polls', () => {
  it('that come too fast are told to slow down, by five seconds more each time', async () => {
    const { deviceCode, userCode } = await begin();
    const at = async (waitMs: number): Promise<unknown> => {
      nowMs += waitMs;
      return devices
        .poll(deviceCode)
        .catch(({ code, headers }: { code: string; headers: Record<string, string> }) => [
          code,
          headers['Retry-After'],
        ]);
    };
    expect(await at(0)).toEqual(['authorization-pending', '5']);
    expect(await at(4_600)).toEqual(['authorization-pending', '5']);
    expect(await at(1_000)).toEqual(['slow-down', '10']);
    expect(await at(5_000)).toEqual(['slow-down', '15']);
    expect(await at(15_000)).toEqual(['authorization-pending', '15']);
    await devices.approve(userCode, userId, await loggedIn());
    expect(await at(10_000)).toEqual(['slow-down', '20']);
    expect(await at(20_000)).toMatchObject({ userId });
  });

  it('cost one read of the bucket, those that are too fast or no code at all nothing, and none writes', async () => {
    const { deviceCode } = await begin();
    const seen: string[] = [];
    const subscription = connections[1]!.subscribe('$JS.API.>');
    const writes = connections[1]!.subscribe('$KV.>');
    const note = (one: typeof subscription): Promise<void> =>
      (async () => {
        for await (const { subject } of one) seen.push(subject);
      })();
    const noting = Promise.all([note(subscription), note(writes)]);
    await connections[1]!.flush();
    expect(await poll(deviceCode)).toBe('authorization-pending');
    expect(await poll(deviceCode)).toBe('slow-down');
    expect(await poll('x')).toBe('grant-expired');
    await connections[1]!.flush();
    subscription.unsubscribe();
    writes.unsubscribe();
    await noting;
    expect(seen).toEqual(['$JS.API.STREAM.MSG.GET.KV_mcpstack_device_grants']);
  });
});

describe('typed codes that are none', () => {
  const limited = { wrongCodes: { perSession: 3, perAddress: 5, windowS: 60 } };
  const typed = (by: Devices, who: { sessionId: string; address: string }, code = makeUserCode()) =>
    by.find(code, who).then(
      (found) => (found ? 'found' : 'none'),
      (error: { code: string }) => error.code,
    );

  it('429 for the session after some, also with the right code and for a decision; others go on', async () => {
    const by = gateway(connections[0]!, limited);
    const { userCode } = await begin(by);
    const who = asker();
    for (let tries = 0; tries < 3; tries += 1)
      expect(await typed(by, who, tries ? makeUserCode() : '')).toBe('none');
    expect(await typed(by, who, userCode)).toBe('too-many-requests');
    await expect(by.approve(userCode, userId, who)).rejects.toMatchObject({
      code: 'too-many-requests',
      headers: { 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) as string },
    });
    await expect(by.deny(userCode, who)).rejects.toMatchObject({ code: 'too-many-requests' });
    expect(await typed(by, asker(), userCode)).toBe('found');
  });

  it('429 for the address, with whatever sessions; another one goes on', async () => {
    const by = gateway(connections[0]!, limited);
    const outcomes = [];
    for (let tries = 0; tries < 7; tries += 1) outcomes.push(await typed(by, asker()));
    expect(outcomes).toEqual([...Array<string>(5).fill('none'), 'too-many-requests', 'too-many-requests']);
    expect(await typed(by, { ...asker(), address: '198.51.100.7' })).toBe('none');
  });

  it('and codes that are right count for nothing', async () => {
    const by = gateway(connections[0]!, limited);
    const who = asker();
    for (let times = 0; times < 10; times += 1) {
      const { userCode } = await begin(by);
      expect(await typed(by, who, userCode)).toBe('found');
      expect(await by.approve(userCode, userId, who)).toBe(true);
    }
  });
});
