/**
 * The read models as they must be, computed from the log without any code of the read models or the domain: what
 * a generation holds in Redis, name by name (G5). Written from design.md and the events' shapes.
 */
import type { RecordedEvent } from '@mcpstack/event-store';
import type { createClient } from 'redis';
import { foldKey, foldUsage } from './independent-fold-of-keys.ts';
import { foldWebhook } from './independent-fold-of-webhooks.ts';
import { Fold, type Fields, type Step } from './independent-fold-parts.ts';

/** Name within the generation → its value, as plain data. */
export type Dump = Record<string, unknown>;

export function independentFold(events: readonly RecordedEvent[]): Dump {
  const fold = new Fold();
  for (const event of events) {
    const { stream, type, data, metadata, revision, position } = event;
    const dash = stream.indexOf('-');
    const [category, id] = [stream.slice(0, dash), stream.slice(dash + 1)];
    fold.put(`${category}:${id}`, 'rev', `${revision}`);
    const step: Step = {
      fold,
      type,
      data: data as unknown as Fields,
      id,
      at: metadata.at as string,
      actor: metadata.actor as Step['actor'],
      position: Number(position),
    };
    FOLDS[category]!(step);
    tell(step, event, category);
  }
  const claims = Object.entries(fold.claims).map(([digest, { position, keyId }]) => [
    `digest:${digest}`,
    `${position}:${keyId}`,
  ]);
  const windows = Object.entries(fold.windows).map(([keyId, list]) => [`usage-windows:${keyId}`, list]);
  return { ...fold.dump, ...Object.fromEntries([...claims, ...windows]) } as Dump;
}

/** What is told of each event, and under which name what it is about stands in its data. */
const WITHHELD = new Set([
  ...['organizationId', 'kind', 'credential', 'hint', 'value', 'profileId', 'challenge'],
  ...['secret', 'keyVersion'],
]);
const SUBJECTS: [RegExp, string][] = [
  [/^(MemberInvited|Invitation)/, 'invitationId'],
  [/^Member/, 'userId'],
  [/^AgentDomain/, 'domainId'],
];

/** The events of each organization, newest 100,000, and with each record those that are about it. */
function tell({ fold, type, data, id, at, actor }: Step, event: RecordedEvent, category: string): void {
  if (category === 'user' || category === 'usage') return;
  const record = fold.get<{ organizationId?: string }>(`${category}:${id}`, 'data');
  if (!record) return;
  const organization = record.organizationId ?? id;
  const about = SUBJECTS.find(([pattern]) => pattern.test(type))?.[1];
  const subject = about === undefined ? id : data[about as 'userId'];
  const shown = Object.entries(data).filter(([field]) => {
    const isOwnId = field === about || (about === undefined && field === `${category}Id`);
    return !isOwnId && !WITHHELD.has(field);
  });
  const agent = about === 'domainId' ? { agentId: id } : {};
  const named = Object.fromEntries(shown);
  if (category === 'webhook' && typeof data.url === 'string') {
    named['origin'] = new URL(data.url).origin;
    delete named['url'];
  }
  const told = [event.id, type, at, actor.type, actor.id, subject, event.metadata['$correlationId']];
  const list = `organization-events:${organization}`;
  fold.put(list, `${event.position}`, [...told, { ...agent, ...named }]);
  const positions = Object.keys(fold.dump[list]!);
  if (positions.length > 100_000) fold.drop(list, positions.sort((a, b) => Number(a) - Number(b))[0]!);
  if (subject !== id) return;
  const noted = fold.get<string & object>(`${category}:${id}`, 'events');
  fold.put(`${category}:${id}`, 'events', noted ? `${String(noted)} ${event.position}` : `${event.position}`);
}

const FOLDS: Record<string, (step: Step) => void> = {
  organization: foldOrganization,
  user: foldUser,
  agent: foldAgent,
  server: foldServer,
  key: foldKey,
  usage: foldUsage,
  webhook: foldWebhook,
};

function foldOrganization({ fold, type, data, id, at, actor, position }: Step): void {
  const [name, members, invitations] = [`organization:${id}`, `members:${id}`, `invitations:${id}`];
  const set = (more: object): void => fold.put(name, 'data', { ...fold.get(name, 'data'), ...more });
  const join = (userId: string, role: string): void => {
    fold.put(members, userId, { role, state: 'active', joinedAt: at });
    fold.put(`organization-members:${id}`, userId, position);
    fold.put(`user-organizations:${userId}`, id, position);
  };
  const change = (hash: string, field: string, more: object): void => {
    const before = fold.get(hash, field);
    if (before) fold.put(hash, field, { ...before, ...more });
  };
  if (type === 'OrganizationCreated') {
    set({ id, name: data.name, state: 'active', policy: { onMakerLoss: 'list' }, createdAt: at });
    join(data.ownerId, 'owner');
  } else if (type === 'OrganizationRenamed') set({ name: data.name });
  else if (type === 'OrganizationPolicyChanged') set({ policy: data.policy });
  else if (type === 'OrganizationSuspended') set({ state: 'suspended' });
  else if (type === 'OrganizationResumed') set({ state: 'active' });
  else if (type === 'MemberInvited') {
    const { invitationId, role, profileId, credential, expiresAt } = data;
    const shared = { id: invitationId, role, profileId, credential, expiresAt };
    fold.put(invitations, invitationId, { ...shared, state: 'pending', createdAt: at, createdBy: actor });
    fold.put(`organization-invitations:${id}`, invitationId, position);
  } else if (type === 'InvitationRevoked') change(invitations, data.invitationId, { state: 'revoked' });
  else if (type === 'InvitationAccepted') {
    change(invitations, data.invitationId, { state: 'accepted', acceptedBy: data.userId });
    join(data.userId, data.role);
  } else if (type === 'MemberRoleChanged') change(members, data.userId, { role: data.role });
  else if (type === 'MemberSuspended') change(members, data.userId, { state: 'suspended' });
  else if (type === 'MemberResumed') change(members, data.userId, { state: 'active' });
  else if (type === 'MemberRemoved') {
    fold.drop(members, data.userId);
    fold.drop(`organization-members:${id}`, data.userId);
    fold.drop(`user-organizations:${data.userId}`, id);
  } else throw new Error(`${type} fits nothing`);
}

function foldUser({ fold, type, data, id }: Step): void {
  if (type === 'UserProfileChanged') fold.put(`user:${id}`, 'data', data);
  else if (type === 'UserProfileErased') fold.drop(`user:${id}`, 'data');
  else throw new Error(`${type} fits nothing`);
}

interface Agent {
  status: string;
  organizationId: string;
  name: string;
  domains: Record<string, Domain>;
}
interface Domain {
  id: string;
  domain: string;
  state: string;
  challenge: string;
  createdAt: string;
  graceEndsAt?: string;
  contestedAt?: string;
}

function foldAgent({ fold, type, data, id, at, actor, position }: Step): void {
  const name = `agent:${id}`;
  if (type === 'AgentCreated') {
    const { organizationId } = data;
    const record = { status: 'active', id, organizationId, name: data.name, domains: {} };
    fold.put(name, 'data', { ...record, createdAt: at, createdBy: actor });
    fold.put(`organization-agents:${organizationId}`, id, position);
    return;
  }
  const agent = fold.get<Agent>(name, 'data');
  if (!agent) return;
  const held = heldNames(agent);
  const after = structuredClone(agent);
  const { domainId } = data;
  const domain = after.domains[domainId];
  if (type === 'AgentRenamed') after.name = data.name;
  else if (type === 'AgentRemoved') {
    after.status = 'removed';
    fold.drop(`organization-agents:${agent.organizationId}`, id);
  } else if (type === 'AgentDomainAdded') {
    const { challenge } = data;
    after.domains[domainId] = {
      id: domainId,
      domain: data.domain,
      challenge,
      state: 'pending',
      createdAt: at,
    };
    fold.put('domains', `${id}/${domainId}`, position);
  } else if (type === 'AgentDomainRemoved') {
    after.domains = Object.fromEntries(Object.entries(after.domains).filter(([one]) => one !== domainId));
    fold.drop('domains', `${id}/${domainId}`);
  } else if (domain && type === 'AgentDomainVerified') {
    Object.assign(domain, { state: 'verified', verifiedAt: at, method: data.method });
    delete domain.graceEndsAt;
    delete domain.contestedAt;
  } else if (domain && type === 'AgentDomainStale') {
    Object.assign(domain, { state: 'stale', graceEndsAt: data.graceEndsAt });
  } else if (domain && type === 'AgentDomainLapsed') {
    domain.state = 'lapsed';
    delete domain.graceEndsAt;
    delete domain.contestedAt;
  } else if (domain && type === 'AgentDomainContested') {
    Object.assign(domain, { state: 'pending', challenge: data.challenge, contestedAt: at });
    delete domain.graceEndsAt;
  }
  fold.put(name, 'data', after);
  const heldNow = heldNames(after);
  for (const [one, of] of Object.entries(held))
    if (!(one in heldNow)) fold.drop(`domain-holders:${of}`, `${id}/${one}`);
  for (const [one, of] of Object.entries(heldNow))
    if (!(one in held)) fold.put(`domain-holders:${of}`, `${id}/${one}`, position);
}

function heldNames(agent: Agent): Record<string, string> {
  const domains = Object.values(agent.domains);
  const held = domains.filter((one) => one.state === 'verified' || one.state === 'stale');
  return agent.status === 'active' ? Object.fromEntries(held.map((one) => [one.id, one.domain])) : {};
}

function foldServer({ fold, type, data, id, at, actor, position }: Step): void {
  const name = `server:${id}`;
  const before = fold.get<{ organizationId: string }>(name, 'data');
  const set = (more: object): void => fold.put(name, 'data', { ...before, ...more });
  if (type === 'ServerCreated') {
    const { organizationId, url } = data;
    const record = { status: 'active', id, organizationId, name: data.name, ...(url && { url }) };
    set({ ...record, createdAt: at, createdBy: actor });
    fold.put(`organization-servers:${organizationId}`, id, position);
  } else if (!before) return;
  else if (type === 'ServerRenamed') set({ name: data.name });
  else if (type === 'ServerUrlChanged') set({ url: data.url });
  else if (type === 'ServerRemoved') {
    set({ status: 'removed' });
    fold.drop(`organization-servers:${before.organizationId}`, id);
  } else throw new Error(`${type} fits nothing`);
}

/** All that stands under a generation in Redis, but for its position and log id. */
export async function dumpOf(client: ReturnType<typeof createClient>, generation: string): Promise<Dump> {
  const prefix = `mcpstack:{p0}:${generation}:`;
  const dump: Dump = {};
  for await (const names of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    for (const full of names) {
      const name = full.slice(prefix.length);
      if (name === 'meta') continue;
      const value = await valueOf(client, full);
      dump[name] = name.startsWith('organization-events:') ? byPosition(value as Scores) : value;
    }
  }
  return dump;
}

type Scores = Record<string, number>;

function byPosition(members: Scores): Record<string, unknown> {
  const entries = Object.entries(members).map(([member, score]) => [score, JSON.parse(member) as unknown]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

async function valueOf(client: ReturnType<typeof createClient>, full: string): Promise<unknown> {
  const type = await client.type(full);
  if (type === 'string') return client.get(full);
  if (type === 'hash') return parsed(await client.hGetAll(full));
  if (type === 'list') return (await client.lRange(full, 0, -1)).map((text) => JSON.parse(text) as unknown);
  if (type === 'set')
    return Object.fromEntries((await client.sMembers(full)).map((member) => [member, true]));
  const members = await client.zRangeWithScores(full, 0, -1);
  return Object.fromEntries(members.map(({ value, score }) => [value, score]));
}

function parsed(hash: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(hash).map(([field, text]) => [
      field,
      text.startsWith('{') ? (JSON.parse(text) as unknown) : text,
    ]),
  );
}
