/** What happened: who may ask, what is answered field by field, and what is no question. */
import { jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { AUDIT_EVENT_TYPES, newId, type AuditEvent } from '@mcpstack/contracts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';

let harness: Harness;
let owner: string;
let keyId: string;
beforeAll(async () => {
  harness = await Harness.start();
  owner = await harness.login();
  const key = harness.ownKey(1);
  keyId = key.id;
  harness.models.addKey(key);
  for (let place = 1; place <= 7; place += 1) harness.models.addEvent(eventAt(place));
});
afterAll(() => harness.stop());
afterEach(() => {
  harness.models.condition = 'well';
});

function eventAt(place: number): AuditEvent {
  const of = place === 1 ? newId('key') : keyId;
  const event: AuditEvent<'KeyRevoked'> = {
    id: `0b6f7e6c-7a3c-4b52-9a53-00000000000${place}`,
    type: 'KeyRevoked',
    at: '2026-01-01T00:00:00.000Z',
    actor: { type: 'system', id: 'gateway' },
    organizationId: harness.organizationId,
    subject: { kind: 'key', id: of },
    requestId: 'request-1',
    position: `${place}`,
    data: { reason: 'requested' },
  };
  // What a record may hold beyond what is told stays where it is.
  return { ...event, hidden: 'yes' } as AuditEvent;
}

const path = (): string => `${harness.organizationPath}/events`;
const get = (query = '', token = owner, headers: readonly string[] = []): Promise<Answer> =>
  harness.call('GET', `${path()}${query}`, { token, headers });
const positions = ({ body }: Answer) => (body['data'] as AuditEvent[]).map(({ position }) => position);

describe('GET /organizations/{orgId}/events', () => {
  it('200: each event field by field, newest first, with the position to go on from', async () => {
    const answer = await get('?limit=1');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      data: [
        {
          id: '0b6f7e6c-7a3c-4b52-9a53-000000000007',
          type: 'KeyRevoked',
          at: '2026-01-01T00:00:00.000Z',
          actor: { type: 'system', id: 'gateway' },
          organizationId: harness.organizationId,
          subject: { kind: 'key', id: keyId },
          requestId: 'request-1',
          position: '7',
          data: { reason: 'requested' },
        },
      ],
      nextCursor: expect.any(String) as unknown,
      position: '100',
    });
  });

  it('200: pages through all of them, in both orders', async () => {
    for (const order of ['newest', 'oldest']) {
      const seen: string[] = [];
      for (let query: string | undefined = ''; query !== undefined;) {
        const answer = await get(`?limit=3&order=${order}${query}`);
        seen.push(...positions(answer));
        const { nextCursor } = answer.body;
        query = typeof nextCursor === 'string' ? `&cursor=${nextCursor}` : undefined;
      }
      const inOrder = ['1', '2', '3', '4', '5', '6', '7'];
      expect(seen).toEqual(order === 'oldest' ? inOrder : inOrder.toReversed());
    }
  });

  it('200: what is asked for goes to the read models, with times in UTC', async () => {
    const asked = jest.spyOn(harness.models, 'listAuditEvents');
    const query =
      `?limit=5&order=oldest&after=41&type=KeyRevoked&type=KeyCreated&actor=${harness.userId}&subject=${keyId}` +
      '&from=2026-05-03T12:00:00%2B05:45&to=2026-05-03T23:59:59.5Z';
    expect((await get(query)).status).toBe(200);
    expect(asked.mock.lastCall).toEqual([
      harness.organizationId,
      {
        limit: 5,
        order: 'oldest',
        after: '41',
        filter: {
          types: ['KeyRevoked', 'KeyCreated'],
          actor: harness.userId,
          subject: keyId,
          from: '2026-05-03T06:15:00.000Z',
          to: '2026-05-03T23:59:59.500Z',
        },
      },
    ]);
    expect((await get('?type=KeyRevoked&actor=scheduler')).status).toBe(200);
    expect(asked.mock.lastCall![1]).toEqual({ filter: { types: ['KeyRevoked'], actor: 'scheduler' } });
    expect((await get('?from=2126-01-01T00:00:00Z')).status).toBe(200);
    asked.mockRestore();
  });

  it.each([
    ['limit', '?limit=0'],
    ['limit', '?limit=101'],
    ['cursor', '?cursor=nonsense'],
    ['cursor', '?cursor=listServers-1'],
    ['order', '?order=up'],
    ['after', '?after=-1'],
    ['after', '?after=12345678901234567'],
    ['after', '?after=1&after=2'],
    ['type', '?type=KeyTeleported'],
    ['type', '?type=KeyRevoked&type='],
    ['type', '?type=KeyRevoked&type=KeyRevoked'],
    ['type', '?type=__proto__'],
    ['actor', '?actor='],
    ['actor', '?actor=ada%40example.com'],
    ['subject', '?subject=ses_1'],
    ['subject', '?subject=key'],
    ['from', '?from=2026-05-03T12:00:00'],
    ['from', '?from=2026-05-03'],
    ['from', '?from=2026-02-30T12:00:00Z'],
    ['from', '?from=2026-05-03T12:00:00%2B5:45'],
    ['from', '?from=2026-05-03T12:00:00+02:00'],
    ['to', '?to=yesterday'],
    ['to', '?from=2026-05-03T12:00:00Z&to=2026-05-03T11:59:59Z'],
    ['page', '?page=2'],
  ])('400: %s in %s', async (field, query) => {
    const answer = await get(query);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
  });

  it('403: without audit:read, which it names; 200 with it', async () => {
    for (const [role, status] of [
      ['viewer', 403],
      ['developer', 403],
      ['admin', 200],
    ] as const) {
      const { token } = await harness.loginAs(role);
      for (const credential of [token, harness.key(role)]) {
        const answer = await get('', credential);
        expect(answer.status).toBe(status);
        if (status === 403) expect(answer.problem.permission).toBe('audit:read');
      }
    }
  });

  it('403: a key that is limited to some agents or servers', async () => {
    const token = harness.key('admin', harness.organizationId, { scope: { servers: [newId('server')] } });
    expectProblem(await get('', token), 403, 'forbidden');
    expectProblem(
      await harness.call('GET', `${harness.keysPath}/${keyId}/events`, { token }),
      403,
      'forbidden',
    );
  });

  it('404: an organization of others is answered as one that does not exist', async () => {
    const foreign = newId('organization');
    harness.models.addOrganization(foreign, 'Others', { [newId('user')]: 'owner' });
    const answers = await Promise.all(
      [foreign, newId('organization')].map((id) =>
        harness.call('GET', `/api/v1/organizations/${id}/events`, { token: owner }),
      ),
    );
    for (const answer of answers) expectProblem(answer, 404, 'not-found');
    expect(answers[0]!.problem.detail).toBe(answers[1]!.problem.detail);
  });

  it('200, G6: waits for the position that it is given; 503 when that is not reached, or nothing is proven', async () => {
    expect((await get('', owner, ['Mcpstack-Position', '100'])).status).toBe(200);
    expect(harness.models.waits.at(-1)).toBe('100');
    expectProblem(await get('', owner, ['Mcpstack-Position', '101']), 503, 'unavailable');
    for (const condition of ['away', 'untrusted'] as const) {
      harness.models.condition = condition;
      expectProblem(await get('', harness.key('admin')), 503, 'unavailable');
    }
  });
});

describe('GET /organizations/{orgId}/api-keys/{keyId}/events', () => {
  const ofKey = (id: string, query = ''): Promise<Answer> =>
    harness.call('GET', `${harness.keysPath}/${id}/events${query}`, { token: owner });

  it('200: the history of the key alone', async () => {
    expect(positions(await ofKey(keyId))).toEqual(['7', '6', '5', '4', '3', '2']);
    const answer = await ofKey(keyId, '?limit=2');
    expect(positions(answer)).toEqual(['7', '6']);
    expect(answer.body['nextCursor']).toEqual(expect.any(String));
  });

  it('404: an unknown key, a foreign one, and what is no id, alike', async () => {
    const foreign = harness.ownKey(9, newId('organization'));
    harness.models.addKey(foreign);
    for (const id of [newId('key'), foreign.id, 'srv_1', 'key_%00'])
      expectProblem(await ofKey(id), 404, 'not-found');
  });

  it.each([
    ['type', '?type=KeyRevoked'],
    ['order', '?order=1'],
    ['cursor', '?cursor=x'],
  ])('400: %s in %s', async (field, query) => {
    const answer = await ofKey(keyId, query);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
  });
});

it('docs/audit-events.md says what each type tells', () => {
  const text = readFileSync(new URL('../../../../docs/audit-events.md', import.meta.url), 'utf8');
  const table = text.slice(text.indexOf('## What each type tells'));
  const named = [...table.matchAll(/^\| ([A-Z][A-Za-z, ]+?) +\|/gm)].flatMap(([, types]) =>
    types!.split(', '),
  );
  expect(named.sort()).toEqual([...AUDIT_EVENT_TYPES].sort());
});
