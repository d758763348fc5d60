import { newId, ProblemError, type AgentDomain } from '@mcpstack/contracts';
import { connect } from '@nats-io/transport-node';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { domainOf } from '../../test/stand-in-answers.ts';
import { DomainCheck } from './domain-check.ts';

let harness: Harness;
let session: string;
let agentId: string;
let domain: AgentDomain;
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
  agentId = newId('agent');
  const { organizationId } = harness;
  domain = domainOf({ organizationId, agentId }, newId('domain'), {
    ...{ state: 'stale', verifiedAt: '2026-02-01T00:00:00.000Z', method: 'file' },
    graceEndsAt: '2026-03-01T00:00:00.000Z',
  });
  harness.models.addAgent(
    {
      ...{ id: agentId, organizationId, name: 'x', state: 'active', revision: '1' },
      ...{ createdAt: '2026-01-01T00:00:00.000Z', createdBy: { type: 'user', id: harness.userId } },
    },
    [domain],
  );
});
afterAll(() => harness.stop());
afterEach(() => {
  harness.issuance.override = undefined;
  harness.scheduler.override = undefined;
});

const call = (method: string, path = '', json?: unknown, token = session): Promise<Answer> =>
  harness.call(method, `${harness.organizationPath}/agents/${agentId}/domains${path}`, { token, json });
const lastSent = () => harness.issuance.commands.at(-1)!;

describe('POST …/domains', () => {
  it('201: says what to publish', async () => {
    const answer = await call('POST', '', { domain: 'example.com' });
    expect(answer.status).toBe(201);
    const value = `mcpstack-verify=${'c'.repeat(43)}`;
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^dom_/) as string,
      ...{ organizationId: harness.organizationId, agentId, domain: 'example.com', state: 'pending' },
      proof: {
        dns: { type: 'TXT', name: '_mcpstack-challenge.example.com', value },
        file: { url: 'https://example.com/.well-known/mcpstack-challenge.txt', content: value },
      },
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    const path = `${harness.organizationPath}/agents/${agentId}/domains/${answer.body['id'] as string}`;
    expect(answer.headers['location']).toBe(path);
    const { organizationId } = harness;
    expect(lastSent().envelope.input).toEqual({ organizationId, agentId, domain: 'example.com' });
  });

  it.each<[string, unknown]>([
    ['none', {}],
    ['empty', { domain: '' }],
    ['too long', { domain: `${'x'.repeat(250)}.com` }],
    ['a list', { domain: ['example.com'] }],
  ])('400: %s', async (_, json) => {
    const answer = await call('POST', '', json);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe('domain');
  });

  it('400 and 409: as issuance decides', async () => {
    for (const [code, status] of [
      ['validation-failed', 400],
      ['conflict', 409],
    ] as const) {
      harness.issuance.override = () => {
        throw new ProblemError(code, 'Refused.');
      };
      expectProblem(await call('POST', '', { domain: 'co.uk' }), status, code);
    }
  });

  it('403: domains:write is the permission', async () => {
    const answer = await call('POST', '', { domain: 'example.com' }, harness.key('developer'));
    expectProblem(answer, 403, 'forbidden');
    expect(answer.problem.permission).toBe('domains:write');
  });
});

describe('GET and DELETE', () => {
  it('200: how far it is proven', async () => {
    const one = await call('GET', `/${domain.id}`, undefined, harness.key('viewer'));
    expect(one.status).toBe(200);
    expect(one.body).toMatchObject({
      ...{ id: domain.id, state: 'stale', method: 'file', verifiedAt: '2026-02-01T00:00:00.000Z' },
      graceEndsAt: '2026-03-01T00:00:00.000Z',
    });
    expect(one.body).not.toHaveProperty('challenge');
    expect((await call('GET')).body).toEqual({ data: [one.body] });
  });

  it('204: DELETE removes', async () => {
    expect((await call('DELETE', `/${domain.id}`)).status).toBe(204);
    const { organizationId } = harness;
    expect(lastSent()).toMatchObject({
      name: 'removeDomain',
      envelope: { input: { organizationId, agentId, domainId: domain.id } },
    });
  });

  it('404: an unknown domain, one of another agent, a misspelled one: alike', async () => {
    const texts = new Set<string>();
    for (const id of [newId('domain'), 'nonsense']) {
      const answer = await call('GET', `/${id}`);
      expectProblem(answer, 404, 'not-found');
      texts.add(answer.problem.detail);
    }
    const other = newId('agent');
    const path = `${harness.organizationPath}/agents/${other}/domains/${domain.id}`;
    expectProblem(await harness.call('GET', path, { token: session }), 404, 'not-found');
    expect(texts.size).toBe(1);
  });
});

describe('POST …/domains/{domainId}/check', () => {
  it('200: what was looked for and found', async () => {
    const answer = await call('POST', `/${domain.id}/check`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      ...{ id: domain.id, state: 'verified', method: 'dns' },
      found: {
        dns: { name: '_mcpstack-challenge.example.com', ok: true },
        file: { ok: false, problem: 'status 404' },
      },
    });
    expect(answer.headers['mcpstack-position']).toBe('45');
    expect(harness.scheduler.requests.at(-1)).toEqual({
      ...{ organizationId: harness.organizationId, agentId, domainId: domain.id },
      requestId: answer.headers['x-request-id'],
    });
  });

  it('404 and 503: as the scheduler says', async () => {
    harness.scheduler.override = { problem: 'not-found' };
    expectProblem(await call('POST', `/${newId('domain')}/check`), 404, 'not-found');
    for (const reply of [{ problem: 'unavailable' }, {}, { domain }] as const) {
      harness.scheduler.override = reply;
      expectProblem(await call('POST', `/${domain.id}/check`), 503, 'unavailable');
    }
  });

  it('403: domains:write is the permission, and nobody is asked', async () => {
    const before = harness.scheduler.requests.length;
    const answer = await call('POST', `/${domain.id}/check`, undefined, harness.key('viewer'));
    expectProblem(answer, 403, 'forbidden');
    expect(harness.scheduler.requests).toHaveLength(before);
  });

  it('503: no scheduler at all, at once; one that is silent, in time', async () => {
    const other = await Harness.start();
    const token = await other.login();
    const path = `${other.organizationPath}/agents/${agentId}/domains/${domain.id}/check`;
    const connection = await connect({ servers: other.nats.url });
    other.scheduler.override = 'silent';
    const asked = { organizationId: other.organizationId, agentId, domainId: domain.id, requestId: 'r' };
    await expect(new DomainCheck(connection, 100).look(asked)).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(other.scheduler.requests).toHaveLength(1);
    other.scheduler.stop();
    const startMs = performance.now();
    const answer = await other.call('POST', path, { token });
    expect(performance.now() - startMs).toBeLessThan(5_000);
    await connection.close();
    await other.stop();
    expectProblem(answer, 503, 'unavailable');
    expect(answer.headers['retry-after']).toBe('1');
  });
});
