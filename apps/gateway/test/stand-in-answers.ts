/** What the stand-in for issuance answers to each command: whole resources by the contracts, and no logic. */
import {
  deriveId,
  importedKeyId,
  makeInvitationToken,
  makeToken,
  permissionsOf,
  type Actor,
  type Agent,
  type AgentDomain,
  type ApiKey,
  type CommandContracts,
  type CommandName,
  type Invitation,
  type Member,
  type Organization,
  type OrganizationPolicy,
  type PublicKey,
  type Server,
} from '@mcpstack/contracts';
import { webhookAnswers } from './stand-in-webhooks.ts';

export const AT = '2026-01-01T00:00:00.000Z';
const REVISION = '7';

export interface Asked {
  commandId: string;
  actor: Actor;
}
export type Answers = {
  [Name in CommandName]: (
    input: CommandContracts[Name]['input'],
    asked: Asked,
  ) => CommandContracts[Name]['output'];
};

function organization(id: string, change: Partial<Organization> = {}): Organization {
  const policy: OrganizationPolicy = { onMakerLoss: 'list' };
  return { id, name: 'Acme', state: 'active', policy, createdAt: AT, revision: REVISION, ...change };
}

function member(organizationId: string, userId: string, change: Partial<Member> = {}): Member {
  return { organizationId, userId, role: 'viewer', state: 'active', joinedAt: AT, ...change };
}

function agent(organizationId: string, id: string, name: string, createdBy: Actor): Agent {
  return { id, organizationId, name, state: 'active', createdAt: AT, createdBy, revision: REVISION };
}

export function domainOf(
  { organizationId, agentId }: { organizationId: string; agentId: string },
  id: string,
  change: Partial<AgentDomain> = {},
): AgentDomain {
  const challenge = `mcpstack-verify=${'c'.repeat(43)}`;
  return {
    id,
    organizationId,
    agentId,
    domain: 'example.com',
    state: 'pending',
    challenge,
    createdAt: AT,
    ...change,
  };
}

function server(organizationId: string, id: string, createdBy: Actor, change: Partial<Server> = {}): Server {
  return {
    id,
    organizationId,
    name: 'server',
    state: 'active',
    createdAt: AT,
    createdBy,
    revision: REVISION,
    ...change,
  };
}

export function serviceKey(
  organizationId: string,
  id: string,
  createdBy: Actor,
  change: Partial<ApiKey> = {},
): ApiKey {
  return {
    id,
    organizationId,
    kind: 'service',
    name: 'key',
    role: 'viewer',
    permissions: permissionsOf(change.role ?? 'viewer', change.permissions),
    state: 'active',
    tags: [],
    secrets: [{ version: 1, createdAt: AT }],
    createdAt: AT,
    createdBy,
    revision: REVISION,
    ...given(change),
  };
}

export function publicKey(
  organizationId: string,
  id: string,
  createdBy: Actor,
  change: Partial<PublicKey> = {},
): PublicKey {
  return {
    id,
    organizationId,
    kind: 'publishable',
    name: 'page key',
    state: 'active',
    agentId: deriveId('agent', 'stand-in'),
    value: makeToken('publishable'),
    origins: [],
    development: false,
    createdAt: AT,
    createdBy,
    revision: REVISION,
    ...given(change),
  };
}

/** Without what is `undefined`, so that it is absent from the answer. */
function given<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}

/** @param secrets where each secret that is answered is noted. */
export function standInAnswers(secrets: string[]): Answers {
  const newSecret = (digest: string | undefined): { secret?: string } => {
    if (digest !== undefined) return {};
    const secret = makeToken('service');
    secrets.push(secret);
    return { secret };
  };
  const at = { position: '44' };
  return {
    createOrganization: ({ name }, { commandId }) => ({
      organization: organization(deriveId('organization', commandId), { name, revision: '0' }),
      position: '41',
    }),
    renameOrganization: ({ organizationId: id, name }) => ({
      organization: organization(id, { name }),
      ...at,
    }),
    changePolicy: ({ organizationId: id, policy }) => ({ organization: organization(id, { policy }), ...at }),
    suspendOrganization: ({ organizationId: id }) => ({
      organization: organization(id, { state: 'suspended' }),
      ...at,
    }),
    resumeOrganization: ({ organizationId: id }) => ({ organization: organization(id), ...at }),

    inviteMember: ({ organizationId, role, expiresAt = AT }, { commandId, actor }) => {
      const id = deriveId('invitation', commandId);
      const invitation: Invitation = {
        id,
        organizationId,
        role,
        state: 'pending',
        expiresAt,
        createdAt: AT,
        createdBy: actor,
        profileId: deriveId('user', commandId),
      };
      const token = makeInvitationToken({ invitationId: id, organizationId });
      secrets.push(token);
      return { invitation, token, ...at };
    },
    revokeInvitation: () => at,
    acceptInvitation: ({ organizationId }, { actor }) => ({
      member: member(organizationId, actor.id),
      revokedKeyIds: [],
      ...at,
    }),
    changeMemberRole: ({ organizationId, userId, role }) => ({
      member: member(organizationId, userId, { role }),
      revokedKeyIds: [],
      ...at,
    }),
    suspendMember: ({ organizationId, userId }) => ({
      member: member(organizationId, userId, { state: 'suspended' }),
      revokedKeyIds: [],
      ...at,
    }),
    resumeMember: ({ organizationId, userId }) => ({
      member: member(organizationId, userId),
      revokedKeyIds: [],
      ...at,
    }),
    removeMember: () => ({ revokedKeyIds: [], ...at }),
    changeProfile: () => at,
    eraseProfile: () => at,

    createAgent: ({ organizationId, name }, { commandId, actor }) => ({
      agent: agent(organizationId, deriveId('agent', commandId), name, actor),
      ...at,
    }),
    renameAgent: ({ organizationId, agentId, name }, { actor }) => ({
      agent: agent(organizationId, agentId, name, actor),
      ...at,
    }),
    removeAgent: () => at,
    addDomain: (input, { commandId }) => ({
      domain: domainOf(input, deriveId('domain', commandId), { domain: input.domain }),
      ...at,
    }),
    removeDomain: () => at,
    recordDomainCheck: (input) => ({ domain: domainOf(input, input.domainId), ...at }),
    contestDomain: (input) => ({ domain: domainOf(input, input.domainId), ...at }),
    createServer: ({ organizationId, name, url }, { commandId, actor }) => ({
      server: server(organizationId, deriveId('server', commandId), actor, { name, ...(url && { url }) }),
      ...at,
    }),
    updateServer: ({ organizationId, serverId, name = 'server', url }, { actor }) => ({
      server: server(organizationId, serverId, actor, { name, ...(url && { url }) }),
      ...at,
    }),
    removeServer: () => at,

    createKey: ({ organizationId, digest, ...terms }, { commandId, actor }) => {
      const key = serviceKey(organizationId, deriveId('key', commandId), actor, terms);
      const hidden = { credentials: [{ version: 1, digest: 'not for callers' }] };
      return { key: { ...key, ...hidden }, ...newSecret(digest), position: '42' };
    },
    importKeys: ({ organizationId, keys }, { commandId, actor }) => ({
      results: keys.map(({ digest, hint: _, ...terms }, index) =>
        keys.findIndex((one) => one.digest === digest) === index
          ? { key: serviceKey(organizationId, importedKeyId(commandId, digest), actor, terms) }
          : { problem: { code: 'conflict' as const, message: 'This digest is in use.' } },
      ),
      ...at,
    }),
    updateKey: ({ organizationId, keyId, ifRevision: _, ...change }, { actor }) => ({
      key: serviceKey(organizationId, keyId, actor, change),
      position: '43',
    }),
    rotateKey: ({ organizationId, keyId, digest }, { actor }) => ({
      key: serviceKey(organizationId, keyId, actor),
      ...newSecret(digest),
      ...at,
    }),
    suspendKey: () => at,
    resumeKey: () => at,
    revokeKey: () => at,
    revokeKeys: ({ keyIds }) => ({ revokedKeyIds: keyIds, ...at }),
    reportCredentials: ({ credentials }) => ({
      revokedKeyIds: credentials.map(({ keyId }) => keyId),
      ...at,
    }),
    recordExposure: () => at,
    recordKeyExpiry: () => at,
    recordSecretSeen: () => at,
    recordUsage: () => at,
    createPublicKey: ({ organizationId, ...terms }, { commandId, actor }) => ({
      publicKey: publicKey(organizationId, deriveId('key', commandId), actor, terms),
      ...at,
    }),
    updatePublicKey: ({ organizationId, keyId, name = 'page key', origins = [] }, { actor }) => ({
      publicKey: publicKey(organizationId, keyId, actor, {
        name,
        origins: origins.map((origin) => ({ origin })),
      }),
      ...at,
    }),
    addTemporaryOrigin: ({ organizationId, keyId, origin, expiresAt }, { actor }) => ({
      publicKey: publicKey(organizationId, keyId, actor, { origins: [{ origin, expiresAt }] }),
      ...at,
    }),

    ...webhookAnswers(secrets),
  };
}
