import { newId, ProblemError, type ApiKey } from '@mcpstack/contracts';
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
  harness.authorizer.override = undefined;
  harness.models.condition = 'well';
});

const sentDuring = async (act: () => Promise<unknown>): Promise<number> =>
  (await harness.commandsDuring(act)).length;

describe('/organizations/{orgId}/api-keys/{keyId}', () => {
  const call = (method: string, keyId: string, json?: unknown): Promise<Answer> =>
    harness.call(method, `${harness.keysPath}/${keyId}`, { token: session, json });

  it('200: GET answers the key without its credential', async () => {
    const key = { ...harness.ownKey(500), credentials: [{ version: 1, digest: 'd' }] };
    harness.models.addKey(key);
    const { status, body } = await call('GET', key.id);
    expect(status).toBe(200);
    expect(body).toEqual(harness.ownKey(500));
  });

  it('200: GET says how a key stands now: expired by the clock, with the secrets that still work', async () => {
    const before = new Date(Date.now() - 1_000).toISOString();
    const after = new Date(Date.now() + 60_000).toISOString();
    const createdAt = '2026-01-01T00:00:00.000Z';
    const secrets = [
      { version: 1, createdAt, validUntil: before },
      { version: 2, createdAt, validUntil: after, untilNextSeen: true as const },
      { version: 3, createdAt },
    ];
    const alive = harness.ownKey(501, harness.organizationId, { secrets, expiresAt: after });
    const over = harness.ownKey(502, harness.organizationId, { secrets, expiresAt: before });
    const revoked = harness.ownKey(503, harness.organizationId, { state: 'revoked', expiresAt: before });
    for (const key of [alive, over, revoked]) harness.models.addKey(key);
    const got = async ({ id }: ApiKey): Promise<unknown[]> => {
      const { body } = await call('GET', id);
      return [body['state'], (body['secrets'] as { version: number }[]).map(({ version }) => version)];
    };
    expect(await got(alive)).toEqual(['active', [2, 3]]);
    expect(await got(over)).toEqual(['expired', []]);
    expect(await got(revoked)).toEqual(['revoked', []]);
    const listed = await harness.call('GET', `${harness.keysPath}?state=active&limit=100`, {
      token: session,
    });
    const names = (listed.body['data'] as ApiKey[]).map(({ name }) => name);
    expect(names).toContain('key 501');
    expect(names).not.toContain('key 502');
  });

  it('200: GET and the list mark a key that may do more than the member who made it, in force ones alone', async () => {
    const { organizationId } = harness;
    const [demoted, suspended, gone] = [newId('user'), newId('user'), newId('user')];
    harness.models.addMember(organizationId, demoted, { role: 'developer' });
    harness.models.addMember(organizationId, suspended, { role: 'owner', state: 'suspended' });
    const made = (name: string, id: string, change: Partial<ApiKey> = {}): string => {
      const key = { ...serviceKey(organizationId, newId('key'), { type: 'user', id }, change), name };
      harness.models.addKey(key);
      return key.id;
    };
    const beyond = new Map([
      ['more than the maker has', made('a', demoted, { role: 'admin' })],
      ['the maker is suspended', made('b', suspended)],
      ['the maker left', made('c', gone, { state: 'suspended' })],
    ]);
    const within = [
      made('d', demoted, { role: 'developer' }),
      made('e', demoted, { role: 'admin', permissions: ['servers:read'] }),
      made('f', gone, { state: 'revoked' }),
    ];
    for (const id of beyond.values()) expect((await call('GET', id)).body['beyondMaker']).toBe(true);
    for (const id of within) expect((await call('GET', id)).body).not.toHaveProperty('beyondMaker');
    const before = harness.models.reads.filter((what) => what === 'getMember').length;
    const { body } = await harness.call('GET', `${harness.keysPath}?limit=100`, {
      token: harness.key('viewer'),
    });
    const marked = (body['data'] as (ApiKey & { beyondMaker?: true })[]).filter((key) => key.beyondMaker);
    expect(marked.map(({ id }) => id).sort()).toEqual([...beyond.values()].sort());
    // Each maker once, not each key.
    expect(harness.models.reads.filter((what) => what === 'getMember').length - before).toBe(4);
  });

  it('200: PATCH sends each narrowing on, and what the caller has seen', async () => {
    const keyId = newId('key');
    const change = { tags: ['a'], role: 'viewer', permissions: ['servers:read'], allowedIps: ['::1'] };
    const answer = await harness.call('PATCH', `${harness.keysPath}/${keyId}`, {
      token: session,
      json: change,
      headers: ['If-Match', '"6"'],
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['etag']).toBe('"7"');
    const { organizationId } = harness;
    const { name, envelope } = harness.issuance.commands.at(-1)!;
    expect(name).toBe('updateKey');
    expect(envelope.input).toEqual({ organizationId, keyId, ...change, ifRevision: '6' });
  });

  it('412: PATCH of a key that has changed since it was read', async () => {
    harness.issuance.override = () => {
      throw new ProblemError('precondition-failed', 'The resource has changed since you read it.');
    };
    expectProblem(await call('PATCH', newId('key'), { name: 'x' }), 412, 'precondition-failed');
  });

  it('400: PATCH that changes nothing', async () => {
    expectProblem(await call('PATCH', newId('key'), {}), 400, 'validation-failed');
  });

  it('204: DELETE by the key itself, whatever it may do; 403 for any other key of it', async () => {
    const keyId = newId('key');
    const token = harness.key('viewer', harness.organizationId, { keyId });
    const by = (id: string, path = harness.keysPath): Promise<Answer> =>
      harness.call('DELETE', `${path}/${id}`, { token });
    expect((await by(keyId)).status).toBe(204);
    const { name, envelope } = harness.issuance.commands.at(-1)!;
    expect(name).toBe('revokeKey');
    expect(envelope).toMatchObject({ actor: { type: 'key', id: keyId }, input: { keyId } });
    // Control: it is the id that lets it through, not that it is a key.
    expectProblem(await by(newId('key')), 403, 'forbidden');
    expectProblem(
      await by(keyId, `/api/v1/organizations/${newId('organization')}/api-keys`),
      404,
      'not-found',
    );
    for (const method of ['PATCH', 'GET']) {
      const json = method === 'PATCH' ? { name: 'x' } : undefined;
      const answer = await harness.call(method, `${harness.keysPath}/${keyId}`, { token, json });
      expect(answer.status).toBe(method === 'PATCH' ? 403 : 404);
    }
  });

  it('200: PATCH renames and answers the position', async () => {
    const keyId = newId('key');
    const answer = await call('PATCH', keyId, { name: 'new name' });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: keyId, name: 'new name' });
    expect(answer.headers['mcpstack-position']).toBe('43');
    const { organizationId } = harness;
    const { input } = harness.issuance.commands.at(-1)!.envelope;
    expect(input).toEqual({ organizationId, keyId, name: 'new name' });
  });

  it('204: DELETE revokes and answers the position, with no body', async () => {
    const keyId = newId('key');
    const answer = await call('DELETE', keyId);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    expect(answer.headers['mcpstack-position']).toBe('44');
    const { organizationId } = harness;
    const { name, envelope } = harness.issuance.commands.at(-1)!;
    expect(name).toBe('revokeKey');
    expect(envelope.input).toEqual({ organizationId, keyId, kind: 'service' });
  });

  it('204: DELETE takes a JSON content type without a body, as clients send it', async () => {
    const answer = await harness.call('DELETE', `${harness.keysPath}/${newId('key')}`, {
      token: session,
      headers: ['Content-Type', 'application/json'],
    });
    expect(answer.status).toBe(204);
  });

  it.each<[string, string, unknown, string]>([
    ['PATCH', 'a name that is too long', { name: 'x'.repeat(101) }, 'name'],
    ['PATCH', 'a role that is none', { role: 'root' }, 'role'],
    ['PATCH', 'a scope that is a list', { scope: [] }, 'scope'],
    ['PATCH', 'a time that is no time', { expiresAt: '2030-02-30T00:00:00Z' }, 'expiresAt'],
    ['PATCH', 'a digest', { digest: 'd'.repeat(64) }, 'digest'],
    ['DELETE', 'a body', { reason: 'x' }, 'reason'],
  ])('400: %s with %s', async (method, _, json, field) => {
    let answer!: Answer;
    expect(await sentDuring(async () => (answer = await call(method, newId('key'), json)))).toBe(0);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
  });

  it('403: reading is not writing', async () => {
    const token = harness.key('viewer');
    const keyPath = `${harness.keysPath}/${newId('key')}`;
    for (const [method, json] of [['DELETE'], ['PATCH', { name: 'x' }]] as const) {
      const answer = await harness.call(method, keyPath, { token, json });
      expectProblem(answer, 403, 'forbidden');
      expect(answer.problem.permission).toBe('api-keys:write');
    }
  });

  it('404: a key that is unknown, foreign, or not even spelled as one', async () => {
    const foreign = harness.ownKey(900, newId('organization'));
    harness.models.addKey(foreign);
    for (const keyId of [newId('key'), foreign.id, 'key_', 'x'])
      expectProblem(await call('GET', keyId), 404, 'not-found');
    for (const method of ['DELETE', 'PATCH']) {
      const json = method === 'PATCH' ? { name: 'x' } : undefined;
      expect(
        await sentDuring(async () => expectProblem(await call(method, 'x', json), 404, 'not-found')),
      ).toBe(0);
    }
    harness.issuance.override = () => {
      throw new ProblemError('not-found', 'There is no such key in this organization.');
    };
    expectProblem(await call('DELETE', newId('key')), 404, 'not-found');
  });

  it('503, G3: DELETE says when the revocation is recorded but not final', async () => {
    harness.issuance.override = () => {
      throw new ProblemError('not-final', 'Recorded, not yet final.');
    };
    expectProblem(await call('DELETE', newId('key')), 503, 'not-final');
  });
});
