/** Refresh tokens against a real NATS, over two gateways: used by many at once, again in time, and again too late. */
import { newId, ProblemError } from '@mcpstack/contracts';
import { startNats, type LocalServer } from '@mcpstack/testing';
import { type KV } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type Bucket } from './bucket.ts';
import { DEVICE_LIFE_MS, REPEAT_MS } from './session-record.ts';
import { makeRefreshToken, parseSessionToken } from './session-tokens.ts';
import { Sessions, type DeviceSession, type SessionSettings } from './sessions.ts';

const AT_ONCE = 50;
const PREFIX = 'mcpstack';

let nats: LocalServer;
let connections: NatsConnection[];
let nowMs = Date.now();
let userId: string;
beforeAll(async () => {
  nats = await startNats();
  connections = await Promise.all([1, 2].map(() => connect({ servers: nats.url })));
});
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await nats.stop();
});
beforeEach(() => {
  userId = newId('user');
  nowMs = Date.now();
});

/** Two gateways. */
const gateways = (settings: Partial<SessionSettings> = {}): [Sessions, Sessions] => {
  const [one, other] = connections.map(
    (connection) => new Sessions(connection, { tokenPrefix: PREFIX, nowMs: () => nowMs, ...settings }),
  );
  return [one!, other!];
};
const begin = (sessions: Sessions): Promise<DeviceSession> =>
  sessions.begin({ userId, kind: 'device', label: 'laptop' });
const isIn = async (sessions: Sessions, { accessToken }: { accessToken: string }): Promise<boolean> =>
  (await sessions.find(parseSessionToken(accessToken, PREFIX)!)) !== undefined;
const isRefused = (sessions: Sessions, { refreshToken }: DeviceSession): Promise<boolean> =>
  sessions.refresh(refreshToken).then(
    () => false,
    (error: { code?: string }) => error.code === 'unauthenticated',
  );

/** All of them with one refresh token, at both gateways in turn. */
const together = (both: readonly Sessions[], { refreshToken }: DeviceSession) =>
  Promise.allSettled(
    Array.from({ length: AT_ONCE }, (_, at) => both[at % both.length]!.refresh(refreshToken)),
  );
const answered = (outcomes: PromiseSettledResult<DeviceSession>[]): DeviceSession[] =>
  outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));

describe(`${AT_ONCE} refreshes at once with one token, over two gateways`, () => {
  it('all get the same next tokens: one family, and nobody loses the session', async () => {
    for (let rounds = 0; rounds < 5; rounds += 1) {
      const both = gateways();
      let session = await begin(both[0]);
      for (let generation = 0; generation < 3; generation += 1) {
        const got = answered(await together(both, session));
        expect(got).toHaveLength(AT_ONCE);
        expect(new Set(got.map(({ refreshToken }) => refreshToken)).size).toBe(1);
        expect(new Set(got.map(({ accessToken }) => accessToken)).size).toBe(1);
        expect(await isIn(both[1], got[0]!)).toBe(true);
        session = got[0]!;
      }
      expect(await both[1].list(userId)).toHaveLength(rounds + 1);
    }
  });

  it('also those that come when the first one has used its new token', async () => {
    const both = gateways();
    const session = await begin(both[0]);
    expect(await isIn(both[1], await both[0].refresh(session.refreshToken))).toBe(true);
    expect(answered(await together(both, session))).toHaveLength(AT_ONCE);
  });

  it('control: where a token may not come again then, the session is lost', async () => {
    const both = gateways({ repeatMs: 0 });
    const session = await begin(both[0]);
    expect(await isIn(both[1], await both[0].refresh(session.refreshToken))).toBe(true);
    expect(answered(await together(both, session))).toEqual([]);
    expect(await both[0].list(userId)).toEqual([]);
  });

  it('control: without compare-and-set there are several families', async () => {
    const both = gateways();
    for (const sessions of both) overwriteBlindly(sessions);
    const got = answered(await together(both, await begin(both[0])));
    expect(new Set(got.map(({ refreshToken }) => refreshToken)).size).toBeGreaterThan(1);
  });
});

/** Writes whatever the revision is. */
function overwriteBlindly(sessions: Sessions): void {
  const { bucket } = sessions as unknown as { bucket: Record<string, unknown> };
  const use = (bucket['use'] as (act: (kv: KV) => Promise<unknown>) => Promise<unknown>).bind(bucket);
  bucket['update'] = async (key: string, value: object) => {
    await use((kv) => kv.put(key, JSON.stringify(value)));
    return true;
  };
}

describe('a refresh token that comes again', () => {
  it('in time: answers the same again, and its successor works', async () => {
    const [one, other] = gateways();
    const first = await begin(one);
    const second = await one.refresh(first.refreshToken);
    nowMs += REPEAT_MS - 1;
    const again = await other.refresh(first.refreshToken);
    expect(again).toEqual({ ...second, expiresIn: second.expiresIn - REPEAT_MS / 1000 });
    expect(await isIn(one, again)).toBe(true);
    expect(await isIn(other, await other.refresh(again.refreshToken))).toBe(true);
  });

  it('after an hour, because the reply was lost and nobody has used its successors: goes on', async () => {
    const [one, other] = gateways();
    const first = await begin(one);
    const { refreshToken } = await one.refresh(first.refreshToken);
    nowMs += 3_600_000;
    const again = await other.refresh(first.refreshToken);
    // Its access token has run out meanwhile; the refresh token is as good as ever.
    expect([again.refreshToken, again.expiresIn]).toEqual([refreshToken, 0]);
    const next = await one.refresh(again.refreshToken);
    expect(await isIn(other, next)).toBe(true);
    // Control: from then on the first one is one too many.
    expect(await isRefused(other, first)).toBe(true);
    expect(await isIn(one, next)).toBe(false);
  });

  it('at a gateway whose clock is a minute ahead: goes on', async () => {
    const [one] = gateways();
    const [, ahead] = gateways({ nowMs: () => nowMs + 60_000 });
    const session = await begin(one);
    const second = await one.refresh(session.refreshToken);
    expect(await ahead.refresh(session.refreshToken)).toMatchObject({ refreshToken: second.refreshToken });
    expect(await isIn(one, second)).toBe(true);
  });

  it('because the answer of NATS was lost: the change was made, and goes on', async () => {
    const [one, other] = gateways();
    const first = await begin(one);
    const { bucket } = one as unknown as { bucket: Bucket };
    const update = bucket.update.bind(bucket);
    bucket.update = async (...change) => {
      bucket.update = update;
      await update(...change);
      throw new ProblemError('unavailable', 'lost');
    };
    await expect(one.refresh(first.refreshToken)).rejects.toMatchObject({ code: 'unavailable' });
    const second = await other.refresh(first.refreshToken);
    expect(await one.refresh(first.refreshToken)).toEqual(second);
    expect(await isIn(one, await one.refresh(second.refreshToken))).toBe(true);
  });

  it('later: ends the session at both gateways, with all of its tokens', async () => {
    const [one, other] = gateways();
    const first = await begin(one);
    const second = await one.refresh(first.refreshToken);
    nowMs += REPEAT_MS;
    expect(await isIn(other, second)).toBe(true);
    expect(await isRefused(other, first)).toBe(true);
    expect(await isIn(one, second)).toBe(false);
    expect(await isRefused(one, second)).toBe(true);
    expect(await one.list(userId)).toEqual([]);
  });

  it('control: where it may come again for ever, it goes on', async () => {
    const [one, other] = gateways({ repeatMs: Infinity });
    const first = await begin(one);
    const second = await one.refresh(first.refreshToken);
    nowMs += REPEAT_MS;
    expect(await isRefused(other, first)).toBe(false);
    expect(await isIn(one, second)).toBe(true);
  });

  it('of two that hold one, a thief and its owner, whoever comes second with an old one ends both', async () => {
    const [one, other] = gateways();
    const stolen = await begin(one);
    const thief = await one.refresh(stolen.refreshToken);
    await one.refresh(thief.refreshToken);
    expect(await isRefused(other, stolen)).toBe(true);
    expect(await isIn(one, thief)).toBe(false);
  });
});

describe('a refresh token that is none', () => {
  it('401, and the session whose name it bears goes on', async () => {
    const [one, other] = gateways();
    const session = await begin(one);
    for (const refreshToken of [
      makeRefreshToken(PREFIX, session),
      `${session.refreshToken.slice(0, -1)}${session.refreshToken.endsWith('0') ? '1' : '0'}0`,
      session.accessToken,
      '',
    ])
      expect(await isRefused(other, { ...session, refreshToken })).toBe(true);
    expect(await isIn(other, session)).toBe(true);
  });

  it('of a session that ended, or that was not used for 30 days', async () => {
    const [one, other] = gateways();
    const [ended, old] = [await begin(one), await begin(one)];
    expect(await one.end(userId, ended.sessionId)).toBe(true);
    expect(await isRefused(other, ended)).toBe(true);
    nowMs += DEVICE_LIFE_MS;
    expect(await isRefused(other, old)).toBe(true);
  });
});

describe('a session that is ended', () => {
  it('is refused at once by another gateway, also while it is in use and being refreshed there', async () => {
    const [one, other] = gateways();
    for (let rounds = 0; rounds < 30; rounds += 1) {
      const session = await begin(one);
      expect(await isIn(other, session)).toBe(true);
      // So that each use is written, too.
      nowMs += 300_000;
      const [refreshed] = await Promise.all([
        other.refresh(session.refreshToken).catch(() => undefined),
        isIn(other, session),
        one.end(userId, session.sessionId),
      ]);
      expect(await isIn(other, session)).toBe(false);
      expect(await isRefused(other, refreshed ?? session)).toBe(true);
      expect(await isRefused(one, session)).toBe(true);
      if (refreshed) expect(await isIn(one, refreshed)).toBe(false);
    }
    expect(await other.list(userId)).toEqual([]);
  });

  it('under another person’s name, or under none, is nobody’s: false, and it goes on', async () => {
    const [one, other] = gateways();
    const session = await begin(one);
    expect(await other.end(newId('user'), session.sessionId)).toBe(false);
    expect(await other.end(userId, 'ses_*')).toBe(false);
    expect(await isIn(one, session)).toBe(true);
  });
});

describe('more sessions than a person has', () => {
  it('end the one that was not used for longest; what ended is removed', async () => {
    const [one, other] = gateways();
    const first = await begin(one);
    nowMs += 1_000;
    const second = await begin(one);
    nowMs += 1_000;
    for (let count = 2; count < 100; count += 1) await begin(one);
    nowMs += 600_000;
    expect(await isIn(one, first)).toBe(true);
    const last = await begin(one);
    expect([await isIn(other, first), await isIn(other, second), await isIn(other, last)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(await other.list(userId)).toHaveLength(100);
    // By the clock that is two minutes on, the mark of the one that ended is old enough to go.
    nowMs += 120_000;
    await begin(one);
    const { bucket } = one as unknown as { bucket: { keysOf: (first: string) => Promise<string[]> } };
    expect((await bucket.keysOf(userId)).length).toBeLessThanOrEqual(101);
  }, 240_000);
});
