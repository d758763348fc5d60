import { newId, type Webhook } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/local-servers';
import { connect } from '@nats-io/transport-node';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { webhook as webhookOf } from '../../test/stand-in-webhooks.ts';
import { WebhookAsks } from './webhook-asks.ts';

let harness: Harness;
let session: string;
let webhook: Webhook;
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
  const maker = { type: 'user', id: harness.userId } as const;
  webhook = webhookOf(harness.organizationId, newId('webhook'), maker, { name: 'siem' });
  harness.models.addWebhook(webhook);
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.webhooks.replies = {};
  harness.webhooks.asked.length = 0;
});

const call = (method: string, path = '', json?: unknown, token = session): Promise<Answer> =>
  harness.call(method, `${harness.organizationPath}/webhooks${path}`, { token, json });
const sent = () => harness.issuance.commands.at(-1)!;
const SHOWN = () => ({
  ...{ id: webhook.id, organizationId: harness.organizationId, name: 'siem', url: webhook.url },
  ...{ eventTypes: ['*'], state: 'active', secrets: [{ version: 1, createdAt: webhook.createdAt }] },
  ...{ createdAt: webhook.createdAt, createdBy: webhook.createdBy, revision: '7' },
});

describe('POST …/webhooks', () => {
  it('201: the webhook, with its secret, once it was looked at where it leads', async () => {
    const body = { name: 'siem', url: 'https://siem.example.com/in', eventTypes: ['KeyRevoked'] };
    const answer = await call('POST', '', body);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ ...body, secret: expect.stringMatching(/^whsec_/) as string });
    const id = answer.body['id'] as string;
    expect(answer.headers['location']).toBe(`${harness.organizationPath}/webhooks/${id}`);
    expect(harness.webhooks.asked).toEqual([{ name: 'checkUrl', request: { url: body.url } }]);
    expect(sent()).toMatchObject({ name: 'createWebhook' });
    expect(sent().envelope.input).toEqual({ organizationId: harness.organizationId, ...body });
  });

  it('400: a URL that nothing is sent to, in words; nothing is made', async () => {
    harness.webhooks.replies = { checkUrl: { problem: 'must lead to public addresses alone' } };
    const commands = await harness.commandsDuring(async () => {
      const answer = await call('POST', '', { url: 'https://inside.example.com/' });
      expectProblem(answer, 400, 'validation-failed');
      expect(answer.problem.errors).toEqual([
        { field: 'url', message: 'must lead to public addresses alone' },
      ]);
    });
    expect(commands).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['no url', {}, 'url'],
    ['a url that is none', { url: 7 }, 'url'],
    ['no type', { url: 'https://a.example', eventTypes: [] }, 'eventTypes'],
    ['a type that is none', { url: 'https://a.example', eventTypes: ['KeyUsed'] }, 'eventTypes'],
    ['an empty name', { url: 'https://a.example', name: '' }, 'name'],
    ['a secret of its own', { url: 'https://a.example', secret: 'whsec_x' }, 'secret'],
  ])('400: %s', async (_what, body, field) => {
    const answer = await call('POST', '', body);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.map((one) => one.field)).toEqual([field]);
  });

  it('403: webhooks:write is the permission, and a scoped key has it for nothing', async () => {
    const answer = await call('POST', '', { url: 'https://a.example' }, harness.key('developer'));
    expectProblem(answer, 403, 'forbidden');
    expect(answer.problem.permission).toBe('webhooks:write');
    const scope = { servers: [newId('server')] };
    const scoped = harness.key('owner', harness.organizationId, { scope });
    for (const method of ['GET', 'POST'])
      expectProblem(await call(method, '', undefined, scoped), 403, 'forbidden');
  });

  it('409: there are fifty already; the retry of one of them is not one more', async () => {
    const organizationId = newId('organization');
    harness.models.addOrganization(organizationId, 'Full', { [harness.userId]: 'owner' });
    const path = `/api/v1/organizations/${organizationId}/webhooks`;
    const headers = ['Idempotency-Key', 'a-key-of-this-spec'];
    const json = { url: 'https://a.example.com' };
    const made = await harness.call('POST', path, { token: session, json, headers });
    const ids = [made.body['id'] as string, ...Array.from({ length: 49 }, () => newId('webhook'))];
    for (const id of ids) harness.models.addWebhook({ ...webhook, id, organizationId });
    expectProblem(await harness.call('POST', path, { token: session, json }), 409, 'conflict');
    expect((await harness.call('POST', path, { token: session, json, headers })).status).toBe(201);
  });

  it('409: of several that are made at once those beyond fifty are taken back, and show no secret', async () => {
    const organizationId = newId('organization');
    harness.models.addOrganization(organizationId, 'Racing', { [harness.userId]: 'owner' });
    const path = `/api/v1/organizations/${organizationId}/webhooks`;
    const older = Array.from({ length: 49 }, () => ({ ...webhook, id: newId('webhook'), organizationId }));
    // None of the three sees another before it is made; afterwards each sees all of them, newest first.
    const made: string[] = [];
    const answerOf = harness.issuance.answer.bind(harness.issuance);
    harness.issuance.override = async (name, envelope) => {
      const answer = answerOf(name, envelope);
      if (name !== 'createWebhook') return answer;
      made.unshift((answer as { webhook: Webhook }).webhook.id);
      await waitFor(() => made.length === 3);
      if (older.length > 0) {
        for (const id of made) harness.models.addWebhook({ ...webhook, id, organizationId });
        for (const one of older.splice(0)) harness.models.addWebhook(one);
      }
      return answer;
    };
    const json = { url: 'https://a.example.com' };
    const commands = await harness.commandsDuring(async () => {
      const answers = await Promise.all(
        [1, 2, 3].map(() => harness.call('POST', path, { token: session, json })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
      expect(answers.find(({ status }) => status === 201)!.body['id']).toBe(made[2]);
      for (const refused of answers.filter(({ status }) => status === 409)) {
        expectProblem(refused, 409, 'conflict');
        expect(refused.text).not.toContain('whsec_');
      }
    });
    harness.issuance.override = undefined;
    const removed = commands.filter(({ name }) => name === 'removeWebhook');
    expect(removed.map(({ envelope }) => (envelope.input as { webhookId: string }).webhookId).sort()).toEqual(
      made.slice(0, 2).sort(),
    );
  });

  it('409: the retry of one that was removed since', async () => {
    harness.issuance.override = () => ({ webhook: { ...webhook, state: 'removed' }, position: '44' });
    const answer = await call('POST', '', { url: 'https://a.example.com' });
    harness.issuance.override = undefined;
    expectProblem(answer, 409, 'conflict');
  });

  it('503: the webhooks service does not answer', async () => {
    const nats = await connect({ servers: harness.nats.url });
    harness.webhooks.replies = { checkUrl: 'silent' };
    const problem = new WebhookAsks(nats, 200).refuseBadUrl('https://a.example');
    await expect(problem).rejects.toMatchObject({ code: 'unavailable' });
    await nats.close();
  });
});

describe('GET, PATCH, DELETE', () => {
  it('200: one and all; whoever may not, 403', async () => {
    const one = await call('GET', `/${webhook.id}`);
    expect([one.status, one.body, one.headers['etag']]).toEqual([200, SHOWN(), '"7"']);
    expect((await call('GET')).body).toEqual({ data: [SHOWN()] });
    for (const path of ['', `/${webhook.id}`])
      expectProblem(await call('GET', path, undefined, harness.key('developer')), 403, 'forbidden');
  });

  it('200: what changes; a URL is looked at again', async () => {
    const answer = await call('PATCH', `/${webhook.id}`, { eventTypes: ['*'] });
    expect([answer.status, answer.body['eventTypes']]).toEqual([200, ['*']]);
    expect(harness.webhooks.asked).toEqual([]);
    await call('PATCH', `/${webhook.id}`, { url: 'https://b.example.com' });
    expect(harness.webhooks.asked.map(({ name }) => name)).toEqual(['checkUrl']);
    expectProblem(await call('PATCH', `/${webhook.id}`, {}), 400, 'validation-failed');
  });

  it('204: gone', async () => {
    expect((await call('DELETE', `/${webhook.id}`)).status).toBe(204);
    expect(sent().name).toBe('removeWebhook');
  });

  it('404: what is spelled otherwise, unknown or foreign', async () => {
    for (const id of ['x', newId('webhook'), newId('key')])
      expectProblem(await call('GET', `/${id}`), 404, 'not-found');
  });
});

describe('its life', () => {
  it('201: a new secret; for a day, or as it says', async () => {
    const answer = await call('POST', `/${webhook.id}/rotate-secret`);
    expect([answer.status, answer.body['secret']]).toEqual([201, expect.stringMatching(/^whsec_/)]);
    expect(sent().envelope.input).toMatchObject({ previous: { validForMs: 86_400_000 } });
    await call('POST', `/${webhook.id}/rotate-secret`, { previous: { validForSeconds: 0 } });
    expect(sent().envelope.input).toMatchObject({ previous: { validForMs: 0 } });
    for (const validForSeconds of [-1, 604_801, 1.5, '7'])
      expectProblem(
        await call('POST', `/${webhook.id}/rotate-secret`, { previous: { validForSeconds } }),
        400,
        'validation-failed',
      );
  });

  it('200: disabled and enabled', async () => {
    const disabled = await call('POST', `/${webhook.id}/disable`);
    expect(disabled.body).toMatchObject({ state: 'disabled', disabledReason: 'requested' });
    expect((await call('POST', `/${webhook.id}/enable`)).body).not.toHaveProperty('disabledAt');
  });

  it('200: a test says what came back, and nothing that is not in its answer', async () => {
    const attempt = {
      ...{ at: webhook.createdAt, messageId: 'm-1', type: 'Ping', attempt: 1, ok: false, status: 500 },
      ...{ reason: 'the answer is 500, not 2xx', durationMs: 12 },
    };
    harness.webhooks.replies = { test: { attempt: { ...attempt, body: 'what the receiver said' } } };
    const answer = await call('POST', `/${webhook.id}/test`);
    expect([answer.status, answer.body]).toEqual([200, attempt]);
    expect(harness.webhooks.asked[0]!.request).toMatchObject({ webhookId: webhook.id });
  });

  it('200: told again from a position or a time, one of the two', async () => {
    harness.webhooks.replies = { replay: { progress: { position: '41', waiting: 0 } } };
    const replay = (body: object) => call('POST', `/${webhook.id}/replay`, body);
    expect((await replay({ position: '41' })).body).toEqual({ position: '41', waiting: 0 });
    await replay({ time: '2026-05-03T12:00:00+02:00' });
    expect(harness.webhooks.asked.map(({ request }) => request['from'])).toEqual([
      { position: '41' },
      { time: '2026-05-03T10:00:00.000Z' },
    ]);
    for (const body of [
      {},
      { position: '1', time: '2026-05-03T12:00:00Z' },
      { position: '-1' },
      { time: 'noon' },
    ])
      expectProblem(await replay(body), 400, 'validation-failed');
  });

  it.each([
    ['not-found', 404, 'not-found'],
    ['not-active', 409, 'conflict'],
    ['bad-position', 400, 'validation-failed'],
    ['busy', 429, 'too-many-requests'],
    ['unavailable', 503, 'unavailable'],
  ] as const)('%s is %i', async (problem, status, code) => {
    harness.webhooks.replies = { replay: { problem } };
    expectProblem(await call('POST', `/${webhook.id}/replay`, { position: '1' }), status, code);
  });

  it('403: a replay takes audit:read as well, as enabling does', async () => {
    const replay = (token: string) => call('POST', `/${webhook.id}/replay`, { position: '1' }, token);
    harness.webhooks.replies = { replay: { progress: { position: '1', waiting: 0 } } };
    harness.authorizer.override = {
      ...{ valid: true, code: 'VALID', freshForMs: 200, kind: 'service', role: 'admin' },
      ...{ keyId: newId('key'), orgId: harness.organizationId, permissions: ['webhooks:write'] },
    };
    const answer = await replay(harness.key('admin'));
    harness.authorizer.override = undefined;
    expectProblem(answer, 403, 'forbidden');
    expect(answer.problem.permission).toBe('audit:read');
    expect(harness.webhooks.asked).toEqual([]);
    // Control: the same key with all that its role has.
    expect((await replay(harness.key('admin'))).status).toBe(200);
  });

  it('200: how far it is, and the latest attempts', async () => {
    const progress = {
      ...{ position: '41', waiting: 3, failingSince: webhook.createdAt, nextAttemptAt: webhook.createdAt },
      gap: { after: '1', before: '9', at: webhook.createdAt },
      replayed: { after: '1', at: webhook.createdAt, requestId: 'r-1' },
    };
    const attempt = {
      ...{ at: webhook.createdAt, messageId: 'm-1', type: 'KeyRevoked', position: '42' },
      ...{ subject: { kind: 'key', id: 'key_1' }, attempt: 2, ok: true, status: 204, durationMs: 5 },
    };
    harness.webhooks.replies = { deliveries: { progress, attempts: [attempt] } };
    expect((await call('GET', `/${webhook.id}/deliveries`)).body).toEqual({ progress, data: [attempt] });
  });
});
