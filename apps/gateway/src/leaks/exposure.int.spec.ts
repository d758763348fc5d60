import { makeToken, newId, ProblemError } from '@mcpstack/contracts';
import { jest } from '@jest/globals';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { Exposure } from './exposure.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
afterEach(() => {
  harness.issuance.override = undefined;
  harness.authorizer.identifyOverride = undefined;
});

/** A service key in force, or in another state. */
function serviceKey(state?: 'suspended' | 'revoked' | 'expired'): { token: string; keyId: string } {
  const keyId = newId('key');
  const token = harness.key('viewer', harness.organizationId, { keyId });
  if (state) harness.authorizer.states.set(keyId, state);
  return { token, keyId };
}

describe('a secret key that a web page sends', () => {
  const PAGE = ['Origin', 'https://app.example.com'];
  const send = (token: string, headers = PAGE, path = harness.keysPath): Promise<Answer> =>
    harness.call('GET', path, { token, headers });

  it.each([
    ['Origin', ['Origin', 'https://app.example.com']],
    ['Origin: null', ['Origin', 'null']],
    ['Sec-Fetch-Site', ['Sec-Fetch-Site', 'same-origin']],
    ['Sec-Fetch-Dest', ['Sec-Fetch-Dest', 'empty']],
  ])('403: is refused and recorded as exposed, with %s', async (_, headers) => {
    const { token, keyId } = serviceKey();
    let answer!: Answer;
    const [sent, ...others] = await harness.commandsDuring(async () => (answer = await send(token, headers)));
    expectProblem(answer, 403, 'secret-in-browser');
    expect(others).toEqual([]);
    expect(sent).toMatchObject({
      name: 'recordExposure',
      envelope: {
        actor: { type: 'system', id: 'gateway' },
        input: { organizationId: harness.organizationId, keyId },
        requestId: answer.headers['x-request-id'],
      },
    });
    expect(JSON.stringify(sent)).not.toContain(token);
  });

  it('403 on every kind of route, in either header, for keys of another make too', async () => {
    const { token } = serviceKey();
    const foreign = 'acme_live_0123456789';
    harness.authorizer.add(foreign, { keyId: newId('key'), orgId: harness.organizationId, role: 'viewer' });
    for (const one of [token, foreign]) {
      for (const path of ['/api/v1/me', harness.keysPath, '/api/v1/embed/agent', '/health/live'])
        expectProblem(await send(one, PAGE, path), 403, 'secret-in-browser');
      const login = await harness.call('POST', '/api/v1/auth/token', {
        json: { grantType: 'device-code', deviceCode: 'x' },
        headers: ['X-API-Key', one, ...PAGE],
      });
      expectProblem(login, 403, 'secret-in-browser');
    }
  });

  it('is recorded once a minute, however often it comes; each key by itself', async () => {
    const [first, second] = [serviceKey(), serviceKey()];
    const sent = await harness.commandsDuring(async () => {
      for (let times = 0; times < 10; times += 1) {
        expectProblem(await send(first.token), 403, 'secret-in-browser');
        expectProblem(await send(second.token), 403, 'secret-in-browser');
      }
    });
    expect(sent.map(({ envelope }) => envelope.input['keyId'])).toEqual([first.keyId, second.keyId]);
  });

  it('403 also when it cannot be recorded; the next request tries again', async () => {
    const { token } = serviceKey();
    harness.issuance.override = () => {
      throw new ProblemError('unavailable', 'The log does not answer.');
    };
    const failed = await harness.commandsDuring(async () =>
      expectProblem(await send(token), 403, 'secret-in-browser'),
    );
    harness.issuance.override = undefined;
    const again = await harness.commandsDuring(async () =>
      expectProblem(await send(token), 403, 'secret-in-browser'),
    );
    expect([failed.length, again.length]).toEqual([1, 1]);
  });

  it('is recorded when it is suspended; one that has ended or never was is answered as everywhere', async () => {
    const suspended = serviceKey('suspended');
    expect(await harness.commandsDuring(() => send(suspended.token))).toHaveLength(1);
    const ended = [serviceKey('revoked').token, serviceKey('expired').token];
    harness.authorizer.override = { valid: false, code: 'REVOKED', freshForMs: 0 };
    expect(
      await harness.commandsDuring(async () => {
        for (const token of [...ended, makeToken('service')])
          expectProblem(await send(token), 401, 'unauthenticated');
      }),
    ).toEqual([]);
    harness.authorizer.override = undefined;
  });

  it('403 also when it was made after nobody could find it', async () => {
    const { token } = serviceKey();
    harness.authorizer.identifyOverride = { keys: [null] };
    const sent = await harness.commandsDuring(async () =>
      expectProblem(await send(token), 403, 'secret-in-browser'),
    );
    expect(sent.map(({ name }) => name)).toEqual(['recordExposure']);
  });

  it('503, G4: nobody can say whose it is', async () => {
    harness.authorizer.identifyOverride = { reason: 'not trusted' };
    expectProblem(await send(serviceKey().token), 503, 'unavailable');
  });

  it('200: sessions are for web pages', async () => {
    const session = await harness.login();
    const headers = ['Origin', harness.url, 'Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Dest', 'empty'];
    expect(
      await harness.commandsDuring(async () => expect((await send(session, headers)).status).toBe(200)),
    ).toEqual([]);
  });

  it("200: Node's own fetch is no web page, although it sends Sec-Fetch-Mode", async () => {
    const { token } = serviceKey();
    const sent = await harness.commandsDuring(async () => {
      const answer = await fetch(`${harness.url}${harness.keysPath}`, {
        headers: { Authorization: `Bearer ${token}` },
      });
      expect(answer.status).toBe(200);
    });
    expect(sent).toEqual([]);
  });

  it('control: a gateway that does not look at these headers would let it in', async () => {
    const { token } = serviceKey();
    const exposure = harness.app.get(Exposure);
    const blind = [
      jest.spyOn(exposure, 'refuse').mockResolvedValue(),
      jest.spyOn(exposure, 'refuseKey').mockResolvedValue(),
    ];
    expect(await harness.commandsDuring(async () => expect((await send(token)).status).toBe(200))).toEqual(
      [],
    );
    for (const one of blind) one.mockRestore();
    expectProblem(await send(token), 403, 'secret-in-browser');
  });

  it('control: without these headers the same key is let in, and nothing is recorded', async () => {
    const { token } = serviceKey();
    expect(
      await harness.commandsDuring(async () => expect((await send(token, [])).status).toBe(200)),
    ).toEqual([]);
    expectProblem(await send(token), 403, 'secret-in-browser');
  });
});

describe('a URL', () => {
  it('400: holds no invitation either', async () => {
    const token = `mcpstack_it_${'a'.repeat(22)}_${'b'.repeat(22)}_${'c'.repeat(43)}`;
    expectProblem(await harness.call('GET', `/api/v1/me?invitation=${token}`), 400, 'bad-request');
    expect(harness.log).not.toContain(token);
  });
});
