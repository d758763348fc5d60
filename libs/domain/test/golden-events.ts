/**
 * What each golden file decodes to today. The files in golden/ are a storage format: logs in the field
 * hold events of exactly these shapes for ever. A file is never edited; its SHA-256 in golden/SHA256SUMS
 * says so. A new version of an event gets a new file and a new line here; only this side may change, when
 * a newer version lifts an older one into another shape.
 */
import type { DomainEvent } from '../src/index.ts';
import { GOLDEN_CHECKPOINTS } from './golden-checkpoints.ts';
import { GOLDEN_WEBHOOKS } from './golden-webhooks.ts';

const AT = '2026-11-24T08:00:00.000Z';
const USER = { type: 'user', id: 'user_0000000000000000000001' } as const;
const ORGANIZATION = 'org_0000000000000000000001';
const KEY = 'key_0000000000000000000001';
const AGENT = 'agent_0000000000000000000001';
const SERVER = 'srv_0000000000000000000001';
const DOMAIN = 'dom_0000000000000000000001';
const INVITATION = 'inv_0000000000000000000001';
const SCHEDULER = { type: 'system', id: 'scheduler' } as const;
const CREDENTIAL = { digest: '9c'.repeat(32), pepperVersion: 1 };
const AUTHORIZER = { type: 'system', id: 'authorizer' } as const;
const USED = {
  keyId: KEY,
  organizationId: ORGANIZATION,
  from: '2026-11-24T07:59:50.000Z',
  to: AT,
  count: 42,
  lastUsedAt: '2026-11-24T07:59:59.000Z',
};
const LATER = '2027-02-28T08:00:00.000Z';

/** One event at the one time, by the one user unless another is given. */
const of = (
  category: string,
  type: string,
  data: Record<string, unknown>,
  actor: DomainEvent['actor'] = USER,
): { category: string; event: DomainEvent } => ({ category, event: { type, data, at: AT, actor } });

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
  'KeyRevoked.v2': of(
    'key',
    'KeyRevoked',
    { reason: 'reported-leak', source: 'github' },
    { type: 'system', id: 'gateway' },
  ),
  'KeyRevoked.v2.ended-by-holder': of(
    'key',
    'KeyRevoked',
    { reason: 'ended-by-holder' },
    { type: 'key', id: KEY },
  ),
  'KeyCreated.v2': of('key', 'KeyCreated', {
    keyId: KEY,
    organizationId: ORGANIZATION,
    kind: 'service',
    name: 'automation-bot',
    role: 'admin',
    permissions: ['servers:read', 'api-keys:write'],
    credential: CREDENTIAL,
    scope: { agents: [AGENT], servers: [SERVER] },
    expiresAt: LATER,
    allowedIps: ['203.0.113.0/24', '2001:db8::/32'],
    limits: [{ name: 'burst', limit: 10, windowMs: 1_000 }],
    quotas: [{ name: 'monthly', limit: 1_000_000, interval: 'month' }],
    tags: ['ci', 'team:web'],
    environment: 'production',
    hint: 'acme_live_',
  }),
  'KeyCreated.v2.plain': of('key', 'KeyCreated', {
    keyId: KEY,
    organizationId: ORGANIZATION,
    kind: 'service',
    name: 'telemetry',
    role: 'developer',
    credential: CREDENTIAL,
  }),
  'KeyTagged.v1': of('key', 'KeyTagged', { tags: ['ci', 'team:web'] }),
  'KeyNarrowed.v1': of('key', 'KeyNarrowed', {
    role: 'viewer',
    permissions: ['servers:read'],
    scope: { agents: [AGENT] },
    expiresAt: LATER,
    allowedIps: ['203.0.113.7/32'],
    limits: [{ name: 'burst', limit: 5, windowMs: 1_000 }],
    quotas: [{ name: 'daily', limit: 100, interval: 'day' }],
  }),
  'KeyRotated.v1': of('key', 'KeyRotated', {
    version: 2,
    credential: CREDENTIAL,
    hint: 'acme_live_',
    previous: { validUntil: LATER },
  }),
  'KeyRotated.v1.until-next-seen': of('key', 'KeyRotated', {
    version: 3,
    credential: CREDENTIAL,
    previous: { validUntil: LATER, untilNextSeen: true },
  }),
  'KeySecretRetired.v1': of('key', 'KeySecretRetired', { version: 1 }, { type: 'system', id: 'authorizer' }),
  'KeySuspended.v1': of('key', 'KeySuspended', {}),
  'KeyResumed.v1': of('key', 'KeyResumed', {}),
  'KeyExpiring.v1': of('key', 'KeyExpiring', { expiresAt: LATER, daysBefore: 30 }, SCHEDULER),
  'KeyExpired.v1': of('key', 'KeyExpired', { expiresAt: LATER }, SCHEDULER),
  'KeyExposed.v1': of('key', 'KeyExposed', {}, { type: 'system', id: 'gateway' }),
  'PublicKeyCreated.v1': of('key', 'PublicKeyCreated', {
    keyId: KEY,
    organizationId: ORGANIZATION,
    agentId: AGENT,
    name: 'shop page',
    value: 'mcpstack_pk_0000000000000000000000000000000000000000000000000',
    credential: CREDENTIAL,
    origins: [
      { origin: 'https://app.example.com' },
      { origin: 'https://preview.example.com:8443', expiresAt: LATER },
    ],
    development: true,
    expiresAt: LATER,
  }),
  'PublicKeyOriginAdded.v1': of('key', 'PublicKeyOriginAdded', {
    origin: 'https://preview.example.com',
    expiresAt: LATER,
  }),
  'PublicKeyOriginRemoved.v1': of('key', 'PublicKeyOriginRemoved', { origin: 'https://app.example.com' }),
  'OrganizationRenamed.v1': of('organization', 'OrganizationRenamed', { name: 'Acme GmbH' }),
  'OrganizationPolicyChanged.v1': of('organization', 'OrganizationPolicyChanged', {
    policy: {
      longestKeyLifeDays: 90,
      expiryRequired: true,
      allowedKeyRoles: ['developer', 'viewer'],
      onMakerLoss: 'revoke',
    },
  }),
  'OrganizationPolicyChanged.v1.plain': of('organization', 'OrganizationPolicyChanged', {
    policy: { onMakerLoss: 'list' },
  }),
  'OrganizationSuspended.v1': of('organization', 'OrganizationSuspended', {}),
  'OrganizationResumed.v1': of('organization', 'OrganizationResumed', {}),
  'MemberInvited.v1': of('organization', 'MemberInvited', {
    invitationId: INVITATION,
    role: 'admin',
    profileId: 'user_0000000000000000000007',
    credential: CREDENTIAL,
    expiresAt: LATER,
  }),
  'InvitationRevoked.v1': of('organization', 'InvitationRevoked', { invitationId: INVITATION }),
  'InvitationAccepted.v1': of('organization', 'InvitationAccepted', {
    invitationId: INVITATION,
    userId: USER.id,
    role: 'admin',
  }),
  'MemberRoleChanged.v1': of('organization', 'MemberRoleChanged', { userId: USER.id, role: 'viewer' }),
  'MemberSuspended.v1': of('organization', 'MemberSuspended', { userId: USER.id }),
  'MemberResumed.v1': of('organization', 'MemberResumed', { userId: USER.id }),
  'MemberRemoved.v1': of('organization', 'MemberRemoved', { userId: USER.id }),
  'UserProfileChanged.v1': of('user', 'UserProfileChanged', {
    userId: USER.id,
    name: 'Ada Example',
    email: 'ada@example.com',
  }),
  'UserProfileErased.v1': of('user', 'UserProfileErased', { userId: USER.id, erased: [] }),
  'UserProfileErased.v2': of('user', 'UserProfileErased', {
    userId: USER.id,
    erased: [
      { position: '7168', digest: '3e'.repeat(32) },
      { position: '19456', digest: '5a'.repeat(32) },
    ],
    commandIds: ['5f0c2a9e-1f44-4c1b-8a54-0d8f2c6b9e12'],
  }),
  'UserProfileErased.v2.part': of('user', 'UserProfileErased', {
    userId: USER.id,
    firstRevision: '2',
    erased: [{ position: '22528', digest: '71'.repeat(32) }],
    before: '3',
  }),
  'UserProfileErased.v2.again': of('user', 'UserProfileErased', {
    userId: USER.id,
    firstRevision: '2',
    erased: [{ position: '22528', digest: '71'.repeat(32) }],
  }),
  'AgentCreated.v1': of('agent', 'AgentCreated', {
    agentId: AGENT,
    organizationId: ORGANIZATION,
    name: 'shop',
  }),
  'AgentRenamed.v1': of('agent', 'AgentRenamed', { name: 'store' }),
  'AgentRemoved.v1': of('agent', 'AgentRemoved', {}),
  'AgentDomainAdded.v1': of('agent', 'AgentDomainAdded', {
    domainId: DOMAIN,
    domain: 'xn--bcher-kva.example',
    challenge: 'mcpstack-verify=0000000000000000000000000000000000000000000',
  }),
  'AgentDomainVerified.v1': of(
    'agent',
    'AgentDomainVerified',
    { domainId: DOMAIN, method: 'dns' },
    SCHEDULER,
  ),
  'AgentDomainStale.v1': of('agent', 'AgentDomainStale', { domainId: DOMAIN, graceEndsAt: LATER }, SCHEDULER),
  'AgentDomainLapsed.v1': of('agent', 'AgentDomainLapsed', { domainId: DOMAIN }, SCHEDULER),
  'AgentDomainContested.v1': of(
    'agent',
    'AgentDomainContested',
    { domainId: DOMAIN, challenge: 'mcpstack-verify=1111111111111111111111111111111111111111111' },
    SCHEDULER,
  ),
  'AgentDomainRemoved.v1': of('agent', 'AgentDomainRemoved', { domainId: DOMAIN }),
  'ServerCreated.v1': of('server', 'ServerCreated', {
    serverId: SERVER,
    organizationId: ORGANIZATION,
    name: 'tools',
    url: 'https://tools.example.com/mcp',
  }),
  'ServerRenamed.v1': of('server', 'ServerRenamed', { name: 'kit' }),
  'ServerUrlChanged.v1': of('server', 'ServerUrlChanged', { url: 'https://kit.example.com/mcp' }),
  'ServerRemoved.v1': of('server', 'ServerRemoved', {}),
  'KeyUsed.v1': of('usage', 'KeyUsed', USED, AUTHORIZER),
  'KeyUsed.v2': of(
    'usage',
    'KeyUsed',
    { ...USED, lastUsedFrom: { addressPrefix: '203.0.113.0/24', userAgent: 'Firefox' } },
    AUTHORIZER,
  ),
  'KeyUsed.v2.plain': of('usage', 'KeyUsed', USED, AUTHORIZER),
  ...GOLDEN_CHECKPOINTS,
  ...GOLDEN_WEBHOOKS,
};
