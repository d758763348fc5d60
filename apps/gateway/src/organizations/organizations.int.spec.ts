import { newId } from '@mcpstack/contracts';
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
      createdAt: '2026-01-01T00:00:00.000Z',
      role: 'owner',
    });
    expect(answer.headers).toMatchObject({
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
    const createdAt = '2026-01-01T00:00:00.000Z';
    expect(body).toEqual({
      data: [
        { id: harness.organizationId, name: 'My organization', createdAt, role: 'owner' },
        { id: second, name: 'Second', createdAt, role: 'viewer' },
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
