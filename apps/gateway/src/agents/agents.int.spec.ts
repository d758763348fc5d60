import { newId, ProblemError, type Agent } from '@mcpstack/contracts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';

let harness: Harness;
let session: string;
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
});
afterAll(() => harness.stop());
afterEach(() => (harness.issuance.override = undefined));

const AT = '2026-01-01T00:00:00.000Z';
const lastSent = () => harness.issuance.commands.at(-1)!;

interface CallOptions {
  token?: string;
  headers?: readonly string[];
}
const call = (method: string, path: string, json?: unknown, options: CallOptions = {}): Promise<Answer> =>
  harness.call(method, `${harness.organizationPath}${path}`, { token: session, json, ...options });

/** Agents and servers are alike but for the address of a server. */
describe.each([
  ['agents', 'agent', 'createAgent', 'renameAgent', 'removeAgent'],
  ['servers', 'server', 'createServer', 'updateServer', 'removeServer'],
] as const)('/organizations/{orgId}/%s', (path, kind, create, update, remove) => {
  const idField = `${kind}Id`;
  const stored = (change: Partial<Agent> = {}): Agent => ({
    id: newId(kind),
    organizationId: harness.organizationId,
    name: 'one',
    state: 'active',
    createdAt: AT,
    createdBy: { type: 'user', id: harness.userId },
    revision: '3',
    ...change,
  });
  const add = (one: Agent): void =>
    kind === 'agent' ? harness.models.addAgent(one) : harness.models.addServer(one);

  it('201: creates, with Location, ETag and position', async () => {
    const answer = await call('POST', `/${path}`, { name: 'Support' });
    expect(answer.status).toBe(201);
    const id = answer.body['id'] as string;
    expect(answer.body).toEqual({
      ...{ id, organizationId: harness.organizationId, name: 'Support', createdAt: AT },
      ...{ createdBy: { type: 'user', id: harness.userId }, revision: '7' },
    });
    expect(answer.headers).toMatchObject({
      location: `${harness.organizationPath}/${path}/${id}`,
      etag: '"7"',
      'mcpstack-position': '44',
    });
    const { name, envelope } = lastSent();
    expect(name).toBe(create);
    expect(envelope.input).toEqual({ organizationId: harness.organizationId, name: 'Support' });
  });

  it('201, G2: a retry with one Idempotency-Key is the same command', async () => {
    const headers = ['Idempotency-Key', 'k'];
    await call('POST', `/${path}`, { name: 'Support' }, { headers });
    const first = lastSent().envelope;
    await call('POST', `/${path}`, { name: 'Support' }, { headers });
    expect(lastSent().envelope.commandId).toBe(first.commandId);
    await call('POST', `/${path}`, { name: 'Support' });
    expect(lastSent().envelope.commandId).not.toBe(first.commandId);
  });

  it('200: lists those in force, newest first, page by page', async () => {
    const organizationId = newId('organization');
    harness.models.addOrganization(organizationId, 'Many', { [harness.userId]: 'viewer' });
    for (let more = 0; more < 3; more += 1) add(stored({ organizationId, name: `n${more}` }));
    add(stored({ organizationId, name: 'gone', state: 'removed' }));
    const list = `/api/v1/organizations/${organizationId}/${path}?limit=2`;
    const first = await harness.call('GET', list, { token: session });
    const cursor = first.body['nextCursor'] as string;
    const second = await harness.call('GET', `${list}&cursor=${cursor}`, { token: session });
    const names = [first, second].flatMap(({ body }) => (body['data'] as Agent[]).map(({ name }) => name));
    expect(names).toEqual(['n0', 'n1', 'n2']);
    expect(second.body).not.toHaveProperty('nextCursor');
  });

  it('200: GET answers one with its ETag; 404 once it is removed', async () => {
    const [one, gone] = [stored(), stored({ state: 'removed' })];
    add(one);
    add(gone);
    const answer = await call('GET', `/${path}/${one.id}`, undefined, { token: harness.key('viewer') });
    expect(answer.status).toBe(200);
    const { state: _, ...shown } = one;
    expect(answer.body).toEqual(shown);
    expect(answer.headers['etag']).toBe('"3"');
    expectProblem(await call('GET', `/${path}/${gone.id}`), 404, 'not-found');
  });

  it('200: PATCH changes; If-Match goes with the command; 412 as issuance finds it', async () => {
    const id = newId(kind);
    const headers = ['If-Match', '"3"'];
    const answer = await call('PATCH', `/${path}/${id}`, { name: 'New' }, { headers });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id, name: 'New' });
    expect(answer.headers['etag']).toBe('"7"');
    const { name, envelope } = lastSent();
    expect(name).toBe(update);
    const { organizationId } = harness;
    expect(envelope.input).toEqual({ organizationId, [idField]: id, name: 'New', ifRevision: '3' });
    harness.issuance.override = () => {
      throw new ProblemError('precondition-failed', 'It has changed since you read it.');
    };
    const stale = await call('PATCH', `/${path}/${id}`, { name: 'New' }, { headers });
    expectProblem(stale, 412, 'precondition-failed');
  });

  it('204: DELETE removes', async () => {
    const id = newId(kind);
    const answer = await call('DELETE', `/${path}/${id}`);
    expect(answer.status).toBe(204);
    expect(answer.headers['mcpstack-position']).toBe('44');
    const { name, envelope } = lastSent();
    expect(name).toBe(remove);
    expect(envelope.input).toEqual({ organizationId: harness.organizationId, [idField]: id });
  });

  it.each<[string, string, unknown, string]>([
    ['POST', 'no name', {}, 'name'],
    ['POST', 'a name of 101 characters', { name: 'x'.repeat(101) }, 'name'],
    ['POST', 'an unknown field', { name: 'x', admin: true }, 'admin'],
    ['PATCH', 'a name that is null', { name: null }, 'name'],
  ])('400: %s with %s', async (method, _, json, field) => {
    const before = harness.issuance.commands.length;
    const target = method === 'POST' ? `/${path}` : `/${path}/${newId(kind)}`;
    const answer = await call(method, target, json);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
    expect(harness.issuance.commands).toHaveLength(before);
  });

  it('403: for whoever may only read', async () => {
    const token = harness.key('viewer');
    for (const [method, target, json] of [
      ['POST', `/${path}`, { name: 'x' }],
      ['PATCH', `/${path}/${newId(kind)}`, { name: 'x' }],
      ['DELETE', `/${path}/${newId(kind)}`, undefined],
    ] as const) {
      const answer = await call(method, target, json, { token });
      expectProblem(answer, 403, 'forbidden');
      expect(answer.problem.permission).toBe(`${path}:write`);
    }
  });

  it('404: what is no id of one reaches nobody', async () => {
    const before = harness.issuance.commands.length;
    for (const [method, json] of [
      ['GET', undefined],
      ['PATCH', { name: 'x' }],
      ['DELETE', undefined],
    ] as const)
      expectProblem(await call(method, `/${path}/nonsense`, json), 404, 'not-found');
    expect(harness.issuance.commands).toHaveLength(before);
  });
});

describe('the URL of a server', () => {
  it('201 and 200: http or https, as it was sent', async () => {
    for (const url of ['https://mcp.example.com', 'http://10.0.0.1:8080/mcp?x=1', 'https://[::1]/']) {
      const answer = await call('POST', '/servers', { name: 'x', url });
      expect(answer.status).toBe(201);
      expect(answer.body['url']).toBe(url);
    }
    const changed = await call('PATCH', `/servers/${newId('server')}`, { url: 'https://new.example.com' });
    expect(changed.status).toBe(200);
    expect(lastSent().envelope.input).not.toHaveProperty('name');
  });

  it.each([
    'ftp://example.com',
    'javascript:alert(1)',
    'example.com',
    '//example.com',
    'https://user:secret@example.com',
    'https://user@example.com',
    'https://exa mple.com',
    'https://example.com:99999',
    `https://example.com/${'x'.repeat(2_048)}`,
    '',
    7,
    null,
  ])('400: %p', async (url) => {
    const answer = await call('POST', '/servers', { name: 'x', url });
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe('url');
    if (typeof url === 'string' && url.includes('secret')) expect(answer.text).not.toContain('secret');
  });

  it('400: a PATCH that names nothing', async () => {
    expectProblem(await call('PATCH', `/servers/${newId('server')}`, {}), 400, 'validation-failed');
  });
});
