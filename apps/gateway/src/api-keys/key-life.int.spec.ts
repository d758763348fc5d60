import { makeToken, newId, ProblemError, tokenDigest, type ApiKey } from '@mcpstack/contracts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { serviceKey } from '../../test/stand-in-answers.ts';

let harness: Harness;
let session: string;
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
});
afterAll(() => harness.stop());
afterEach(() => {
  harness.issuance.override = undefined;
  harness.models.condition = 'well';
});

function stored(change: Partial<ApiKey> = {}): ApiKey {
  const key = serviceKey(harness.organizationId, newId('key'), { type: 'user', id: harness.userId }, change);
  harness.models.addKey(key);
  return key;
}

const post = (keyId: string, action: string, json?: unknown, token = session): Promise<Answer> =>
  harness.call('POST', `${harness.keysPath}/${keyId}/${action}`, { token, json });

const sentDuring = async (act: () => Promise<unknown>): Promise<number> =>
  (await harness.commandsDuring(act)).length;

describe('POST …/api-keys/{keyId}/rotate', () => {
  const DAY_MS = 86_400_000;

  it.each<[string, unknown, unknown]>([
    ['no body', undefined, { validForMs: DAY_MS }],
    ['an empty body', {}, { validForMs: DAY_MS }],
    ['no overlap', { previous: { validForSeconds: 0 } }, { validForMs: 0 }],
    ['the longest overlap', { previous: { validForSeconds: 604_800 } }, { validForMs: 7 * DAY_MS }],
    ['until the new one is seen', { previous: { untilNextSeen: true } }, { untilNextSeen: true }],
  ])('201: answers the new secret once, with %s', async (_, json, previous) => {
    const keyId = newId('key');
    const answer = await post(keyId, 'rotate', json);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ id: keyId, secret: harness.issuance.secrets.at(-1) });
    expect(answer.headers).toMatchObject({
      location: `${harness.keysPath}/${keyId}`,
      etag: '"7"',
      'mcpstack-position': '44',
    });
    const { organizationId } = harness;
    const { name, envelope } = harness.issuance.commands.at(-1)!;
    expect(name).toBe('rotateKey');
    expect(envelope.input).toEqual({ organizationId, keyId, previous });
  });

  it('201: to a digest alone; 409 when it is of another key already', async () => {
    const keyId = newId('key');
    const token = makeToken('service');
    const digest = tokenDigest(token);
    const answer = await post(keyId, 'rotate', { digest });
    expect(answer.status).toBe(201);
    expect(answer.body).not.toHaveProperty('secret');
    expect(harness.issuance.commands.at(-1)!.envelope.input).toMatchObject({ keyId, digest });

    harness.authorizer.add(token, { keyId, orgId: harness.organizationId, role: 'viewer' });
    // A retry of the same rotation finds its own digest.
    expect((await post(keyId, 'rotate', { digest })).status).toBe(201);
    expectProblem(await post(newId('key'), 'rotate', { digest }), 409, 'conflict');
  });

  it.each<[string, unknown, string]>([
    ['more than 7 days', { previous: { validForSeconds: 604_801 } }, 'previous.validForSeconds'],
    ['a negative overlap', { previous: { validForSeconds: -1 } }, 'previous.validForSeconds'],
    ['half a second', { previous: { validForSeconds: 0.5 } }, 'previous.validForSeconds'],
    ['both ways', { previous: { validForSeconds: 1, untilNextSeen: true } }, 'previous'],
    ['neither way', { previous: {} }, 'previous'],
    ['untilNextSeen: false', { previous: { untilNextSeen: false } }, 'previous.untilNextSeen'],
    ['a list', { previous: [] }, 'previous'],
    ['an unknown field', { force: true }, 'force'],
  ])('400: %s', async (_, json, field) => {
    let answer!: Answer;
    expect(await sentDuring(async () => (answer = await post(newId('key'), 'rotate', json)))).toBe(0);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
  });
});

describe.each([
  ['suspend', 'suspendKey'],
  ['resume', 'resumeKey'],
])('POST …/api-keys/{keyId}/%s', (action, command) => {
  it('200: answers the key as it is once that is done', async () => {
    const key = stored({ state: 'suspended' });
    const answer = await post(key.id, action);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: key.id, state: 'suspended' });
    expect(answer.headers).toMatchObject({ etag: '"7"', 'mcpstack-position': '44' });
    const { name, envelope } = harness.issuance.commands.at(-1)!;
    expect(name).toBe(command);
    const { organizationId } = harness;
    expect(envelope.input).toEqual({ organizationId, keyId: key.id, kind: 'service' });
    expect(harness.models.waits.at(-1)).toBe('44');
  });

  it('400 with a body, 403 without the permission, 404 for what is no key, 503 when it is not final', async () => {
    const { id } = stored();
    expectProblem(await post(id, action, { reason: 'x' }), 400, 'validation-failed');
    expectProblem(await post(id, action, undefined, harness.key('developer')), 403, 'forbidden');
    expectProblem(await post('agent_1', action), 404, 'not-found');
    harness.issuance.override = () => {
      throw new ProblemError('not-final', 'Recorded, not yet final.');
    };
    expectProblem(await post(id, action), 503, 'not-final');
  });

  it('403: a key may not do it to itself without the permission', async () => {
    const keyId = newId('key');
    const token = harness.key('viewer', harness.organizationId, { keyId });
    expectProblem(await post(keyId, action, undefined, token), 403, 'forbidden');
  });
});

describe('GET …/api-keys/{keyId}/usage', () => {
  const usage = (keyId: string): Promise<Answer> =>
    harness.call('GET', `${harness.keysPath}/${keyId}/usage`, { token: session });

  it('200: what was counted, and nothing for a key that was never used', async () => {
    const key = stored();
    expect((await usage(key.id)).body).toEqual({ keyId: key.id, count: 0, windows: [] });
    const [from, to] = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:10.000Z'];
    const counted = {
      keyId: key.id,
      count: 7,
      firstUsedAt: from,
      lastUsedAt: to,
      windows: [{ from, to, count: 7 }],
    };
    harness.models.usages.set(key.id, counted);
    expect((await usage(key.id)).body).toEqual(counted);
  });

  it('404: an unknown key', async () => {
    for (const keyId of [newId('key'), 'x']) expectProblem(await usage(keyId), 404, 'not-found');
  });
});

describe('POST /me/revoke', () => {
  it('204: ends the calling key, whatever it may do', async () => {
    const keyId = newId('key');
    const token = harness.key('viewer', harness.organizationId, { keyId });
    const answer = await harness.call('POST', '/api/v1/me/revoke', { headers: ['X-API-Key', token] });
    expect(answer.status).toBe(204);
    expect(answer.headers['mcpstack-position']).toBe('44');
    const { name, envelope } = harness.issuance.commands.at(-1)!;
    expect(name).toBe('revokeKey');
    const { organizationId } = harness;
    expect(envelope).toMatchObject({
      actor: { type: 'key', id: keyId },
      input: { organizationId, keyId, kind: 'service' },
    });
  });

  it('401 without a key that works, 403 for people: nothing is sent', async () => {
    const call = (token?: string): Promise<Answer> =>
      harness.call('POST', '/api/v1/me/revoke', token === undefined ? {} : { token });
    expect(
      await sentDuring(async () => {
        expectProblem(await call(), 401, 'unauthenticated');
        expectProblem(await call(makeToken('service')), 401, 'unauthenticated');
        expectProblem(await call(makeToken('publishable')), 401, 'unauthenticated');
        expectProblem(await call(session), 403, 'forbidden');
      }),
    ).toBe(0);
  });
});
