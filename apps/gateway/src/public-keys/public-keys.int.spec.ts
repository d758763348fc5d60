import { newId, ProblemError, type Agent, type PublicKey } from '@mcpstack/contracts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { publicKey } from '../../test/stand-in-answers.ts';

let harness: Harness;
let session: string;
let path: string;
const agentId = newId('agent');
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
  path = `${harness.organizationPath}/public-keys`;
});
afterAll(() => harness.stop());
afterEach(() => (harness.issuance.override = undefined));

const call = (method: string, rest = '', json?: unknown, token = session): Promise<Answer> =>
  harness.call(method, `${path}${rest}`, { token, json });

function stored(change: Partial<PublicKey> = {}, organizationId = harness.organizationId): PublicKey {
  const maker = { type: 'user', id: harness.userId } as const;
  const key = publicKey(organizationId, newId('key'), maker, { agentId, ...change });
  harness.models.addPublicKey(key);
  return key;
}

const ORIGIN = 'https://app.example.com';
const BODY = { name: 'our shop', agentId, origins: [ORIGIN] };
const LATER = new Date(Date.now() + 86_400_000).toISOString();

describe('POST …/public-keys', () => {
  it('201: answers the key with its value, which stays readable', async () => {
    const answer = await call('POST', '', BODY);
    expect(answer.status).toBe(201);
    const { body, headers } = answer;
    expect(body).toMatchObject({
      kind: 'publishable',
      name: 'our shop',
      agentId,
      origins: [{ origin: ORIGIN }],
    });
    expect(body['value']).toMatch(/^mcpstack_pk_/);
    expect(headers).toMatchObject({ location: `${path}/${body['id'] as string}`, etag: '"7"' });
    const { name, envelope } = harness.issuance.commands.at(-1)!;
    expect(name).toBe('createPublicKey');
    expect(envelope.input).toEqual({
      ...BODY,
      organizationId: harness.organizationId,
      origins: [{ origin: ORIGIN }],
    });
  });

  it('201: takes origins with and without an end, in one list, and sends each on as it stands', async () => {
    const origins = [
      ORIGIN,
      { origin: 'https://preview.example.com', expiresAt: LATER },
      { origin: 'http://localhost:3000' },
    ];
    const json = { ...BODY, origins, development: true, expiresAt: LATER };
    expect((await call('POST', '', json)).status).toBe(201);
    expect(harness.issuance.commands.at(-1)!.envelope.input).toMatchObject({
      origins: [{ origin: ORIGIN }, origins[1], origins[2]],
      development: true,
      expiresAt: LATER,
    });
  });

  it.each<[string, object, string]>([
    ['no origins', { origins: undefined }, 'origins'],
    ['an empty list', { origins: [] }, 'origins'],
    ['51 origins', { origins: Array.from({ length: 51 }, () => ORIGIN) }, 'origins'],
    ['a number as origin', { origins: [ORIGIN, 7] }, 'origins.1'],
    ['an origin twice', { origins: [ORIGIN, { origin: ORIGIN }] }, 'origins.1'],
    ['null as origin', { origins: [null] }, 'origins.0'],
    ['a list as origin', { origins: [[ORIGIN]] }, 'origins.0'],
    ['an unknown field', { origins: [{ origin: ORIGIN, path: '/' }] }, 'origins.0'],
    ['30 February', { origins: [{ origin: ORIGIN, expiresAt: '2030-02-30T00:00:00Z' }] }, 'origins.0'],
    ['an origin of 301 characters', { origins: ['x'.repeat(301)] }, 'origins.0'],
    ['an agent that is none', { agentId: 'srv_1' }, 'agentId'],
    ['development: "yes"', { development: 'yes' }, 'development'],
    ['a role', { role: 'viewer' }, 'role'],
    ['a value', { value: 'mcpstack_pk_mine' }, 'value'],
  ])('400: %s, and nothing is sent', async (_, change, field) => {
    let answer!: Answer;
    expect(
      await harness.commandsDuring(async () => (answer = await call('POST', '', { ...BODY, ...change }))),
    ).toEqual([]);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
  });

  it('400 and 404: what an origin and an agent may be, as issuance decides', async () => {
    for (const [code, status] of [
      ['validation-failed', 400],
      ['not-found', 404],
    ] as const) {
      harness.issuance.override = () => {
        throw new ProblemError(code, 'Refused.');
      };
      expectProblem(await call('POST', '', BODY), status, code);
    }
  });

  it('403 without the permission; 404 for a key that is limited to other agents', async () => {
    expectProblem(await call('POST', '', BODY, harness.key('developer')), 403, 'forbidden');
    const scoped = (agents: string[]): string =>
      harness.key('admin', harness.organizationId, { scope: { agents } });
    expectProblem(await call('POST', '', BODY, scoped([newId('agent')])), 404, 'not-found');
    // Control: the scope that has the agent.
    expect((await call('POST', '', BODY, scoped([agentId]))).status).toBe(201);
  });
});

describe('GET …/public-keys', () => {
  it('200: values are always shown; by agent; pages', async () => {
    const other = newId('agent');
    const mine = Array.from({ length: 3 }, () => stored({ agentId: other }));
    stored({}, newId('organization'));
    const first = await call('GET', `?agentId=${other}&limit=2`);
    expect(first.status).toBe(200);
    const cursor = first.body['nextCursor'] as string;
    const second = await call('GET', `?agentId=${other}&limit=2&cursor=${cursor}`);
    const keys = [first, second].flatMap(({ body }) => body['data'] as PublicKey[]);
    expect(keys.map(({ value }) => value)).toEqual(mine.map(({ value }) => value));
  });

  it('200: a key that is limited to some agents sees their keys alone', async () => {
    const [seen, hidden] = [stored({ agentId: newId('agent') }), stored({ agentId: newId('agent') })];
    const token = harness.key('viewer', harness.organizationId, { scope: { agents: [seen.agentId] } });
    const { body } = await call('GET', '?limit=100', undefined, token);
    expect((body['data'] as PublicKey[]).map(({ id }) => id)).toEqual([seen.id]);
    expect((await call('GET', `/${seen.id}`, undefined, token)).status).toBe(200);
    expectProblem(await call('GET', `/${hidden.id}`, undefined, token), 404, 'not-found');
  });

  it('200: keys have ended with their agent, in the list and by themselves; others have not', async () => {
    const addAgent = (state: Agent['state']): string => {
      const id = newId('agent');
      const { organizationId, userId } = harness;
      const createdBy = { type: 'user', id: userId } as const;
      harness.models.addAgent({
        ...{ id, organizationId, state, createdBy },
        ...{ name: 'one', createdAt: '2026-01-01T00:00:00.000Z', revision: '1' },
      });
      return id;
    };
    for (const [state, shown] of [
      ['removed', 'revoked'],
      ['active', 'active'],
    ] as const) {
      const key = stored({ agentId: addAgent(state) });
      const { body } = await call('GET', `?agentId=${key.agentId}`);
      expect(body['data']).toMatchObject([{ id: key.id, state: shown }]);
      expect((await call('GET', `/${key.id}`)).body['state']).toBe(shown);
      expect((await call('POST', `/${key.id}/resume`)).body['state']).toBe(shown);
    }
  });

  it.each(['?agentId=org_1', '?agentId=', '?limit=0', '?cursor=nonsense', '?state=active'])(
    '400: %s',
    async (query) => {
      expectProblem(await call('GET', query), 400, 'validation-failed');
    },
  );
});

describe('…/public-keys/{keyId}', () => {
  it('200: GET shows it as of now, without its credential and without origins that are over', async () => {
    const over = new Date(Date.now() - 1_000).toISOString();
    const key = stored({
      origins: [{ origin: ORIGIN }, { origin: 'https://a.example.com', expiresAt: over }],
      expiresAt: over,
    });
    Object.assign(key, { credentials: [{ version: 1, digest: 'd' }] });
    const { status, body, headers } = await call('GET', `/${key.id}`);
    expect(status).toBe(200);
    expect(headers['etag']).toBe('"7"');
    const { credentials: _, ...shown } = key as PublicKey & { credentials: unknown };
    expect(body).toEqual({ ...shown, state: 'expired', origins: [{ origin: ORIGIN }] });
  });

  it('200: PATCH renames and takes origins away; 400 for what would add', async () => {
    const { id } = stored();
    const answer = await harness.call('PATCH', `${path}/${id}`, {
      token: session,
      json: { name: 'new', origins: [ORIGIN] },
      headers: ['If-Match', '"7"'],
    });
    expect(answer.status).toBe(200);
    expect(harness.issuance.commands.at(-1)!.envelope.input).toEqual({
      organizationId: harness.organizationId,
      keyId: id,
      name: 'new',
      origins: [ORIGIN],
      ifRevision: '7',
    });
    for (const json of [
      {},
      { origins: [] },
      { origins: [{ origin: ORIGIN }] },
      { development: true },
      { origins: [ORIGIN, ORIGIN] },
    ])
      expectProblem(await call('PATCH', `/${id}`, json), 400, 'validation-failed');
  });

  it('204: DELETE; 200: suspend and resume: each names the kind', async () => {
    const { id } = stored();
    const inputs = await harness.commandsDuring(async () => {
      expect((await call('DELETE', `/${id}`)).status).toBe(204);
      expect((await call('POST', `/${id}/suspend`)).status).toBe(200);
      expect((await call('POST', `/${id}/resume`)).body['id']).toBe(id);
    });
    expect(inputs.map(({ name }) => name)).toEqual(['revokeKey', 'suspendKey', 'resumeKey']);
    for (const { envelope } of inputs)
      expect(envelope.input).toEqual({
        organizationId: harness.organizationId,
        keyId: id,
        kind: 'publishable',
      });
  });

  it('200: POST temporary-origins; 400 without an end', async () => {
    const { id } = stored();
    const json = { origin: 'https://preview.example.com', expiresAt: LATER };
    const answer = await call('POST', `/${id}/temporary-origins`, json);
    expect(answer.status).toBe(200);
    expect(answer.body['origins']).toEqual([json]);
    expect(harness.issuance.commands.at(-1)).toMatchObject({
      name: 'addTemporaryOrigin',
      envelope: { input: { keyId: id, ...json } },
    });
    for (const bad of [{}, { origin: ORIGIN }, { ...json, origin: 7 }, { ...json, expiresAt: 'soon' }])
      expectProblem(await call('POST', `/${id}/temporary-origins`, bad), 400, 'validation-failed');
  });

  it('200: GET usage', async () => {
    const { id } = stored();
    expect((await call('GET', `/${id}/usage`)).body).toEqual({ keyId: id, count: 0, windows: [] });
  });

  it('403: reading is not writing; 404: unknown, foreign, out of scope, or no key at all, all alike', async () => {
    const { id } = stored();
    const foreign = stored({}, newId('organization'));
    const writes: [string, string, unknown][] = [
      ['PATCH', '', { name: 'x' }],
      ['DELETE', '', undefined],
      ['POST', '/suspend', undefined],
      ['POST', '/temporary-origins', { origin: ORIGIN, expiresAt: LATER }],
    ];
    const scoped = harness.key('admin', harness.organizationId, { scope: { agents: [newId('agent')] } });
    for (const [method, action, json] of writes) {
      expectProblem(await call(method, `/${id}${action}`, json, harness.key('developer')), 403, 'forbidden');
      expect(
        await harness.commandsDuring(async () => {
          expectProblem(await call(method, `/${id}${action}`, json, scoped), 404, 'not-found');
          expectProblem(await call(method, `/x${action}`, json), 404, 'not-found');
        }),
      ).toEqual([]);
    }
    const texts = await Promise.all(
      [foreign.id, newId('key'), 'x'].map((keyId) =>
        harness.call('GET', `${path}/${keyId}`, { token: session, headers: ['X-Request-Id', 'r'] }),
      ),
    );
    for (const answer of texts) expectProblem(answer, 404, 'not-found');
    expect(new Set(texts.map(({ text }) => text)).size).toBe(1);
  });
});
