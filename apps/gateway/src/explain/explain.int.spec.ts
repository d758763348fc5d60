import { newId, type ApiKey, type ExplainReply } from '@mcpstack/contracts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { serviceKey } from '../../test/stand-in-answers.ts';

let harness: Harness;
let session: string;
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
});
afterAll(() => harness.stop());

const REPLY: ExplainReply = {
  code: 'FORBIDDEN',
  keyId: 'key_1',
  position: '7',
  checks: [
    { check: 'state', passed: true, message: 'the key is active' },
    { check: 'permission', passed: false, code: 'FORBIDDEN', message: 'the key lacks servers:write' },
  ],
};
beforeEach(() => {
  harness.authorizer.explanation = REPLY;
});

function stored(): ApiKey {
  const key = serviceKey(harness.organizationId, newId('key'), { type: 'user', id: harness.userId }, {});
  harness.models.addKey(key);
  return key;
}

const explain = (
  keyId: string,
  json?: unknown,
  token = session,
  headers: readonly string[] = [],
): Promise<Answer> => harness.call('POST', `${harness.keysPath}/${keyId}/explain`, { token, json, headers });

describe('POST …/api-keys/{keyId}/explain', () => {
  it('200: what the authorizer says, asked by the id alone', async () => {
    const { id, organizationId } = stored();
    const answer = await explain(
      id,
      { permission: 'servers:write', kind: 'service', serverId: 'srv_1', ip: '192.0.2.1', cost: 0 },
      session,
      ['mcpstack-position', '42'],
    );
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ keyId: id, code: 'FORBIDDEN', checks: REPLY.checks });
    expect(harness.authorizer.explained.at(-1)).toEqual({
      organizationId,
      keyId: id,
      permission: 'servers:write',
      expect: { kind: 'service', serverId: 'srv_1' },
      ip: '192.0.2.1',
      cost: 0,
      position: '42',
    });
  });

  it('200: without a body, a plain check', async () => {
    const { id, organizationId } = stored();
    expect((await explain(id)).status).toBe(200);
    expect(harness.authorizer.explained.at(-1)).toEqual({ organizationId, keyId: id });
  });

  it.each([
    ['a permission that is none', { permission: 'everything' }],
    ['an address that is none', { ip: '10.0.0' }],
    ['a cost below 0', { cost: -1 }],
    ['a field that is not known', { secret: 'x' }],
  ])('400: %s, and nobody is asked', async (_, body) => {
    const asked = harness.authorizer.explained.length;
    expectProblem(await explain(stored().id, body), 400, 'validation-failed');
    expect(harness.authorizer.explained).toHaveLength(asked);
  });

  it('403: names its own permission, which a developer lacks', async () => {
    const token = harness.key('developer');
    const answer = await explain(stored().id, {}, token);
    expectProblem(answer, 403, 'forbidden');
    expect(answer.body).toMatchObject({ permission: 'api-keys:explain' });
  });

  it('404: an unknown key, and one that the authorizer does not find in the organization', async () => {
    expectProblem(await explain(newId('key')), 404, 'not-found');
    harness.authorizer.explanation = { code: 'NOT_FOUND', checks: [] };
    expectProblem(await explain(stored().id), 404, 'not-found');
  });

  it('503: when nothing can be said; a half answer is none', async () => {
    harness.authorizer.explanation = { code: 'UNAVAILABLE', checks: [], message: 'not trusted' };
    expectProblem(await explain(stored().id), 503, 'unavailable');
    harness.authorizer.explanation = { code: 'VALID' } as unknown as ExplainReply;
    expectProblem(await explain(stored().id), 503, 'unavailable');
  });
});

describe('a key that has used up its limit', () => {
  afterEach(() => (harness.authorizer.override = undefined));

  it('429: says which limit, and when to come back', async () => {
    harness.authorizer.override = {
      valid: false,
      code: 'RATE_LIMITED',
      freshForMs: 0,
      rateLimits: [
        { name: 'burst', limit: 10, remaining: 3, resetMs: 60_000 },
        { name: 'steady', limit: 100, remaining: 0, resetMs: 2_100 },
      ],
    };
    const answer = await harness.call('GET', harness.keysPath, { token: harness.key('admin') });
    expectProblem(answer, 429, 'too-many-requests');
    expect(answer.headers).toMatchObject({
      'retry-after': '3',
      ratelimit: '"steady";r=0;t=3',
      'ratelimit-policy': '"steady";q=100',
    });
  });
});
