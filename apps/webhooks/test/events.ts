/** Audit events for specs. */
import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '@mcpstack/contracts';
import type { WatchedWebhook } from '@mcpstack/read-models';

export const ORGANIZATION = 'org_0000000000000000000001';

/** A key was renamed. */
export function eventAt(position: number | bigint, subject = 'key_1'): AuditEvent {
  return {
    id: randomUUID(),
    type: 'KeyRenamed',
    at: '2026-11-24T08:00:00.000Z',
    actor: { type: 'user', id: 'user_1' },
    organizationId: ORGANIZATION,
    subject: { kind: 'key', id: subject },
    requestId: 'request-1',
    position: `${position}`,
    data: { name: `name ${position}` },
  };
}

export function webhook(change: Partial<WatchedWebhook> = {}): WatchedWebhook {
  return {
    id: 'whk_0000000000000000000001',
    organizationId: ORGANIZATION,
    url: 'https://siem.example.com/in',
    state: 'active',
    secrets: [{ version: 1, keyVersion: 1, createdAt: '2026-11-24T08:00:00.000Z' }],
    createdAt: '2026-11-24T08:00:00.000Z',
    createdBy: { type: 'user', id: 'user_1' },
    revision: '0',
    createdPosition: '0',
    enabledAt: '2026-11-24T08:00:00.000Z',
    ...change,
  };
}
