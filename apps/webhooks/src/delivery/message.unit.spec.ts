/** Messages as the Standard Webhooks specification has them: checked by its own library. */
import { randomBytes } from 'node:crypto';
import { WebhookKeys } from '@mcpstack/service-kit';
import { Webhook } from 'standardwebhooks';
import { eventAt, webhook } from '../../test/events.ts';
import { headersOf, messageOf, pingOf } from './message.ts';

const keys = new WebhookKeys(1, { 1: randomBytes(32) });
const message = messageOf(eventAt(42n));
const nowMs = Date.now();
const secretOf = (version: number) => keys.secret({ webhookId: webhook().id, version, keyVersion: 1 });
const isTaken = (secret: string, headers: Record<string, string>, body = message.body) => {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
};

describe('a message', () => {
  it('is type, time and the event as the API shows it; its id is that of the event', () => {
    const event = eventAt(42n);
    const { id, body } = messageOf(event);
    expect(id).toBe(event.id);
    expect(JSON.parse(body)).toEqual({ type: 'KeyRenamed', timestamp: event.at, data: event });
    expect(JSON.parse(pingOf(webhook(), 'id-1', 0).body)).toEqual({
      type: 'Ping',
      timestamp: '1970-01-01T00:00:00.000Z',
      data: { webhookId: webhook().id, organizationId: webhook().organizationId },
    });
  });

  it('is signed as the library checks it; control: not by another secret, body, id or time', () => {
    const headers = headersOf(message, webhook(), keys, nowMs);
    expect(isTaken(secretOf(1), headers)).toBe(true);
    expect(isTaken(secretOf(2), headers)).toBe(false);
    expect(isTaken(secretOf(1), headers, message.body.replace('42', '43'))).toBe(false);
    expect(isTaken(secretOf(1), { ...headers, 'webhook-id': 'other' })).toBe(false);
    const later = { ...headers, 'webhook-timestamp': `${Number(headers['webhook-timestamp']) + 1}` };
    expect(isTaken(secretOf(1), later)).toBe(false);
    expect(isTaken(secretOf(1), headersOf(message, webhook(), keys, nowMs - 600_000))).toBe(false);
  });

  it('is signed with both secrets during a rotation, and with the new one alone afterwards', () => {
    const createdAt = new Date(nowMs).toISOString();
    const validUntil = new Date(nowMs + 1_000).toISOString();
    const secrets = [
      { version: 1, keyVersion: 1, createdAt, validUntil },
      { version: 2, keyVersion: 1, createdAt },
    ];
    const during = headersOf(message, webhook({ secrets }), keys, nowMs);
    expect(during['webhook-signature']!.split(' ')).toHaveLength(2);
    expect([isTaken(secretOf(1), during), isTaken(secretOf(2), during)]).toEqual([true, true]);
    const after = headersOf(message, webhook({ secrets }), keys, nowMs + 1_000);
    expect([isTaken(secretOf(1), after), isTaken(secretOf(2), after)]).toEqual([false, true]);
  });
});
