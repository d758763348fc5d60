/** G4 for sessions and devices: 503 while they cannot be read, and recovery without a restart. */
import { waitFor } from '@mcpstack/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { type KV } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { Devices } from './device/devices.ts';
import { makeDeviceCode } from './device/device-codes.ts';
import { Sessions, type DeviceSession } from './sessions.ts';

let harness: Harness;
let session: string;
let device: DeviceSession;
beforeEach(async () => {
  harness = await Harness.start({ env: { OIDC_ISSUER: 'http://localhost:1' } });
  const { userId } = harness;
  const sessions = harness.app.get(Sessions);
  ({ token: session } = await sessions.begin({ userId, kind: 'browser', label: 'A browser' }));
  device = await sessions.begin({ userId, kind: 'device', label: 'laptop' });
  await harness.app.get(Devices).begin({ address: '192.0.2.1' });
});
afterEach(() => harness.stop());

const token = (json: object): Promise<Answer> => harness.call('POST', '/api/v1/auth/token', { json });
const me = (text: string): Promise<Answer> => harness.call('GET', '/api/v1/me', { token: text });

/** Everything that needs either bucket, and what it answers while they are well. */
const CALLS: Record<string, [number, () => Promise<Answer>]> = {
  'a session is read': [200, () => me(session)],
  'sessions are listed': [
    200,
    () => harness.call('GET', '/api/v1/me/sessions', { token: device.accessToken }),
  ],
  'a token is refreshed': [
    200,
    () => token({ grantType: 'refresh-token', refreshToken: device.refreshToken }),
  ],
  'a device asks': [200, () => harness.call('POST', '/api/v1/auth/device')],
  'a device polls': [400, () => token({ grantType: 'device-code', deviceCode: makeDeviceCode('mcpstack') })],
  'somebody logs in': [200, async () => ({ status: (await harness.login()) ? 200 : 0 }) as Answer],
};

it('503 within the deadline while NATS stands still, and again what they were afterwards', async () => {
  await harness.nats.pause();
  const startMs = performance.now();
  const { 'somebody logs in': _, ...calls } = CALLS;
  const answers = await Promise.all(Object.values(calls).map(([, call]) => call()));
  expect(performance.now() - startMs).toBeLessThan(5_000);
  for (const answer of answers) {
    expectProblem(answer, 503, 'unavailable');
    expect(answer.headers['retry-after']).toBe('1');
  }
  await harness.nats.resume();
  for (const [what, [status, call]] of Object.entries(CALLS))
    await waitFor(async () => (await call()).status === status, { what });
  // The refresh that was answered 503 may have been taken: nobody has lost the session by that.
  expect((await me(device.accessToken)).status).toBe(200);
}, 240_000);

it('503, then 401 of all sessions that are gone, and new ones begin, where the buckets are lost', async () => {
  const connection = await connect({ servers: harness.nats.url });
  const manager = await jetstreamManager(connection);
  for (const bucket of ['mcpstack_login_sessions', 'mcpstack_device_grants'])
    await manager.streams.delete(`KV_${bucket}`);
  await connection.close();
  expectProblem(await me(session), 503, 'unavailable');
  await waitFor(async () => (await me(session)).status === 401, { what: 'an empty bucket' });
  expectProblem(
    await token({ grantType: 'refresh-token', refreshToken: device.refreshToken }),
    401,
    'unauthenticated',
  );
  await waitFor(async () => (await me(await harness.login())).status === 200, { what: 'a new session' });
  await waitFor(async () => (await harness.call('POST', '/api/v1/auth/device')).status === 200, {
    what: 'a device that asks',
  });
}, 240_000);

it('an entry that nobody can read lets nobody in', async () => {
  const name = { userId: harness.userId, sessionId: device.sessionId };
  const { bucket } = harness.app.get<Sessions, { bucket: { use: (act: (kv: KV) => unknown) => unknown } }>(
    Sessions,
  );
  for (const value of ['{', '{}', JSON.stringify({ kind: 'device', access: [{ digest: 'x' }] })]) {
    await bucket.use((kv) => kv.put(`${name.userId}.${name.sessionId}`, value));
    expect((await me(device.accessToken)).status).toBeGreaterThanOrEqual(500);
  }
  expect((await me(session)).status).toBe(200);
});
