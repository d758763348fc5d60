/**
 * What the API must answer, told from the log alone by code that shares nothing with the services: an auditor's own
 * reading of every event, in the shape of the answers.
 */
import { ROLE_PERMISSIONS, type Role } from '@mcpstack/contracts';
import type { RecordedEvent } from '@mcpstack/event-store';
import { endOldSecrets, ofWebhook } from './replay-webhooks.ts';

export type Fields = Record<string, unknown>;
export type Step = (data: Fields, event: { at: string; actor: Fields }) => void;

export interface Replayed {
  organizations: Map<string, Fields>;
  /** By organization and user. */
  members: Map<string, Map<string, Fields>>;
  invitations: Map<string, Fields>;
  agents: Map<string, Fields>;
  domains: Map<string, Fields>;
  servers: Map<string, Fields>;
  keys: Map<string, Fields>;
  webhooks: Map<string, Fields>;
}

const DAY_MS = 86_400_000;

export function replay(events: readonly RecordedEvent[], nowMs: number): Replayed {
  const state: Replayed = {
    organizations: new Map(),
    members: new Map(),
    invitations: new Map(),
    agents: new Map(),
    domains: new Map(),
    servers: new Map(),
    keys: new Map(),
    webhooks: new Map(),
  };
  const profiles = new Map<string, Fields>();
  const uses = new Map<string, Fields[]>();
  for (const { stream, type, data, metadata, revision } of events) {
    const id = stream.slice(stream.indexOf('-') + 1);
    const category = stream.slice(0, stream.indexOf('-'));
    const event = { at: metadata['at'] as string, actor: metadata['actor'] as Fields };
    const steps: Record<string, Step> = {
      ...ofOrganization(state, id),
      ...ofAgent(state, id),
      ...ofServer(state, id),
      ...ofKey(state, id),
      ...ofWebhook(state, id),
      UserProfileChanged: ({ userId, ...profile }) => void profiles.set(userId as string, profile),
      UserProfileErased: ({ userId }) => void profiles.delete(userId as string),
      // About the log itself.
      CheckpointSigned: () => undefined,
      KeyUsed: (data) => uses.set(id, [...(uses.get(id) ?? []), data]),
    };
    const step = steps[type];
    if (!step) throw new Error(`${type} in ${stream} is no event that an auditor knows`);
    step(data, event);
    const maps = {
      organization: state.organizations,
      agent: state.agents,
      server: state.servers,
      key: state.keys,
      webhook: state.webhooks,
    };
    const record = maps[category as keyof typeof maps]?.get(id);
    if (record) record['revision'] = String(revision);
  }
  for (const webhook of state.webhooks.values()) endOldSecrets(webhook, nowMs);
  for (const [id, key] of state.keys) finishKey(state, key, { nowMs, uses: uses.get(id) ?? [] });
  for (const list of state.members.values())
    for (const [userId, member] of list) Object.assign(member, profiles.get(userId));
  for (const invitation of state.invitations.values()) {
    const email = profiles.get(invitation['profileId'] as string)?.['email'];
    if (email !== undefined) invitation['email'] = email;
    delete invitation['profileId'];
  }
  return state;
}

function ofOrganization({ organizations, members, invitations }: Replayed, id: string): Record<string, Step> {
  const organization = () => organizations.get(id)!;
  const member = (data: Fields) => members.get(id)!.get(data['userId'] as string)!;
  const join = (userId: unknown, role: unknown, at: string) =>
    members
      .get(id)!
      .set(userId as string, { organizationId: id, userId, role, state: 'active', joinedAt: at });
  return {
    OrganizationCreated: ({ name, ownerId }, { at }) => {
      organizations.set(id, { id, name, state: 'active', createdAt: at, policy: { onMakerLoss: 'list' } });
      members.set(id, new Map());
      join(ownerId, 'owner', at);
    },
    OrganizationRenamed: ({ name }) => void (organization()['name'] = name),
    OrganizationPolicyChanged: ({ policy }) => void (organization()['policy'] = policy),
    OrganizationSuspended: () => void (organization()['state'] = 'suspended'),
    OrganizationResumed: () => void (organization()['state'] = 'active'),
    MemberInvited: ({ invitationId, role, profileId, expiresAt }, { at, actor }) =>
      void invitations.set(invitationId as string, {
        id: invitationId,
        organizationId: id,
        role,
        state: 'pending',
        profileId,
        expiresAt,
        createdAt: at,
        createdBy: actor,
      }),
    InvitationRevoked: ({ invitationId }) =>
      void (invitations.get(invitationId as string)!['state'] = 'revoked'),
    InvitationAccepted: ({ invitationId, userId, role }, { at }) => {
      Object.assign(invitations.get(invitationId as string)!, { state: 'accepted', acceptedBy: userId });
      join(userId, role, at);
    },
    MemberRoleChanged: (data) => void (member(data)['role'] = data['role']),
    MemberSuspended: (data) => void (member(data)['state'] = 'suspended'),
    MemberResumed: (data) => void (member(data)['state'] = 'active'),
    MemberRemoved: ({ userId }) => void members.get(id)!.delete(userId as string),
  };
}

function ofAgent({ agents, domains }: Replayed, id: string): Record<string, Step> {
  const change = (data: Fields, changes: Fields, ...gone: string[]) => {
    const domain = domains.get(data['domainId'] as string)!;
    for (const field of gone) delete domain[field];
    Object.assign(domain, changes);
  };
  const proof = (domain: unknown, challenge: unknown) => ({
    dns: { type: 'TXT', name: `_mcpstack-challenge.${domain as string}`, value: challenge },
    file: {
      url: `https://${domain as string}/.well-known/mcpstack-challenge.txt`,
      content: challenge,
    },
  });
  return {
    AgentCreated: ({ organizationId, name }, { at, actor }) =>
      void agents.set(id, { id, organizationId, name, createdAt: at, createdBy: actor }),
    AgentRenamed: ({ name }) => void (agents.get(id)!['name'] = name),
    AgentRemoved: () => {
      agents.delete(id);
      for (const [domainId, domain] of domains) if (domain['agentId'] === id) domains.delete(domainId);
    },
    AgentDomainAdded: ({ domainId, domain, challenge }, { at }) =>
      void domains.set(domainId as string, {
        id: domainId,
        organizationId: agents.get(id)!['organizationId'],
        agentId: id,
        domain,
        state: 'pending',
        proof: proof(domain, challenge),
        createdAt: at,
      }),
    AgentDomainVerified: (data, { at }) =>
      change(
        data,
        { state: 'verified', verifiedAt: at, method: data['method'] },
        'graceEndsAt',
        'contestedAt',
      ),
    AgentDomainStale: (data) => change(data, { state: 'stale', graceEndsAt: data['graceEndsAt'] }),
    AgentDomainLapsed: (data) => change(data, { state: 'lapsed' }, 'graceEndsAt', 'contestedAt'),
    AgentDomainContested: (data, { at }) => {
      const name = domains.get(data['domainId'] as string)!['domain'];
      const changes = { state: 'pending', proof: proof(name, data['challenge']), contestedAt: at };
      change(data, changes, 'graceEndsAt');
    },
    AgentDomainRemoved: ({ domainId }) => void domains.delete(domainId as string),
  };
}

function ofServer({ servers }: Replayed, id: string): Record<string, Step> {
  return {
    ServerCreated: ({ organizationId, name, url }, { at, actor }) =>
      void servers.set(id, {
        id,
        organizationId,
        name,
        ...(url !== undefined && { url }),
        createdAt: at,
        createdBy: actor,
      }),
    ServerRenamed: ({ name }) => void (servers.get(id)!['name'] = name),
    ServerUrlChanged: ({ url }) => void (servers.get(id)!['url'] = url),
    ServerRemoved: () => void servers.delete(id),
  };
}

function ofKey({ keys }: Replayed, id: string): Record<string, Step> {
  const key = () => keys.get(id)!;
  const secrets = () => key()['secrets'] as Fields[];
  const origins = () => key()['origins'] as Fields[];
  return {
    KeyCreated: ({ keyId, credential: _, hint, ...data }, { at, actor }) =>
      void keys.set(id, {
        id: keyId,
        tags: [],
        ...data,
        state: 'active',
        secrets: [{ version: 1, createdAt: at, ...(hint !== undefined && { hint }) }],
        createdAt: at,
        createdBy: actor,
      }),
    PublicKeyCreated: ({ keyId, credential: _, ...data }, { at, actor }) =>
      void keys.set(id, {
        id: keyId,
        kind: 'publishable',
        ...data,
        state: 'active',
        createdAt: at,
        createdBy: actor,
      }),
    KeyRenamed: ({ name }) => void (key()['name'] = name),
    KeyTagged: ({ tags }) => void (key()['tags'] = tags),
    KeyNarrowed: (data) => void Object.assign(key(), data),
    KeyRotated: ({ version, hint, previous }, { at }) => {
      const current = { ...secrets().at(-1)!, ...(previous as Fields) };
      key()['secrets'] = [current, { version, createdAt: at, ...(hint !== undefined && { hint }) }];
    },
    KeySecretRetired: ({ version }) =>
      void (key()['secrets'] = secrets().filter((one) => one['version'] !== version)),
    KeySuspended: (_, { at }) => void Object.assign(key(), { state: 'suspended', suspendedAt: at }),
    KeyResumed: () => {
      delete key()['suspendedAt'];
      key()['state'] = 'active';
    },
    KeyRevoked: ({ reason }, { at }) =>
      void Object.assign(key(), { state: 'revoked', revokedAt: at, revocationReason: reason }),
    KeyExpiring: () => undefined,
    KeyExpired: () => void (key()['state'] = 'expired'),
    KeyExposed: (_, { at }) => void (key()['exposedAt'] = at),
    PublicKeyOriginAdded: (data) => void (key()['origins'] = [...origins(), data]),
    PublicKeyOriginRemoved: ({ origin }) =>
      void (key()['origins'] = origins().filter((one) => one['origin'] !== origin)),
  };
}

/** What depends on the clock, on the maker and on use. */
function finishKey(
  { members, agents }: Replayed,
  key: Fields,
  { nowMs, uses }: { nowMs: number; uses: readonly Fields[] },
): void {
  const isOver = (time: unknown) => typeof time === 'string' && Date.parse(time) <= nowMs;
  if (isOver(key['expiresAt']) && key['state'] !== 'revoked') key['state'] = 'expired';
  for (const field of ['lastUsedAt', 'lastUsedFrom']) {
    // Of the latest window that tells it, and of those that end at once of the one recorded last.
    const [latest] = uses
      .filter((use) => field in use)
      .reverse()
      .sort((a, b) => (b['lastUsedAt'] as string).localeCompare(a['lastUsedAt'] as string));
    if (latest) key[field] = latest[field];
  }
  if (key['kind'] === 'publishable') {
    key['origins'] = (key['origins'] as Fields[]).filter((one) => !isOver(one['expiresAt']));
    if (!agents.has(key['agentId'] as string)) key['state'] = 'revoked';
    return;
  }
  const ended = key['state'] === 'revoked' || key['state'] === 'expired';
  key['secrets'] = ended ? [] : (key['secrets'] as Fields[]).filter((one) => !isOver(one['validUntil']));
  const narrowed = key['permissions'] as string[] | undefined;
  const held = ROLE_PERMISSIONS[key['role'] as Role].filter((one) => narrowed?.includes(one) ?? true);
  key['permissions'] = held;
  const maker = key['createdBy'] as { type: string; id: string };
  if (ended || maker.type !== 'user') return;
  const member = members.get(key['organizationId'] as string)?.get(maker.id);
  const theirs = member?.['state'] === 'active' ? ROLE_PERMISSIONS[member['role'] as Role] : [];
  if (!held.every((one) => theirs.includes(one))) key['beyondMaker'] = true;
}

/** A time not far ahead: a key that expires while the test runs. Milliseconds from now. */
export function soonMs(random: () => number): number {
  return random() < 0.3 ? 500 + random() * 5_000 : Math.round(random() * 40) * DAY_MS + 60_000;
}
