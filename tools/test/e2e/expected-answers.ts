/** What the API must answer, told from the log alone: the fold of auditors in the shape of the answers. */
import { ROLE_PERMISSIONS } from '@mcpstack/contracts';
import type { RecordedEvent } from '@mcpstack/event-store';
import {
  hasEnded,
  LogFold,
  type AuditedAgent,
  type AuditedDomain,
  type AuditedKey,
  type AuditedServiceKey,
  type AuditedWebhook,
  type LogState,
} from '@mcpstack/replay';

export type Fields = Record<string, unknown>;

export interface ExpectedAnswers {
  /** By organization and user. */
  members: Map<string, Map<string, Fields>>;
  invitations: Map<string, Fields>;
  agents: Map<string, Fields>;
  domains: Map<string, Fields>;
  servers: Map<string, Fields>;
  keys: Map<string, Fields>;
  webhooks: Map<string, Fields>;
}

export function folded(events: readonly RecordedEvent[]): LogState {
  const fold = new LogFold();
  for (const event of events) fold.apply(event);
  const [broken] = fold.broken.values();
  if (broken) throw new Error(`${broken.fault.type} in ${broken.fault.stream}: ${broken.fault.reason}`);
  return fold.state;
}

export function expectedAnswers(events: readonly RecordedEvent[], nowMs: number): ExpectedAnswers {
  const state = folded(events);
  const agents = [...state.agents.values()].filter((agent) => agent.state === 'active');
  const servers = [...state.servers.values()].filter((server) => server.state === 'active');
  const webhooks = [...state.webhooks.values()].filter((webhook) => webhook.state !== 'removed');
  const domains = agents.flatMap((agent) => [...agent.domains.values()].map((one) => domainOf(agent, one)));
  const organizations = [...state.organizations.values()];
  return {
    members: new Map(organizations.map(({ id }) => [id, membersOf(state, id)])),
    invitations: byId(organizations.flatMap(({ id }) => invitationsOf(state, id))),
    agents: byId(agents.map(({ domains: _, state: __, position: ___, ...shown }) => spelled(shown))),
    domains: byId(domains),
    servers: byId(servers.map(({ state: _, position: __, ...shown }) => spelled(shown))),
    keys: byId([...state.keys.values()].map((key) => keyOf(state, key, nowMs))),
    webhooks: byId(webhooks.map((webhook) => webhookOf(webhook, nowMs))),
  };
}

function byId(all: readonly Fields[]): Map<string, Fields> {
  return new Map(all.map((one) => [one['id'] as string, one]));
}

function spelled<Shown extends { revision: number }>({ revision, ...shown }: Shown): Fields {
  return { ...shown, revision: String(revision) };
}

function membersOf({ organizations, users }: LogState, organizationId: string): Map<string, Fields> {
  const members = [...organizations.get(organizationId)!.members.values()];
  return new Map(
    members.map(({ userId, role, state, joinedAt }) => {
      const { userId: _, ...profile } = users.get(userId)?.profile ?? { userId };
      return [userId, { organizationId, userId, role, state, joinedAt, ...profile }];
    }),
  );
}

function invitationsOf({ organizations, users }: LogState, organizationId: string): Fields[] {
  const invitations = [...organizations.get(organizationId)!.invitations.values()];
  return invitations.map(({ profileId, credential: _, position: __, ...shown }) => {
    const email = users.get(profileId)?.profile?.email;
    return { organizationId, ...shown, ...(email !== undefined && { email }) };
  });
}

function domainOf({ id: agentId, organizationId }: AuditedAgent, domain: AuditedDomain): Fields {
  const { challenge, position: _, heldPosition: __, ...shown } = domain;
  const proof = {
    dns: { type: 'TXT', name: `_mcpstack-challenge.${domain.domain}`, value: challenge },
    file: { url: `https://${domain.domain}/.well-known/mcpstack-challenge.txt`, content: challenge },
  };
  return { organizationId, agentId, ...shown, proof };
}

function isOver(time: string | undefined, nowMs: number): boolean {
  return time !== undefined && Date.parse(time) <= nowMs;
}

/** What depends on the clock, on the maker and on use included. */
function keyOf(state: LogState, key: AuditedKey, nowMs: number): Fields {
  const { noticesGiven: _, position: __, endedPosition: ___, resumedAt: ____, ...more } = key;
  const isExpired = isOver(key.expiresAt, nowMs) && key.state !== 'revoked';
  const { lastUsedAt, lastUsedFrom } = state.usage.get(key.id) ?? {};
  const shown = spelled({
    ...more,
    ...(isExpired && { state: 'expired' }),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
    ...(lastUsedFrom && { lastUsedFrom }),
  });
  delete shown['credential'];
  if (key.kind === 'publishable') {
    const origins = key.origins.filter(({ expiresAt }) => !isOver(expiresAt, nowMs));
    const isGone = state.agents.get(key.agentId)?.state !== 'active';
    return { ...shown, origins, ...(isGone && { state: 'revoked' }) };
  }
  const isOut = hasEnded(key) || isExpired;
  const secrets = isOut ? [] : key.secrets.filter(({ validUntil }) => !isOver(validUntil, nowMs));
  const permissions = ROLE_PERMISSIONS[key.role].filter((one) => key.permissions?.includes(one) ?? true);
  return {
    ...shown,
    permissions,
    secrets: secrets.map(({ credential, ...secret }) => secret),
    ...(!isOut && isBeyondMaker(state, key, permissions) && { beyondMaker: true }),
  };
}

function isBeyondMaker(
  { organizations }: LogState,
  { createdBy, organizationId }: AuditedServiceKey,
  permissions: readonly string[],
): boolean {
  if (createdBy.type !== 'user') return false;
  const member = organizations.get(organizationId)?.members.get(createdBy.id);
  const theirs: readonly string[] = member?.state === 'active' ? ROLE_PERMISSIONS[member.role] : [];
  return !permissions.every((one) => theirs.includes(one));
}

/** An older secret that signs no more is not shown. */
function webhookOf(webhook: AuditedWebhook, nowMs: number): Fields {
  const { position: _, enabledAt: __, secrets, eventTypes = ['*'], ...shown } = webhook;
  const standing = secrets.filter(({ validUntil }) => !isOver(validUntil, nowMs));
  return { ...spelled(shown), eventTypes, secrets: standing.map(({ keyVersion: _version, ...one }) => one) };
}
