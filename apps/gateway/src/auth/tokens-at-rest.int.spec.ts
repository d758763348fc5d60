/** G1 for sessions and devices: neither NATS nor the log ever holds a token or a code, whatever is done with them. */
import { makeToken, newId } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Harness, type Answer } from '../../test/harness.ts';
import { type Bucket } from './bucket.ts';
import { Devices } from './device/devices.ts';
import { REPEAT_MS } from './session-record.ts';
import { Sessions } from './sessions.ts';

let harness: Harness;
let watcher: NatsConnection;
/** All that went over NATS: what is stored, and every request and answer. */
let wire = '';
beforeAll(async () => {
  harness = await Harness.start({ env: { OIDC_ISSUER: 'http://localhost:1' } });
  watcher = await connect({ servers: harness.nats.url });
  watcher.subscribe('>', {
    callback: (_, message) => {
      wire += `${message.subject} ${JSON.stringify([...(message.headers ?? [])])} ${message.string()}\n`;
      // Where a stream answers what it holds, the content is in base64.
      for (const [, data] of message.string().matchAll(/"data":"([A-Za-z0-9+/=]+)"/g))
        wire += `${Buffer.from(data!, 'base64').toString()}\n`;
    },
  });
  await watcher.flush();
});
afterAll(async () => {
  await watcher.close();
  await harness.stop();
});

const token = (json: object): Promise<Answer> => harness.call('POST', '/api/v1/auth/token', { json });
const secretOf = (text: unknown): string => (text as string).split('_').at(-1)!;

/** Every message of every stream, with its subject. */
async function stored(): Promise<string> {
  const manager = await jetstreamManager(watcher);
  let text = '';
  for await (const { config, state } of manager.streams.list()) {
    for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
      const message = await manager.streams.getMessage(config.name, { seq });
      if (message) text += `${message.subject} ${message.string()}\n`;
    }
  }
  return text;
}

it('neither while they are made, used, used again, refused nor ended', async () => {
  const devices = harness.app.get(Devices);
  const browser = await harness.login();
  const { sessionId } = harness.app.get(Sessions).credentialOf(browser)!;
  const asker = { sessionId, address: '192.0.2.1' };
  const asked = await harness.call('POST', '/api/v1/auth/device', { json: { clientName: 'laptop' } });
  const { deviceCode, userCode } = asked.body as Record<string, string>;
  await devices.find(userCode!, asker);
  await devices.approve(userCode!, harness.userId, asker);
  const poll = (): Promise<Answer> => token({ grantType: 'device-code', deviceCode });
  const refresh = (refreshToken: unknown): Promise<Answer> =>
    token({ grantType: 'refresh-token', refreshToken });
  const first = (await poll()).body;
  await poll();
  const second = (await refresh(first['refreshToken'])).body;
  await refresh(first['refreshToken']);
  const third = (await refresh(second['refreshToken'])).body;
  await harness.call('GET', '/api/v1/me', { token: third['accessToken'] as string });
  await harness.call('GET', '/api/v1/me', { token: third['refreshToken'] as string });
  await harness.call('GET', '/api/v1/me', { headers: ['Cookie', `mcpstack_session=${browser}`] });
  await harness.call('GET', `/api/v1/me?token=${third['refreshToken'] as string}`);
  await harness.call('GET', `/${deviceCode}`);
  await harness.call('PATCH', '/api/v1/me/profile', {
    json: { name: 'Ada' },
    headers: [
      'Cookie',
      `mcpstack_session=${browser}`,
      'X-Request-Id',
      secretOf(browser),
      'Sec-Fetch-Site',
      'same-origin',
    ],
  });
  const kept = await stored();
  await refresh(first['refreshToken']);
  await harness.call('POST', '/api/v1/auth/logout', { token: browser });

  const secrets = [browser, deviceCode]
    .concat([first, second, third].flatMap((one) => [one['accessToken'], one['refreshToken']] as string[]))
    .map(secretOf);
  expect(new Set(secrets).size).toBe(8);
  for (const secret of [...secrets, userCode!, userCode!.replace('-', '')]) {
    expect(kept).not.toContain(secret);
    expect(await stored()).not.toContain(secret);
    expect(wire).not.toContain(secret);
    expect(harness.log).not.toContain(secret);
  }
  // Control: the search sees what is there.
  for (const text of [kept, wire]) {
    expect(text).toContain(first['sessionId']);
    expect(text).toContain('"salt"');
    expect(text).toContain('laptop');
  }
  expect(harness.lines().length).toBeGreaterThan(10);
  const { bucket } = harness.app.get<Sessions, { bucket: Bucket }>(Sessions);
  const planted = makeToken('service');
  await bucket.create('planted', { planted });
  expect(await stored()).toContain(planted);
  expect(wire).toContain(planted);
  harness.app.get(Log).info('planted', { reason: `${secretOf(browser)} ${browser} ${deviceCode}` });
  expect(harness.log).toContain(secretOf(browser));
  for (const text of [browser, deviceCode!]) expect(harness.log).not.toContain(text);
});

it('what the next tokens were made with is dropped once they may not be asked for again', async () => {
  let nowMs = Date.now();
  const sessions = new Sessions(watcher, { tokenPrefix: 'mcpstack', nowMs: () => nowMs });
  const userId = newId('user');
  const { refreshToken } = await sessions.begin({ userId, kind: 'device', label: 'laptop' });
  const { accessToken, sessionId } = await sessions.refresh(refreshToken);
  const salted = async (): Promise<boolean> =>
    (await stored()).split('\n').some((line) => line.includes(sessionId) && line.includes('"salt"'));
  await sessions.find(sessions.credentialOf(accessToken)!);
  expect(await salted()).toBe(true);
  nowMs += REPEAT_MS;
  await sessions.find(sessions.credentialOf(accessToken)!);
  expect(await salted()).toBe(false);
});
