/** Commands on webhooks: accepted, refused, repeated; the secret shown once (G1, G2), to nobody who may not (G8). */
import { randomUUID } from 'node:crypto';
import { newId, type Actor, type CreateWebhookInput, type CreateWebhookOutput } from '@mcpstack/contracts';
import { Log, readWebhookKeys, type WebhookKeys } from '@mcpstack/service-kit';
import { Confirmation } from '../src/confirmation.ts';
import { Decisions } from '../src/decisions.ts';
import { readSettings } from '../src/issuance.module.ts';
import { KeptReplies } from '../src/kept-replies.ts';
import type { CreateWebhookCommand } from '../src/webhook/commands.ts';
import { CreateWebhookHandler } from '../src/webhook/handlers.ts';
import { WebhookSecrets } from '../src/webhook/webhook-secrets.ts';
import {
  expectForbidden,
  expectHidden,
  expectRepeatable,
  keyActor,
  person,
  systemActor,
  wrongFields,
} from './checks.ts';
import { Harness, problemOf, sha256, strongKey } from './harness.ts';
import { OneLook, storeWith } from './parts.ts';

const URL_ = 'https://siem.example.com/in?token=s3cr3t';

let harness: Harness;
let organizationId: string;
let admin: Actor;
let developer: Actor;
beforeAll(async () => {
  harness = await Harness.start();
  organizationId = harness.organizationId;
  [admin, developer] = [await harness.addMember('admin'), await harness.addMember('developer')];
});
afterAll(() => harness.stop());

const ourKeys = () => ({ keys: readWebhookKeys(harness.webhookKeyFile) });
const codeOf = async (sent: Promise<unknown>) => (await problemOf(sent)).code;
const typesOf = async (id: string) => (await harness.events(`webhook-${id}`)).map(({ type }) => type);
const create = (
  input: Partial<CreateWebhookInput> = {},
  changes: object = {},
): Promise<CreateWebhookOutput> =>
  harness.send('createWebhook', { organizationId, url: URL_, ...input }, changes);
const idOf = async (made: Promise<CreateWebhookOutput>) => (await made).webhook.id;
const rotate = (webhookId: string, changes: object = {}) =>
  harness.send(
    'rotateWebhookSecret',
    { organizationId, webhookId, previous: { validForMs: 60_000 } },
    changes,
  );

describe('createWebhook', () => {
  it('accepted and repeated: one event, the secret of the master key, shown to the retry that proves to be one', async () => {
    const input = { organizationId, name: 'siem', url: URL_, eventTypes: ['KeyRevoked', 'KeyExpiring'] };
    const { webhook, secret } = await expectRepeatable(harness, 'createWebhook', input, { actor: admin });
    expect(webhook).toEqual({
      ...input,
      id: expect.stringMatching(/^whk_[0-9A-Za-z]{22}$/) as string,
      eventTypes: ['KeyExpiring', 'KeyRevoked'],
      state: 'active',
      secrets: [{ version: 1, createdAt: expect.any(String) as string }],
      createdAt: expect.any(String) as string,
      createdBy: admin,
      revision: '0',
    });
    const keys = readWebhookKeys(harness.webhookKeyFile);
    expect(secret).toBe(keys.secret({ webhookId: webhook.id, version: 1, keyVersion: 1 }));
    expect(await typesOf(webhook.id)).toEqual(['WebhookCreated']);
  });

  it('repeated: without a strong Idempotency-Key, and for another actor, it was shown once', async () => {
    const commandId = randomUUID();
    const requestDigest = sha256('one');
    const first = await create({}, { commandId, requestDigest });
    expect(first.secret).toMatch(/^whsec_/);
    const again = await create({}, { commandId, requestDigest });
    expect([again.secret, again.secretAlreadyShown]).toEqual([undefined, true]);
    const strong = { commandId: randomUUID(), requestDigest, idempotencyKey: strongKey() };
    const { secret } = await create({}, strong);
    expect((await create({}, strong)).secret).toBe(secret);
    const other = await create({}, { ...strong, idempotencyKey: strongKey() });
    expect([other.secret, other.secretAlreadyShown]).toEqual([undefined, true]);
  });

  it('G1: no event and no log line holds a secret; control: the same search finds what is stored', async () => {
    const { webhook, secret } = await create({ name: 'planted-name' }, { idempotencyKey: strongKey() });
    const rotated = await rotate(webhook.id, { idempotencyKey: strongKey() });
    const events = await harness.events(`webhook-${webhook.id}`);
    const all = JSON.stringify(events.map(({ data, metadata }) => [data, metadata])) + harness.logged;
    for (const one of [secret!, rotated.secret!]) expect(all).not.toContain(one.slice('whsec_'.length));
    expect([all.includes('planted-name'), harness.logged.includes('createWebhook')]).toEqual([true, true]);
  });

  it('refused: without the permission, by a narrowed or scoped key, foreign, unknown', async () => {
    await expectForbidden(create({}, { actor: developer }), 'webhooks:write');
    const key = async (input: object) => {
      const made = await harness.createKey({}, { role: 'admin', ...input });
      return { actor: keyActor(made.key.id) };
    };
    // Whoever may not read the audit must not have it sent to them.
    await expectForbidden(create({}, await key({ permissions: ['webhooks:write'] })), 'audit:read');
    await expectForbidden(create({}, await key({ scope: { servers: [await harness.addServer()] } })));
    expect((await create({}, await key({}))).secret).toMatch(/^whsec_/);
    await expectHidden(
      create({}, { actor: person() }),
      create({}, { actor: systemActor }),
      create({ organizationId: newId('organization') }),
    );
  });

  it.each<[string, string, object]>([
    ['plain http', 'url', { url: 'http://siem.example.com' }],
    ['an address', 'url', { url: 'https://169.254.169.254/' }],
    ['a decimal address', 'url', { url: 'https://2130706433/' }],
    ['a name of this machine', 'url', { url: 'https://localhost/' }],
    ['credentials', 'url', { url: 'https://a:b@example.com' }],
    ['a type that is none', 'eventTypes.1', { eventTypes: ['KeyRevoked', 'KeyUsed'] }],
    ['no type', 'eventTypes', { eventTypes: [] }],
    ['a type twice', 'eventTypes', { eventTypes: ['KeyRevoked', 'KeyRevoked'] }],
    ['null', 'url', { url: null }],
    ['another field', 'secret', { secret: 'whsec_x' }],
  ])('refused: %s', async (_what, field, change) => {
    const head = await harness.head();
    expect(await wrongFields(create(change))).toEqual([field]);
    expect(await harness.head()).toBe(head);
  });

  it.each([true, false])('G8: who loses the rights before the append gets no secret (%j)', async (isOn) => {
    const actor = await harness.addMember('admin');
    let webhookId = '';
    const store = storeWith(harness.store, async (log, stream, ...rest) => {
      if (webhookId === '')
        await harness.send('changeMemberRole', { organizationId, userId: actor.id, role: 'viewer' });
      webhookId = stream.slice('webhook-'.length);
      return log.append(stream, ...rest);
    });
    const { handler } = partsWith(isOn ? new Decisions(store) : new OneLook(store));
    const command = harness.envelope({ organizationId, url: URL_ }, { actor });
    const made = handler.execute(command as unknown as CreateWebhookCommand);
    if (isOn) {
      await expectForbidden(made, 'webhooks:write');
      expect(await typesOf(webhookId)).toEqual(['WebhookCreated', 'WebhookRemoved']);
    } else {
      // Control: without the second look the secret is shown.
      expect((await made).secret).toMatch(/^whsec_/);
    }
  });

  it('without a master key nothing is made, and whoever may change that is told', async () => {
    const { handler } = partsWith(new Decisions(harness.store), {});
    const command = harness.envelope({ organizationId, url: URL_ }) as unknown as CreateWebhookCommand;
    const problem = await problemOf(handler.execute(command));
    expect([problem.code, problem.message]).toEqual([
      'unavailable',
      expect.stringContaining('set WEBHOOK_KEY_FILE') as string,
    ]);
  });

  it('WEBHOOK_ALLOW_PRIVATE is refused in production', () => {
    const env = { ...harness.env, WEBHOOK_ALLOW_PRIVATE: 'true', NODE_ENV: 'production' };
    expect(() => readSettings(env)).toThrow(/WEBHOOK_ALLOW_PRIVATE is for tests and local use/);
  });
});

describe('updateWebhook', () => {
  it('accepted and repeated: an event for each thing that changes', async () => {
    const webhookId = await idOf(create());
    const input = { organizationId, webhookId, name: 'new', url: 'https://two.example.com', ifRevision: '0' };
    const { webhook } = await expectRepeatable(harness, 'updateWebhook', input, { actor: admin });
    expect(webhook).toMatchObject({ name: 'new', url: 'https://two.example.com', revision: '2' });
    const types = { organizationId, webhookId, eventTypes: ['KeyRevoked'] };
    expect((await harness.send('updateWebhook', types)).webhook.eventTypes).toEqual(['KeyRevoked']);
    const all = await harness.send('updateWebhook', { ...types, eventTypes: ['*'] });
    expect(all.webhook).not.toHaveProperty('eventTypes');
    const stale = harness.send('updateWebhook', { ...input, name: 'newer' });
    expect(await codeOf(stale)).toBe('precondition-failed');
  });
});

describe('rotateWebhookSecret', () => {
  it('accepted and repeated: a new secret, the one before for so long', async () => {
    const webhookId = await idOf(create());
    const before = Date.now();
    const input = { organizationId, webhookId, previous: { validForMs: 60_000 } };
    const { webhook, secret } = await expectRepeatable(harness, 'rotateWebhookSecret', input);
    const keys = readWebhookKeys(harness.webhookKeyFile);
    expect(secret).toBe(keys.secret({ webhookId, version: 2, keyVersion: 1 }));
    expect(webhook.secrets.map(({ version }) => version)).toEqual([1, 2]);
    expect(Date.parse(webhook.secrets[0]!.validUntil!)).toBeGreaterThanOrEqual(before + 60_000);
    expect((await rotate(webhookId)).webhook.secrets.map(({ version }) => version)).toEqual([2, 3]);
    for (const validForMs of [-1, 8 * 86_400_000, 1.5, null])
      expect(
        await wrongFields(
          harness.send('rotateWebhookSecret', { ...input, previous: { validForMs: validForMs as number } }),
        ),
      ).toEqual(['previous.validForMs']);
  });
});

describe('disableWebhook, enableWebhook, removeWebhook', () => {
  it('accepted and repeated: one event each', async () => {
    const webhookId = await idOf(create());
    const input = { organizationId, webhookId };
    const disabled = await expectRepeatable(harness, 'disableWebhook', { ...input, reason: 'requested' });
    expect(disabled.webhook).toMatchObject({ state: 'disabled', disabledReason: 'requested' });
    const enabled = await expectRepeatable(harness, 'enableWebhook', input);
    expect(enabled.webhook).not.toHaveProperty('disabledAt');
    await expectRepeatable(harness, 'removeWebhook', input);
    await harness.send('removeWebhook', input);
    expect(await typesOf(webhookId)).toEqual([
      'WebhookCreated',
      'WebhookDisabled',
      'WebhookEnabled',
      'WebhookRemoved',
    ]);
    expect(await codeOf(harness.send('enableWebhook', input))).toBe('conflict');
  });

  it('for failing by the system alone, which says since when', async () => {
    const input = { organizationId, webhookId: await idOf(create()), reason: 'failing' as const };
    await expectForbidden(harness.send('disableWebhook', input));
    const since = new Date(0).toISOString();
    const { webhook } = await harness.send('disableWebhook', { ...input, since }, { actor: systemActor });
    expect(webhook).toMatchObject({ disabledReason: 'failing', failingSince: since });
  });

  it('refused: without the permission, foreign, unknown', async () => {
    const webhookId = await idOf(create());
    for (const name of [
      'updateWebhook',
      'rotateWebhookSecret',
      'disableWebhook',
      'enableWebhook',
      'removeWebhook',
    ] as const) {
      const more = {
        ...(name === 'rotateWebhookSecret' && { previous: { validForMs: 0 } }),
        ...(name === 'disableWebhook' && { reason: 'requested' }),
      };
      const send = (input: object, changes: object = {}) =>
        harness.send(name, { organizationId, webhookId, ...more, ...input }, changes);
      await expectForbidden(send({}, { actor: developer }), 'webhooks:write');
      await expectHidden(
        send({}, { actor: person() }),
        send({ webhookId: newId('webhook') }),
        send({ organizationId: newId('organization') }),
      );
    }
    expect(await typesOf(webhookId)).toEqual(['WebhookCreated']);
  });
});

/** The handler on its own, so that the log under it can be another. */
function partsWith(decisions: Decisions, { keys }: { keys?: WebhookKeys } = ourKeys()) {
  const log = new Log('spec', 'silent');
  const confirmation = new Confirmation(harness.nats, { deltaMs: 1, finalTimeoutMs: 2_000 }, log);
  const secrets = new WebhookSecrets(new KeptReplies(harness.nats), { keys, local: false });
  return { handler: new CreateWebhookHandler(decisions, confirmation, secrets) };
}
