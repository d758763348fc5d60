/** What a webhook is told, when it is let alone, and what may be asked about it: on real NATS, Redis and log. */
import {
  BUCKETS,
  newId,
  type ReplayWebhookReply,
  type TestWebhookReply,
  type WebhookDeliveriesReply,
} from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/local-servers';
import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { World, type MadeWebhook } from './world.ts';

let world: World;
beforeAll(async () => (world = await World.start()));
afterAll(() => world.stop());
afterEach(() => world.stopServices());

const of = ({ id: webhookId, organizationId }: MadeWebhook) => ({ webhookId, organizationId });
const deliveries = (webhook: MadeWebhook) => world.ask<WebhookDeliveriesReply>('deliveries', of(webhook));
/** Starts it; returns once it is active and believes the read models. */
const startActive = async (env: Record<string, string> = {}) => {
  world.logged = '';
  await world.startService(env);
  const said = ['"msg":"active"', '"msg":"the read models are trusted"'];
  await waitFor(() => said.every((text) => world.logged.includes(text)));
};
/** Returns once it delivers to the webhook. */
const isKnown = (webhook: MadeWebhook) =>
  waitFor(async () => (await deliveries(webhook)).progress !== undefined);

describe('a webhook', () => {
  it('is told of what comes after its making, and of the types that it wants', async () => {
    await startActive();
    const [before] = await world.addEvents(1, 1);
    const all = await world.addWebhook();
    const some = await world.addWebhook({ eventTypes: ['ServerRenamed', 'KeyExpiring'] });
    const written = await world.addEvents(1, 2);
    await waitFor(() => all.receiver.firsts().length >= 3);
    await waitFor(() => some.receiver.firsts().length === 1);
    expect(all.receiver.firsts()).not.toContain(before!.id);
    expect(all.receiver.taken.map(({ type }) => type)).toEqual([
      'WebhookCreated',
      'ServerCreated',
      'ServerRenamed',
    ]);
    expect(some.receiver.firsts()).toEqual([written[1]!.id]);
    // Of another webhook the origin alone: the rest of its address may be a secret between two.
    expect(all.receiver.taken[0]!.event.data).toEqual({
      origin: new URL(some.receiver.url).origin,
      eventTypes: ['ServerRenamed', 'KeyExpiring'],
    });
    expect([all.receiver.forged, some.receiver.forged]).toEqual([0, 0]);
  });

  it('KeyExpiring is told, whoever records it', async () => {
    const { receiver } = await world.addWebhook({ eventTypes: ['KeyExpiring'] });
    await startActive();
    const keyId = newId('key');
    const { organizationId } = world;
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const credential = { digest: 'a'.repeat(64), pepperVersion: 1 };
    const made = {
      keyId,
      organizationId,
      kind: 'service',
      name: 'CI',
      role: 'viewer',
      credential,
      expiresAt,
    };
    await world.write('key', keyId, 'KeyCreated', made);
    await world.write('key', keyId, 'KeyExpiring', { expiresAt, daysBefore: 1 });
    const told = await waitFor(() => receiver.taken[0]);
    expect(told.event).toMatchObject({
      type: 'KeyExpiring',
      subject: { kind: 'key', id: keyId },
      data: { expiresAt, daysBefore: 1 },
    });
    expect(JSON.stringify(told.event)).not.toContain('aaaa');
  });

  it('that is slow delays no other', async () => {
    const [slow, quick] = [await world.addWebhook(), await world.addWebhook()];
    slow.receiver.behave = () => 'hang';
    await startActive({ WEBHOOK_TIMEOUT_MS: '30000' });
    const began = Date.now();
    const written = await world.addEvents(5, 4);
    await waitFor(() => written.every(({ id }) => quick.receiver.firsts().includes(id)), {
      timeoutMs: 25_000,
    });
    expect(Date.now() - began).toBeLessThan(25_000);
    expect(slow.receiver.taken).toEqual([]);
    await slow.receiver.stop();
  });

  it('is signed for with both secrets during a rotation', async () => {
    const webhook = await world.addWebhook();
    await startActive();
    const data = {
      version: 2,
      keyVersion: 1,
      previousValidUntil: new Date(Date.now() + 60_000).toISOString(),
    };
    await world.write('webhook', webhook.id, 'WebhookSecretRotated', data);
    for (const version of [1, 2]) {
      webhook.receiver.secrets = [world.secret(webhook.id, version)];
      const before = webhook.receiver.taken.length;
      await world.addEvents(1, 1);
      await waitFor(() => webhook.receiver.taken.slice(before).some(({ type }) => type === 'ServerCreated'));
      expect([webhook.receiver.forged, webhook.receiver.taken.at(-1)!.signatures]).toEqual([0, 2]);
    }
    // Control: a secret that is neither.
    webhook.receiver.secrets = [world.secret(webhook.id, 3)];
    await world.addEvents(1, 1);
    await waitFor(() => webhook.receiver.forged > 0);
  });
});

describe('a receiver that fails', () => {
  it('for long: the webhook is disabled and let alone; enabled again it goes on where it was', async () => {
    const webhook = await world.addWebhook({ eventTypes: ['ServerCreated', 'ServerRenamed'] });
    webhook.receiver.behave = () => 500;
    await startActive({ WEBHOOK_DISABLE_AFTER_MS: '300' });
    const began = Date.now();
    const written = await world.addEvents(2, 2);
    const asked = await waitFor(() => world.disabled.find(({ webhookId }) => webhookId === webhook.id));
    expect(asked.reason).toBe('failing');
    expect(Date.parse(asked.since!)).toBeGreaterThanOrEqual(began);
    await waitFor(async () => (await deliveries(webhook)).progress?.waiting === 0);
    const { requests } = webhook.receiver;
    const { progress, attempts } = await deliveries(webhook);
    expect(progress).toMatchObject({ failingSince: asked.since });
    expect(attempts![0]).toMatchObject({ ok: false, status: 500, reason: 'the answer is 500, not 2xx' });
    webhook.receiver.behave = () => 204;
    // A test is sent also to one that is disabled.
    const test = await world.ask<TestWebhookReply>('test', of(webhook));
    expect([test.attempt?.ok, webhook.receiver.requests]).toEqual([true, requests + 1]);
    await world.write('webhook', webhook.id, 'WebhookEnabled', {});
    await waitFor(() => written.every(({ id }) => webhook.receiver.firsts().includes(id)));
    expect((await deliveries(webhook)).progress).not.toHaveProperty('failingSince');
  });

  it('with 410: the webhook is disabled at once, as gone', async () => {
    const webhook = await world.addWebhook();
    webhook.receiver.behave = () => 410;
    await startActive();
    await world.addEvents(1, 1);
    await waitFor(() =>
      world.disabled.some(({ webhookId, reason }) => webhookId === webhook.id && reason === 'gone'),
    );
  });

  it('that is busy is let alone for as long as it asks', async () => {
    const webhook = await world.addWebhook();
    webhook.receiver.behave = () => ({ status: 429, headers: { 'retry-after': '1' } });
    await startActive();
    await world.addEvents(3, 1);
    await waitFor(() => webhook.receiver.requests > 0);
    const nextAttemptAt = await waitFor(async () => (await deliveries(webhook)).progress?.nextAttemptAt);
    expect(Date.parse(nextAttemptAt)).toBeGreaterThan(Date.now() + 400);
    webhook.receiver.behave = () => 204;
    await waitFor(() => webhook.receiver.firsts().length >= 3);
    expect(webhook.receiver.taken[0]!.atMs).toBeGreaterThanOrEqual(Date.parse(nextAttemptAt) - 50);
  });
});

describe('what may be asked', () => {
  it('replay: from a position and from a time, again in order; deliveries tell of it', async () => {
    const webhook = await world.addWebhook({ eventTypes: ['ServerCreated', 'ServerRenamed'] });
    await startActive();
    const written = await world.addEvents(2, 3);
    const { receiver } = webhook;
    await waitFor(() => receiver.taken.length === written.length);
    const third = receiver.taken.find(({ id }) => id === written[2]!.id)!.event;
    const replay = (from: object) => world.ask<ReplayWebhookReply>('replay', { ...of(webhook), from });
    const fromThird = { position: `${BigInt(third.position) - 1n}` };
    expect((await replay(fromThird)).progress?.position).toBe(fromThird.position);
    await waitFor(() => receiver.taken.length === written.length + 4);
    expect((await replay({ time: third.at })).problem).toBeUndefined();
    await waitFor(() => receiver.taken.length >= written.length + 8);
    const { progress, attempts } = await deliveries(webhook);
    expect([progress!.waiting, attempts!.length]).toEqual([0, receiver.taken.length]);
    expect(attempts![0]).toEqual({
      at: expect.any(String) as string,
      messageId: expect.any(String) as string,
      type: expect.stringMatching(/^Server/) as string,
      subject: { kind: 'server', id: expect.stringMatching(/^srv_/) as string },
      position: expect.stringMatching(/^\d+$/) as string,
      attempt: 1,
      ok: true,
      status: 204,
      durationMs: expect.any(Number) as number,
    });
    expect((await replay({ position: '999999999' })).problem).toBe('bad-position');
    expect((await replay({ position: '-1' })).problem).toBe('bad-position');
  });

  it('test: a ping now, signed, and what came back; nothing of it is in the order of events', async () => {
    const webhook = await world.addWebhook();
    await startActive();
    await isKnown(webhook);
    webhook.receiver.behave = ({ type }) => (type === 'Ping' ? 418 : 204);
    const { attempt } = await world.ask<TestWebhookReply>('test', of(webhook));
    expect(attempt).toMatchObject({ type: 'Ping', ok: false, status: 418, attempt: 1 });
    expect(attempt).not.toHaveProperty('position');
    expect(webhook.receiver.forged).toBe(0);
    const { attempts, progress } = await deliveries(webhook);
    expect([attempts![0]!.type, progress!.failingSince]).toEqual(['Ping', undefined]);
  });

  it('of a foreign and an unknown webhook the same', async () => {
    const webhook = await world.addWebhook();
    await startActive();
    for (const name of ['test', 'replay', 'deliveries'] as const)
      for (const other of [
        { webhookId: newId('webhook') },
        { organizationId: newId('organization') },
        { webhookId: 7 },
      ])
        expect(await world.ask(name, { ...of(webhook), from: { position: '0' }, ...other })).toEqual({
          problem: 'not-found',
        });
  });

  it('whether a URL may be told, by the rules of production', async () => {
    await world.startService({ WEBHOOK_ALLOW_PRIVATE: 'false', DNS_SERVERS: '127.0.0.1:1' });
    const check = (url: unknown) => world.ask<{ problem?: string }>('checkUrl', { url });
    expect((await check('https://127.0.0.1/')).problem).toMatch(/not an IP address/);
    expect((await check('http://example.com/')).problem).toMatch(/https/);
    expect((await check(7)).problem).toMatch(/^must /);
  });
});

describe('what is kept', () => {
  it('holds no secret and nothing that a receiver answered; a webhook that is removed leaves nothing', async () => {
    const webhook = await world.addWebhook();
    await startActive();
    await world.addEvents(1, 1);
    await waitFor(() => webhook.receiver.firsts().length > 0);
    const bucket = await new Kvm(jetstream(world.nats)).open(BUCKETS.webhooks);
    const kept = await waitFor(async () => {
      const text = (await bucket.get(webhook.id))?.string() ?? '';
      return text.includes('"ok":true') && text;
    });
    const secret = world.secret(webhook.id).slice('whsec_'.length);
    for (const text of [kept, world.logged]) expect(text).not.toContain(secret);
    // Control: the same search finds what is kept.
    expect(kept).toContain(webhook.receiver.firsts()[0]);
    await world.write('webhook', webhook.id, 'WebhookRemoved', {});
    await waitFor(async () => (await bucket.get(webhook.id))?.operation === 'PURGE');
  });

  it('written by somebody else is read again, and not written over', async () => {
    const webhook = await world.addWebhook({ eventTypes: ['ServerCreated'] });
    await startActive();
    await world.addEvents(1, 1);
    await waitFor(() => webhook.receiver.firsts().length === 1);
    const bucket = await new Kvm(jetstream(world.nats)).open(BUCKETS.webhooks);
    const entry = await waitFor(() => bucket.get(webhook.id));
    await bucket.put(webhook.id, entry.string());
    const [next] = await world.addEvents(1, 1);
    const [last] = await world.addEvents(1, 1);
    await waitFor(() => [next, last].every((one) => webhook.receiver.firsts().includes(one!.id)));
    await waitFor(() => world.logged.includes('was written by another process'));
    const [after] = await world.addEvents(1, 1);
    await waitFor(() => webhook.receiver.firsts().includes(after!.id));
  });
});
