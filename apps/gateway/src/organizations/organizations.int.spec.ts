import { newId, PERMISSIONS, ProblemError, ROLE_PERMISSIONS, ROLES } from '@mcpstack/contracts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';

let harness: Harness;
let session: string;
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
});
afterAll(() => harness.stop());

const PATH = '/api/v1/organizations';

describe('POST /organizations', () => {
  const create = (json: unknown, token = session): Promise<Answer> =>
    harness.call('POST', PATH, { token, json });

  it('201: makes the caller its owner', async () => {
    const answer = await create({ name: 'Acme' });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^org_/) as string,
      name: 'Acme',
      state: 'active',
      createdAt: '2026-01-01T00:00:00.000Z',
      revision: '0',
      role: 'owner',
    });
    expect(answer.headers).toMatchObject({
      etag: '"0"',
      location: `${PATH}/${answer.body['id'] as string}`,
      'mcpstack-position': '41',
    });
    const { input } = harness.issuance.commands.at(-1)!.envelope;
    expect(input).toEqual({ name: 'Acme', ownerId: harness.userId });
  });

  it.each<[string, unknown, string]>([
    ['an owner of the caller’s choice', { name: 'Acme', ownerId: newId('user') }, 'ownerId'],
    ['no name', {}, 'name'],
    ['a control character', { name: 'Ac\u0007me' }, 'name'],
    ['10,000 characters', { name: 'x'.repeat(10_000) }, 'name'],
  ])('400: %s', async (_, json, field) => {
    const before = harness.issuance.commands.length;
    const answer = await create(json);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
    expect(harness.issuance.commands).toHaveLength(before);
  });

  it('403: a key cannot, whatever its role', async () => {
    expectProblem(await create({ name: 'Acme' }, harness.key('owner')), 403, 'forbidden');
  });
});

describe('GET /organizations', () => {
  it('200: those of the caller, with the role there', async () => {
    const second = newId('organization');
    harness.models.addOrganization(second, 'Second', { [harness.userId]: 'viewer' });
    harness.models.addOrganization(newId('organization'), 'Foreign', {});
    const { status, body } = await harness.call('GET', PATH, { token: session });
    expect(status).toBe(200);
    const both = { state: 'active', createdAt: '2026-01-01T00:00:00.000Z', revision: '0' };
    expect(body).toEqual({
      data: [
        { id: harness.organizationId, name: 'My organization', ...both, role: 'owner' },
        { id: second, name: 'Second', ...both, role: 'viewer' },
      ],
    });
  });

  it('200: a key sees its own', async () => {
    const { body } = await harness.call('GET', PATH, { token: harness.key('developer') });
    expect(body['data']).toMatchObject([{ id: harness.organizationId, role: 'developer' }]);
  });

  it('401: without a credential', async () => {
    expectProblem(await harness.call('GET', PATH), 401, 'unauthenticated');
  });

  it('503: read models that cannot be trusted', async () => {
    for (const token of [session, harness.key('viewer')]) {
      harness.models.condition = 'untrusted';
      const answer = await harness.call('GET', PATH, { token });
      harness.models.condition = 'well';
      expectProblem(answer, 503, 'unavailable');
    }
  });
});

describe('GET /organizations/{orgId}', () => {
  it('200: for members and for its keys', async () => {
    for (const token of [session, harness.key('viewer')]) {
      const answer = await harness.call('GET', `${PATH}/${harness.organizationId}`, { token });
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ id: harness.organizationId, name: 'My organization' });
      expect(answer.body).not.toHaveProperty('policy');
      expect(answer.headers['etag']).toBe('"0"');
    }
  });

  it('404, G8: a foreign one and an unknown one alike', async () => {
    const foreign = newId('organization');
    harness.models.addOrganization(foreign, 'Foreign', {});
    const texts = new Set<string>();
    for (const token of [session, harness.key('viewer')])
      for (const id of [foreign, newId('organization'), '..%2f']) {
        const answer = await harness.call('GET', `${PATH}/${id}`, { token, headers: ['X-Request-Id', 'r'] });
        expectProblem(answer, 404, 'not-found');
        texts.add(answer.text);
      }
    expect(texts.size).toBe(1);
  });
});

describe('PATCH /organizations/{orgId}', () => {
  const rename = (json: unknown, headers: readonly string[] = [], token = session): Promise<Answer> =>
    harness.call('PATCH', harness.organizationPath, { token, json, headers });

  it('200: renames; If-Match goes with the command', async () => {
    const answer = await rename({ name: 'New' }, ['If-Match', '"3"']);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: harness.organizationId, name: 'New', role: 'owner' });
    expect(answer.headers).toMatchObject({ etag: '"7"', 'mcpstack-position': '44' });
    const { name, envelope } = harness.issuance.commands.at(-1)!;
    expect(name).toBe('renameOrganization');
    const { organizationId } = harness;
    expect(envelope.input).toEqual({ organizationId, name: 'New', ifRevision: '3' });
    await rename({ name: 'New' });
    const plain = harness.issuance.commands.at(-1)!.envelope;
    expect(plain.input).toEqual({ organizationId, name: 'New' });
    expect(plain.requestDigest).not.toBe(envelope.requestDigest);
  });

  it('400: an If-Match that no answer had', async () => {
    for (const value of ['3', 'W/"3"', '"3", "4"']) {
      const before = harness.issuance.commands.length;
      const answer = await rename({ name: 'New' }, ['If-Match', value]);
      expectProblem(answer, 400, 'validation-failed');
      expect(answer.problem.errors?.[0]?.field).toBe('If-Match');
      expect(harness.issuance.commands).toHaveLength(before);
    }
  });

  it('403: for whoever may only read', async () => {
    const answer = await rename({ name: 'New' }, [], harness.key('admin'));
    expectProblem(answer, 403, 'forbidden');
    expect(answer.problem.permission).toBe('organization:write');
  });

  it('412: as issuance finds it', async () => {
    harness.issuance.override = () => {
      throw new ProblemError('precondition-failed', 'The organization has changed since you read it.');
    };
    const answer = await rename({ name: 'New' }, ['If-Match', '"3"']);
    harness.issuance.override = undefined;
    expectProblem(answer, 412, 'precondition-failed');
  });
});

describe('/organizations/{orgId}/policy', () => {
  const put = (json: unknown): Promise<Answer> =>
    harness.call('PUT', `${harness.organizationPath}/policy`, { token: session, json });

  it('200: GET answers the policy with the ETag of the organization', async () => {
    const policy = { longestKeyLifeDays: 90, allowedKeyRoles: ['viewer'], onMakerLoss: 'revoke' } as const;
    harness.models.changeOrganization(harness.organizationId, { policy, revision: '5' });
    const answer = await harness.call('GET', `${harness.organizationPath}/policy`, {
      token: harness.key('viewer'),
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(policy);
    expect(answer.headers['etag']).toBe('"5"');
  });

  it('200: PUT replaces all of it', async () => {
    for (const policy of [
      { onMakerLoss: 'list' },
      {
        longestKeyLifeDays: 365,
        expiryRequired: true,
        allowedKeyRoles: ['viewer', 'developer'],
        onMakerLoss: 'revoke',
      },
    ]) {
      const answer = await put(policy);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(policy);
      const { organizationId } = harness;
      expect(harness.issuance.commands.at(-1)!.envelope.input).toEqual({ organizationId, policy });
    }
  });

  it.each<[string, unknown, string]>([
    ['no onMakerLoss', {}, 'onMakerLoss'],
    ['another onMakerLoss', { onMakerLoss: 'ignore' }, 'onMakerLoss'],
    ['0 days', { onMakerLoss: 'list', longestKeyLifeDays: 0 }, 'longestKeyLifeDays'],
    ['3651 days', { onMakerLoss: 'list', longestKeyLifeDays: 3_651 }, 'longestKeyLifeDays'],
    ['half a day', { onMakerLoss: 'list', longestKeyLifeDays: 0.5 }, 'longestKeyLifeDays'],
    ['days in words', { onMakerLoss: 'list', longestKeyLifeDays: '90' }, 'longestKeyLifeDays'],
    ['null', { onMakerLoss: 'list', expiryRequired: null }, 'expiryRequired'],
    ['no role at all', { onMakerLoss: 'list', allowedKeyRoles: [] }, 'allowedKeyRoles'],
    ['a role twice', { onMakerLoss: 'list', allowedKeyRoles: ['viewer', 'viewer'] }, 'allowedKeyRoles'],
    ['an unknown role', { onMakerLoss: 'list', allowedKeyRoles: ['root'] }, 'allowedKeyRoles'],
    ['an unknown rule', { onMakerLoss: 'list', keys: 1 }, 'keys'],
  ])('400: %s', async (_, json, field) => {
    const before = harness.issuance.commands.length;
    const answer = await put(json);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
    expect(harness.issuance.commands).toHaveLength(before);
  });
});

describe('POST /organizations/{orgId}/suspend and /resume', () => {
  it('200: the organization as it is now', async () => {
    for (const [act, state] of [
      ['suspend', 'suspended'],
      ['resume', 'active'],
    ]) {
      const path = `${harness.organizationPath}/${act}`;
      const answer = await harness.call('POST', path, { token: session });
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ id: harness.organizationId, state, role: 'owner' });
      expect(harness.issuance.commands.at(-1)!.name).toBe(`${act}Organization`);
    }
  });

  it('400: takes no body', async () => {
    const answer = await harness.call('POST', `${harness.organizationPath}/suspend`, {
      token: session,
      json: { until: 'tomorrow' },
    });
    expectProblem(answer, 400, 'validation-failed');
  });

  it('503: recorded, not yet final', async () => {
    harness.issuance.override = () => {
      throw new ProblemError('not-final', 'Recorded, not yet final.');
    };
    const answer = await harness.call('POST', `${harness.organizationPath}/suspend`, { token: session });
    harness.issuance.override = undefined;
    expectProblem(answer, 503, 'not-final');
  });
});

describe('GET /permissions', () => {
  it('200: the one table, for people and keys', async () => {
    for (const token of [session, harness.key('viewer')]) {
      const { status, body } = await harness.call('GET', '/api/v1/permissions', { token });
      expect(status).toBe(200);
      expect(body).toEqual({
        roles: ROLES.map((role) => ({ role, permissions: ROLE_PERMISSIONS[role] })),
        permissions: PERMISSIONS,
      });
    }
    expectProblem(await harness.call('GET', '/api/v1/permissions'), 401, 'unauthenticated');
  });
});
