import {
  deriveId,
  makeToken,
  newId,
  permissionsOf,
  ProblemError,
  ROLE_PERMISSIONS,
  tokenDigest,
} from '@mcpstack/contracts';
import { jest } from '@jest/globals';
import { Reads } from '../reads.ts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';

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

const BODY = { name: 'automation-bot', role: 'developer' };
const QUOTA = { name: 'monthly', limit: 1_000, interval: 'month' };
const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => deriveId('server', `${at}`));

const create = (json: unknown, headers: readonly string[] = []): Promise<Answer> =>
  harness.call('POST', harness.keysPath, { token: session, json, headers });

const sentDuring = async (act: () => Promise<unknown>): Promise<number> =>
  (await harness.commandsDuring(act)).length;

describe('POST /organizations/{orgId}/api-keys', () => {
  it('201: answers the key, its secret, where it is and the position', async () => {
    const answer = await create(BODY, ['X-Request-Id', 'my-request']);
    expect(answer.status).toBe(201);
    const { envelope } = harness.issuance.commands.at(-1)!;
    const id = deriveId('key', envelope.commandId);
    expect(answer.body).toEqual({
      id,
      organizationId: harness.organizationId,
      kind: 'service',
      ...BODY,
      permissions: ROLE_PERMISSIONS.developer,
      state: 'active',
      createdAt: '2026-01-01T00:00:00.000Z',
      createdBy: { type: 'user', id: harness.userId },
      tags: [],
      secrets: [{ version: 1, createdAt: '2026-01-01T00:00:00.000Z' }],
      revision: '7',
      secret: harness.issuance.secrets.at(-1),
    });
    expect(answer.headers).toMatchObject({
      location: `${harness.keysPath}/${id}`,
      'mcpstack-position': '42',
      etag: '"7"',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': 'my-request',
    });
    expect(answer.headers['server']).toBeUndefined();
    expect(answer.headers['x-powered-by']).toBeUndefined();
    expect(envelope).toEqual({
      commandId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      requestId: 'my-request',
      actor: { type: 'user', id: harness.userId },
      requestDigest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      input: { organizationId: harness.organizationId, ...BODY },
    });
  });

  it('201: sends the narrowing on', async () => {
    const permissions = ['servers:read'];
    expect((await create({ ...BODY, permissions })).status).toBe(201);
    expect(harness.issuance.commands.at(-1)!.envelope.input).toMatchObject({ permissions });
  });

  it('201: with a service key, in either header, issuance decides in the name of the key', async () => {
    const token = harness.key('admin');
    const keyId = (await harness.call('GET', '/api/v1/me', { token })).body['id'];
    for (const headers of [
      ['Authorization', `Bearer ${token}`],
      ['X-API-Key', token],
    ]) {
      const answer = await harness.call('POST', harness.keysPath, { headers, json: BODY });
      expect(answer.status).toBe(201);
      expect(harness.issuance.commands.at(-1)!.envelope.actor).toEqual({ type: 'key', id: keyId });
    }
  });

  it('201, G2: a retry with the same Idempotency-Key is the same command; another caller has another', async () => {
    const ids: unknown[] = [];
    const key = ['Idempotency-Key', 'retry-1'];
    for (const json of [BODY, { role: 'developer', name: 'automation-bot' }]) {
      expect((await create(json, key)).status).toBe(201);
      ids.push(harness.issuance.commands.at(-1)!.envelope);
    }
    const [first, second] = ids as { commandId: string; requestDigest: string; idempotencyKey: string }[];
    expect(second).toMatchObject({
      commandId: first!.commandId,
      requestDigest: first!.requestDigest,
      idempotencyKey: 'retry-1',
    });
    await harness.call('POST', harness.keysPath, { token: harness.key('admin'), json: BODY, headers: key });
    expect(harness.issuance.commands.at(-1)!.envelope.commandId).not.toBe(first!.commandId);
    await create(BODY);
    expect(harness.issuance.commands.at(-1)!.envelope.commandId).not.toBe(first!.commandId);
  });

  it('201: says so when a replay cannot show the secret again', async () => {
    harness.issuance.override = () => ({ key: harness.ownKey(1), secretAlreadyShown: true, position: '7' });
    const { status, body } = await create(BODY, ['Idempotency-Key', 'short']);
    expect(status).toBe(201);
    expect(body['secretAlreadyShown']).toBe(true);
    expect(body).not.toHaveProperty('secret');
  });

  it.each<[string, unknown, string]>([
    ['an unknown field', { ...BODY, admin: true }, 'admin'],
    ['no name', { role: 'viewer' }, 'name'],
    ['a name that is a number', { ...BODY, name: 7 }, 'name'],
    ['an empty name', { ...BODY, name: '' }, 'name'],
    ['a name of 10,000 characters', { ...BODY, name: 'x'.repeat(10_000) }, 'name'],
    ['a control character in the name', { ...BODY, name: 'a\u0000b' }, 'name'],
    ['a line break in the name', { ...BODY, name: 'a\nb' }, 'name'],
    ['a lone surrogate in the name', { ...BODY, name: 'a\ud800' }, 'name'],
    ['an unknown role', { ...BODY, role: 'root' }, 'role'],
    ['a role that is a list', { ...BODY, role: ['viewer'] }, 'role'],
    ['no role', { name: 'x' }, 'role'],
    ['an inherited property as role', { ...BODY, role: 'toString' }, 'role'],
    ['an unknown permission', { ...BODY, permissions: ['servers:fly'] }, 'permissions'],
    ['a permission twice', { ...BODY, permissions: ['servers:read', 'servers:read'] }, 'permissions'],
    ['permissions that are text', { ...BODY, permissions: 'servers:read' }, 'permissions'],
    ['permissions that are null', { ...BODY, permissions: null }, 'permissions'],
    ['permissions that are an object', { ...BODY, permissions: { length: 1 } }, 'permissions'],
    ['30 February', { ...BODY, expiresAt: '2030-02-30T00:00:00Z' }, 'expiresAt'],
    ['a time without an offset', { ...BODY, expiresAt: '2030-01-01T00:00:00' }, 'expiresAt'],
    ['a scope that is a list of scopes', { ...BODY, scope: [{ agents: ['agent_1'] }] }, 'scope'],
    ['a scope with an empty list', { ...BODY, scope: { agents: [] } }, 'scope.agents'],
    ['a scope with an id of another kind', { ...BODY, scope: { agents: ['srv_1'] } }, 'scope.agents'],
    [
      'a scope with an unknown field',
      { ...BODY, scope: { agents: ['agent_1'], users: ['user_1'] } },
      'scope.users',
    ],
    ['51 servers in scope', { ...BODY, scope: { servers: ids(51) } }, 'scope.servers'],
    ['65 addresses', { ...BODY, allowedIps: Array.from({ length: 65 }, () => '::1') }, 'allowedIps'],
    ['a scope that limits nothing', { ...BODY, scope: {} }, 'scope'],
    ['no addresses at all', { ...BODY, allowedIps: [] }, 'allowedIps'],
    ['an address twice', { ...BODY, allowedIps: ['::1', '::1'] }, 'allowedIps'],
    ['two quotas of one name', { ...BODY, quotas: [QUOTA, QUOTA] }, 'quotas'],
    ['an address that is a number', { ...BODY, allowedIps: [7] }, 'allowedIps'],
    ['a tag in upper case', { ...BODY, tags: ['Team'] }, 'tags'],
    ['21 tags', { ...BODY, tags: ids(21).map((id) => id.toLowerCase()) }, 'tags'],
    ['an environment with a space', { ...BODY, environment: 'my prod' }, 'environment'],
    ['a limit of zero', { ...BODY, limits: [{ name: 'a', limit: 0, windowMs: 1_000 }] }, 'limits.0.limit'],
    ['a limit of 1.5', { ...BODY, limits: [{ name: 'a', limit: 1.5, windowMs: 1_000 }] }, 'limits.0.limit'],
    [
      'a window of 999 ms',
      { ...BODY, limits: [{ name: 'a', limit: 1, windowMs: 999 }] },
      'limits.0.windowMs',
    ],
    ['a limit that is null', { ...BODY, limits: [null] }, 'limits'],
    ['a limit that is a list', { ...BODY, limits: [[]] }, 'limits'],
    [
      'a quota for a year',
      { ...BODY, quotas: [{ name: 'a', limit: 1, interval: 'year' }] },
      'quotas.0.interval',
    ],
    ['11 quotas', { ...BODY, quotas: Array.from({ length: 11 }, () => QUOTA) }, 'quotas'],
    ['a digest in upper case', { ...BODY, digest: 'D'.repeat(64) }, 'digest'],
    ['a digest that is a token', { ...BODY, digest: makeToken('service') }, 'digest'],
  ])('400: %s is refused by name, and nothing is sent', async (_, json, field) => {
    let answer!: Answer;
    expect(await sentDuring(async () => (answer = await create(json)))).toBe(0);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.map((one) => one.field)).toContain(field);
    expect(answer.problem.detail).toContain(field.split('.').at(-1));
  });

  it('201: sends all terms on, each as it was given, the time in UTC', async () => {
    const terms = {
      ...BODY,
      permissions: ['servers:read'],
      scope: { agents: [newId('agent')], servers: [newId('server')] },
      allowedIps: ['203.0.113.0/24', '2001:db8::/32'],
      tags: ['team:payments', 'ci'],
      environment: 'production',
      limits: [{ name: 'requests', limit: 100, windowMs: 60_000 }],
      quotas: [QUOTA],
    };
    const answer = await create({ ...terms, expiresAt: '2030-01-01T02:00:00+02:00' });
    expect(answer.status).toBe(201);
    const { organizationId } = harness;
    const expiresAt = '2030-01-01T00:00:00.000Z';
    const { input } = harness.issuance.commands.at(-1)!.envelope;
    expect(input).toEqual({ organizationId, ...terms, expiresAt });
    expect(answer.body).toMatchObject({ ...terms, expiresAt });
  });

  it('201: registers a digest alone, and shows no secret', async () => {
    const digest = tokenDigest('my own token, of 256 random bits');
    const { status, body } = await create({ ...BODY, digest });
    expect(status).toBe(201);
    expect(body).not.toHaveProperty('secret');
    expect(JSON.stringify(body)).not.toContain(digest);
    expect(harness.authorizer.identified.at(-1)).toEqual({ digests: [digest] });
    expect(harness.issuance.commands.at(-1)!.envelope.input['digest']).toBe(digest);
  });

  it("409: a digest that is a key's already; a retry of the request that registered it passes", async () => {
    const token = makeToken('service');
    const body = { ...BODY, digest: tokenDigest(token) };
    const headers = ['Idempotency-Key', 'register-1'];
    const first = await create(body, headers);
    harness.authorizer.add(token, {
      keyId: first.body['id'] as string,
      orgId: harness.organizationId,
      role: 'developer',
    });
    let second!: Answer;
    expect(await sentDuring(async () => (second = await create(body)))).toBe(0);
    expectProblem(second, 409, 'conflict');
    expect(second.problem.errors?.[0]?.field).toBe('digest');
    expect((await create(body, headers)).body['id']).toBe(first.body['id']);
  });

  it('503: a digest that nobody can look up now is not registered blindly', async () => {
    harness.authorizer.identifyOverride = { reason: 'not trusted' };
    const answer = await create({ ...BODY, digest: 'd'.repeat(64) });
    harness.authorizer.identifyOverride = undefined;
    expectProblem(answer, 503, 'unavailable');
  });

  it('400: what issuance finds wrong is named as the caller sent it', async () => {
    harness.issuance.override = () => {
      const errors = [{ field: 'input.allowedIps.0', message: 'has host bits: write 10.0.0.0/8' }];
      throw new ProblemError('validation-failed', 'input.allowedIps.0: has host bits', { errors });
    };
    const answer = await create({ ...BODY, allowedIps: ['10.0.0.1/8'] });
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe('allowedIps.0');
    expect(answer.problem.detail).toBe('allowedIps.0: has host bits');
  });

  it('403: what the policy forbids, with its rule', async () => {
    harness.issuance.override = () => {
      throw new ProblemError('policy-violation', 'A key must expire here.', { rule: 'expiryRequired' });
    };
    const answer = await create(BODY);
    expectProblem(answer, 403, 'policy-violation');
    expect(answer.problem.rule).toBe('expiryRequired');
  });

  it('400: a query field is refused by name', async () => {
    const answer = await harness.call('POST', `${harness.keysPath}?dryRun=1`, { token: session, json: BODY });
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors).toEqual([{ field: 'dryRun', message: expect.any(String) as string }]);
  });

  it.each(['', 'with space', 'x'.repeat(256)])('400: the Idempotency-Key %p', async (key) => {
    let answer!: Answer;
    const act = async (): Promise<Answer> => (answer = await create(BODY, ['Idempotency-Key', key]));
    expect(await sentDuring(act)).toBe(0);
    expectProblem(answer, 400, 'bad-request');
  });

  it('401: without a credential, before anything of the body is told', async () => {
    const answer = await harness.call('POST', harness.keysPath, { json: { nonsense: 1 } });
    expectProblem(answer, 401, 'unauthenticated');
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="mcpstack"');
  });

  it('403: names the permission that the caller lacks', async () => {
    const developer = await harness.call('POST', harness.keysPath, {
      token: harness.key('developer'),
      json: BODY,
    });
    expectProblem(developer, 403, 'forbidden');
    expect(developer.problem.permission).toBe('api-keys:write');
    expect(developer.headers['www-authenticate']).toContain('scope="api-keys:write"');

    harness.models.setRole(harness.organizationId, harness.userId, 'developer');
    const person = await create(BODY);
    harness.models.setRole(harness.organizationId, harness.userId, 'owner');
    expectProblem(person, 403, 'forbidden');
    expect(person.problem.permission).toBe('api-keys:write');
  });

  it('403: as issuance decides it, with the permission it names', async () => {
    harness.issuance.override = () => {
      throw new ProblemError('forbidden', 'Nobody can give what they lack.', { permission: 'owners:write' });
    };
    const answer = await create({ ...BODY, role: 'owner' });
    expectProblem(answer, 403, 'forbidden');
    expect(answer.problem.permission).toBe('owners:write');
  });

  it('404, G8: a foreign and an unknown organization answer alike, for people and for keys', async () => {
    const foreign = newId('organization');
    harness.models.addOrganization(foreign, 'Theirs', { user_x: 'owner' });
    const shapes: string[] = [];
    for (const organizationId of [foreign, newId('organization'), 'org_', 'nonsense']) {
      for (const token of [session, harness.key('owner')]) {
        const path = `/api/v1/organizations/${organizationId}/api-keys`;
        let answer!: Answer;
        const act = async (): Promise<Answer> =>
          (answer = await harness.call('POST', path, { token, json: BODY, headers: ['X-Request-Id', 'r'] }));
        expect(await sentDuring(act)).toBe(0);
        expectProblem(answer, 404, 'not-found');
        shapes.push(answer.text);
      }
    }
    expect(new Set(shapes).size).toBe(1);
  });

  it('403, G8: a key without the permission learns no more of a foreign organization than of none', async () => {
    const foreign = newId('organization');
    harness.models.addOrganization(foreign, 'Theirs', {});
    const token = harness.key('viewer');
    const texts = new Set<string>();
    for (const organizationId of [foreign, newId('organization'), harness.organizationId]) {
      const path = `/api/v1/organizations/${organizationId}/api-keys`;
      const headers = ['X-Request-Id', 'r'];
      const answer = await harness.call('POST', path, { token, json: BODY, headers });
      expectProblem(answer, 403, 'forbidden');
      texts.add(answer.text);
    }
    expect(texts.size).toBe(1);
  });

  it('409 and 422: as issuance decides', async () => {
    for (const [code, status] of [
      ['conflict', 409],
      ['idempotency-key-reused', 422],
    ] as const) {
      harness.issuance.override = () => {
        throw new ProblemError(code, 'Refused.');
      };
      expectProblem(await create(BODY), status, code);
    }
  });

  it('500: what nobody expected is answered without its text, and logged with the request id', async () => {
    harness.issuance.override = () => {
      throw new ProblemError('internal', 'Something went wrong on our side.');
    };
    const answer = await create(BODY, ['X-Request-Id', 'broken-1']);
    expectProblem(answer, 500, 'internal');
    expect(
      harness.lines().some((line) => line['requestId'] === 'broken-1' && line['level'] === 'error'),
    ).toBe(true);
  });

  it('503: not final yet, with Retry-After', async () => {
    harness.issuance.override = () => {
      throw new ProblemError('not-final', 'Recorded, not yet final.');
    };
    const answer = await create(BODY);
    expectProblem(answer, 503, 'not-final');
    expect(answer.headers['retry-after']).toBe('1');
  });

  it('503, G4: permits nothing on a role that is not proven: away, untrusted or no longer fresh', async () => {
    for (const condition of ['away', 'untrusted'] as const) {
      harness.models.condition = condition;
      let answer!: Answer;
      expect(await sentDuring(async () => (answer = await create(BODY)))).toBe(0);
      expectProblem(answer, 503, 'unavailable');
      expect(answer.headers['retry-after']).toBe('1');
    }
    // The same request with read models that are well.
    harness.models.condition = 'well';
    expect((await create(BODY)).status).toBe(201);
  });

  it('control of G4: a gateway that takes any reading for proven would have sent the command', async () => {
    const blind = jest
      .spyOn(harness.app.get(Reads), 'standingOf')
      .mockImplementation(async (organizationId, userId) => {
        const reading = await harness.models.getMember(organizationId, userId);
        const role = reading.value?.role;
        return role && { role, permissions: permissionsOf(role), suspended: false };
      });
    harness.models.condition = 'untrusted';
    expect(await sentDuring(() => create(BODY))).toBe(1);
    blind.mockRestore();
    expect(await sentDuring(() => create(BODY))).toBe(0);
  });
});
