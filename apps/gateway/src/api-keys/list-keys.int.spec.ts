import { newId, type ApiKey } from '@mcpstack/contracts';
import { jest } from '@jest/globals';
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

describe('GET /organizations/{orgId}/api-keys', () => {
  const organizationId = newId('organization');
  const path = `/api/v1/organizations/${organizationId}/api-keys`;
  const get = (query = '', headers: readonly string[] = []): Promise<Answer> =>
    harness.call('GET', `${path}${query}`, { token: session, headers });

  beforeAll(() => {
    harness.models.addOrganization(organizationId, 'Many keys', { [harness.userId]: 'viewer' });
    for (let index = 0; index < 120; index += 1) harness.models.addKey(harness.ownKey(index, organizationId));
  });

  it('200: pages through all, each once', async () => {
    const seen: unknown[] = [];
    let query = '?limit=50';
    for (let pages = 0; pages < 4 && query; pages += 1) {
      const { status, body } = await get(query);
      expect(status).toBe(200);
      seen.push(...(body['data'] as ApiKey[]).map((key) => key.id));
      query = body['nextCursor'] ? `?limit=50&cursor=${body['nextCursor'] as string}` : '';
    }
    expect(seen).toHaveLength(120);
    expect(new Set(seen).size).toBe(120);
  });

  it('200: 50 by default; 1 and 100 are the bounds', async () => {
    expect((await get()).body['data']).toHaveLength(50);
    expect((await get('?limit=1')).body['data']).toHaveLength(1);
    expect((await get('?limit=100')).body['data']).toHaveLength(100);
  });

  it.each([
    ['limit', '?limit=0'],
    ['limit', '?limit=101'],
    ['limit', '?limit=ten'],
    ['limit', '?limit='],
    ['limit', '?limit=1&limit=2'],
    ['cursor', '?cursor=nonsense'],
    ['cursor', '?cursor='],
    ['page', '?page=2'],
    ['state', '?state=gone'],
    ['tag', '?tag=A'],
    ['role', '?role=root'],
    ['environment', '?environment='],
    ['createdBy', '?createdBy=org_1'],
    ['unusedSince', '?unusedSince=yesterday'],
    ['__proto__', '?__proto__=2'],
  ])('400: %s in %s', async (field, query) => {
    const answer = await get(query);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
  });

  it('200: each filter goes to the read models, all of them together', async () => {
    const find = jest.spyOn(harness.models, 'listKeys');
    const maker = newId('key');
    const query = `?state=active&tag=ci&role=viewer&environment=prod&createdBy=${maker}&unusedSince=2026-01-01T00:00:00Z&limit=7`;
    expect((await get(query)).status).toBe(200);
    expect(find.mock.lastCall).toEqual([
      organizationId,
      {
        limit: 7,
        filter: {
          state: 'active',
          tag: 'ci',
          role: 'viewer',
          environment: 'prod',
          createdBy: { type: 'key', id: maker },
          unusedSince: '2026-01-01T00:00:00.000Z',
        },
      },
    ]);
    await get(`?createdBy=${harness.userId}`);
    expect(find.mock.lastCall![1]!.filter).toEqual({ createdBy: { type: 'user', id: harness.userId } });
    find.mockRestore();
  });

  it('200, G6: waits for the position that it is given; 503 when that is not reached', async () => {
    expect((await get('', ['Mcpstack-Position', '100'])).status).toBe(200);
    expect(harness.models.waits.at(-1)).toBe('100');
    const late = await get('', ['Mcpstack-Position', '101']);
    expectProblem(late, 503, 'unavailable');
    expect(late.headers['retry-after']).toBe('1');
  });

  it('200, G6: a position goes with the check of a key, too', async () => {
    const token = harness.key('viewer', organizationId);
    const answer = await harness.call('GET', path, { token, headers: ['Mcpstack-Position', '99'] });
    expect(answer.status).toBe(200);
    expect(harness.authorizer.requests.at(-1)).toMatchObject({
      position: '99',
      permission: 'api-keys:read',
    });
    expect(harness.models.waits.at(-1)).toBe('99');
  });

  it('400: a position that no write answered', async () => {
    expectProblem(await get('', ['Mcpstack-Position', 'soon']), 400, 'bad-request');
  });

  it('503: read models that are away or not proven', async () => {
    const token = harness.key('viewer', organizationId);
    for (const condition of ['away', 'untrusted'] as const) {
      harness.models.condition = condition;
      expectProblem(await harness.call('GET', path, { token }), 503, 'unavailable');
    }
  });
});
