/** What the golden files of webhooks decode to today; see golden-events.ts. */
import type { DomainEvent } from '../src/index.ts';

const AT = '2026-11-24T08:00:00.000Z';
const LATER = '2027-02-28T08:00:00.000Z';
const USER = { type: 'user', id: 'user_0000000000000000000001' } as const;
const ORGANIZATION = 'org_0000000000000000000001';
const WEBHOOK = 'whk_0000000000000000000001';

const of = (type: string, data: Record<string, unknown>, actor: DomainEvent['actor'] = USER) => ({
  category: 'webhook',
  event: { type, data, at: AT, actor },
});

export const GOLDEN_WEBHOOKS: Readonly<Record<string, { category: string; event: DomainEvent }>> = {
  'WebhookCreated.v1': of('WebhookCreated', {
    webhookId: WEBHOOK,
    organizationId: ORGANIZATION,
    name: 'siem',
    url: 'https://siem.example.com/hooks/7f3a?source=mcpstack',
    eventTypes: ['KeyExpiring', 'KeyRevoked'],
    secret: { version: 1, keyVersion: 1 },
  }),
  'WebhookCreated.v1.plain': of('WebhookCreated', {
    webhookId: WEBHOOK,
    organizationId: ORGANIZATION,
    url: 'https://siem.example.com/hooks/7f3a',
    secret: { version: 1, keyVersion: 2 },
  }),
  'WebhookRenamed.v1': of('WebhookRenamed', { name: 'audit' }),
  'WebhookUrlChanged.v1': of('WebhookUrlChanged', { url: 'https://audit.example.com:8443/in' }),
  'WebhookEventTypesChanged.v1': of('WebhookEventTypesChanged', { eventTypes: ['KeyCreated'] }),
  'WebhookEventTypesChanged.v1.all': of('WebhookEventTypesChanged', {}),
  'WebhookSecretRotated.v1': of('WebhookSecretRotated', {
    version: 2,
    keyVersion: 1,
    previousValidUntil: LATER,
  }),
  'WebhookDisabled.v1': of('WebhookDisabled', { reason: 'requested' }),
  'WebhookDisabled.v1.failing': of(
    'WebhookDisabled',
    { reason: 'failing', since: '2026-11-19T08:00:00.000Z' },
    { type: 'system', id: 'webhooks' },
  ),
  'WebhookEnabled.v1': of('WebhookEnabled', {}),
  'WebhookRemoved.v1': of('WebhookRemoved', {}),
};
