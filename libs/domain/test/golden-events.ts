/**
 * What each golden file decodes to today. The files in golden/ are a storage format: logs in the field
 * hold events of exactly these shapes for ever. A file is never edited; its SHA-256 in golden/SHA256SUMS
 * says so. A new version of an event gets a new file and a new line here; only this side may change, when
 * a newer version lifts an older one into another shape.
 */
import type { DomainEvent } from '../src/index.ts';

const AT = '2026-11-24T08:00:00.000Z';
const USER = { type: 'user', id: 'user_0000000000000000000001' } as const;
const ORGANIZATION = 'org_0000000000000000000001';
const KEY = 'key_0000000000000000000001';

/** File name without `.json`: `<type>.v<version>`, and a word more where one file does not show all. */
export const GOLDEN_EVENTS: Readonly<Record<string, { category: string; event: DomainEvent }>> = {
  'OrganizationCreated.v1': {
    category: 'organization',
    event: {
      type: 'OrganizationCreated',
      data: { organizationId: ORGANIZATION, name: 'Acme Zürich', ownerId: USER.id },
      at: AT,
      actor: { type: 'system', id: 'setup' },
    },
  },
  'KeyCreated.v1': {
    category: 'key',
    event: {
      type: 'KeyCreated',
      data: {
        keyId: KEY,
        organizationId: ORGANIZATION,
        kind: 'service',
        name: 'automation-bot',
        role: 'developer',
        credential: { digest: '9c'.repeat(32), pepperVersion: 1 },
      },
      at: AT,
      actor: USER,
    },
  },
  'KeyCreated.v1.narrowed': {
    category: 'key',
    event: {
      type: 'KeyCreated',
      data: {
        keyId: KEY,
        organizationId: ORGANIZATION,
        kind: 'service',
        name: 'telemetry',
        role: 'developer',
        permissions: ['servers:read', 'telemetry:write'],
        credential: { digest: '9c'.repeat(32), pepperVersion: 2 },
      },
      at: AT,
      actor: { type: 'key', id: 'key_0000000000000000000009' },
    },
  },
  'KeyRenamed.v1': {
    category: 'key',
    event: { type: 'KeyRenamed', data: { name: 'ci-smoke-prod' }, at: AT, actor: USER },
  },
  'KeyRevoked.v1': {
    category: 'key',
    event: { type: 'KeyRevoked', data: { reason: 'requested' }, at: AT, actor: USER },
  },
  'KeyRevoked.v1.maker-lost-rights': {
    category: 'key',
    event: {
      type: 'KeyRevoked',
      data: { reason: 'maker-lost-rights' },
      at: AT,
      actor: { type: 'system', id: 'issuance' },
    },
  },
};
