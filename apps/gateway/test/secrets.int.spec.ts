import { ProblemError } from '@mcpstack/contracts';
import { Log } from '@mcpstack/service-kit';
import { expectProblem, Harness } from './harness.ts';

const PASSWORD = 'correct horse battery';

let harness: Harness;
beforeAll(async () => {
  // Devices may ask where people can log in at all; nobody does here.
  harness = await Harness.start({ env: { OIDC_ISSUER: 'http://localhost:1' } });
});
afterAll(() => harness.stop());

describe('G1: secrets never reach the log', () => {
  it('neither keys, sessions, codes, what bodies hold nor Idempotency-Keys, with every kind of answer', async () => {
    const session = await harness.login();
    const admin = harness.key('admin');
    const idempotencyKey = 'b7c1f0e2-idempotency-secret';
    const secrets = [session, admin, PASSWORD, idempotencyKey, 'my-private-name', 'hunter2'];
    const body = { name: 'my-private-name', role: 'viewer' };
    const headers = ['Idempotency-Key', idempotencyKey];
    for (const token of [session, admin]) {
      const answer = await harness.call('POST', harness.keysPath, { token, json: body, headers });
      expect(answer.status).toBe(201);
      secrets.push(answer.body['secret'] as string);
    }
    await harness.call('POST', harness.keysPath, { token: session, json: { ...body, hunter2: 1 } });
    const device = await harness.call('POST', '/api/v1/auth/device', {
      json: { clientName: 'my-private-name' },
    });
    const deviceCode = device.body['deviceCode'] as string;
    secrets.push(deviceCode, device.body['userCode'] as string);
    for (const body of [
      { grantType: 'device-code', deviceCode },
      { grantType: 'refresh-token', refreshToken: 'hunter2' },
    ])
      await harness.call('POST', '/api/v1/auth/token', { json: body });
    await harness.call('GET', `/api/v1/me?key=${admin}`, { token: session });
    await harness.call('GET', `/my-private-name/${session}`);
    await harness.call('GET', `/%/${admin}`);
    await harness.call('POST', harness.keysPath, { token: session, raw: `{"hunter2":${PASSWORD}` });
    harness.issuance.override = () => {
      throw new ProblemError('internal', 'Something went wrong on our side.');
    };
    expectProblem(
      await harness.call('POST', harness.keysPath, { token: session, json: body, headers }),
      500,
      'internal',
    );
    harness.authorizer.override = { code: 'hunter2' } as never;
    await harness.call('GET', '/api/v1/me', { token: admin });

    expect(harness.lines().filter((line) => line['msg'] === 'request').length).toBeGreaterThan(9);
    for (const secret of secrets) expect(harness.log).not.toContain(secret);
    // Control: the search finds a secret that somebody logs; tokens are struck out even then.
    harness.app.get(Log).info('planted', { reason: `${PASSWORD} ${session}` });
    expect(harness.log).toContain(PASSWORD);
    expect(harness.log).not.toContain(session);
  });

  it('one line a request: method, route pattern, status, time, request id', async () => {
    const path = `/api/v1/organizations/${harness.organizationId}`;
    await harness.call('GET', path, { headers: ['X-Request-Id', 'line-1'] });
    const lines = harness.lines().filter((line) => line['requestId'] === 'line-1');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      msg: 'request',
      method: 'GET',
      route: '/api/v1/organizations/:orgId',
      status: 401,
      durationMs: expect.any(Number) as number,
    });
    expect(JSON.stringify(lines[0])).not.toContain(harness.organizationId);
  });
});
