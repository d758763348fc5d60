/**
 * What the read models in Redis must hold, told from this fold alone: name by name within a generation, and of each
 * name field by field. Written from what stands in Redis, without the code that writes it there.
 */
import type { LogFold } from './fold.ts';
import { keyNames, keyCell } from './read-models-keys.ts';
import type { AuditedAgent, AuditedOrganization } from './state.ts';

/** Of the shapes that are told here; Redis names the one that it holds. */
export const READ_MODELS_SCHEMA = '5';

/** `log`: a sorted set of events by position, which are its fields. */
export type NameKind = 'hash' | 'sorted-set' | 'set' | 'list' | 'string' | 'log';

/** One name, and some or all of the fields that must stand there: of what is no hash or set, the one field ''. */
export interface ExpectedName {
  name: string;
  kind: NameKind;
  fields: readonly string[];
}

/** Fields that are told at once. */
const MOST_FIELDS = 256;

/** Every name that must be there; names with many fields come several times. What is added meanwhile comes, too. */
export function* expectedNames(fold: LogFold): Generator<ExpectedName, void, undefined> {
  const { organizations, users, agents, servers, keys, usage, webhooks } = fold.state;
  for (const organization of organizations.values()) yield* organizationNames(organization);
  for (const id of users.keys()) yield record(`user:${id}`);
  for (const agent of agents.values()) yield* agentNames(agent);
  for (const { id, organizationId } of servers.values()) {
    yield record(`server:${id}`);
    yield { name: `organization-servers:${organizationId}`, kind: 'sorted-set', fields: [id] };
  }
  for (const { id, organizationId } of webhooks.values()) {
    yield record(`webhook:${id}`);
    for (const name of [`organization-webhooks:${organizationId}`, 'webhooks'])
      yield { name, kind: 'sorted-set', fields: [id] };
  }
  for (const key of keys.values()) yield* keyNames(key);
  for (const digest of fold.state.claims.keys())
    yield { name: `digest:${digest}`, kind: 'string', fields: [''] };
  for (const id of usage.keys()) {
    yield record(`usage:${id}`);
    yield { name: `usage-windows:${id}`, kind: 'list', fields: [''] };
  }
  for (const [id, list] of fold.state.told)
    for (const positions of inPieces(list.positions))
      yield { name: `${TOLD}${id}`, kind: 'log', fields: positions.map(String) };
  for (const { events, fault } of fold.broken.values()) {
    const name = recordOf(fault.stream);
    if (name === undefined) continue;
    yield record(name);
    for (let from = 0; from < events.length; from += MOST_FIELDS) {
      const some = events.slice(from, from + MOST_FIELDS);
      yield { name: 'parked', kind: 'sorted-set', fields: some.map((event) => parkedEntry(fault, event)) };
    }
  }
}

/** The fields of every record. */
export const RECORD = ['rev', 'data', 'parked', 'events'];
const TOLD = 'organization-events:';

function record(name: string): ExpectedName {
  return { name, kind: 'hash', fields: RECORD };
}

function* organizationNames(organization: AuditedOrganization): Generator<ExpectedName, void, undefined> {
  const { id, members, invitations } = organization;
  yield record(`organization:${id}`);
  for (const fields of inPieces(members.keys())) {
    yield { name: `members:${id}`, kind: 'hash', fields };
    yield { name: `organization-members:${id}`, kind: 'sorted-set', fields };
    for (const userId of fields)
      yield { name: `user-organizations:${userId}`, kind: 'sorted-set', fields: [id] };
  }
  for (const fields of inPieces(invitations.keys())) {
    yield { name: `invitations:${id}`, kind: 'hash', fields };
    yield { name: `organization-invitations:${id}`, kind: 'sorted-set', fields };
  }
}

function* agentNames({
  id,
  organizationId,
  domains,
}: AuditedAgent): Generator<ExpectedName, void, undefined> {
  yield record(`agent:${id}`);
  yield { name: `organization-agents:${organizationId}`, kind: 'sorted-set', fields: [id] };
  for (const domain of domains.values()) {
    const fields = [`${id}/${domain.id}`];
    yield { name: 'domains', kind: 'sorted-set', fields };
    yield { name: `domain-holders:${domain.domain}`, kind: 'sorted-set', fields };
  }
}

function* inPieces<Item>(ids: Iterable<Item>): Generator<Item[], void, undefined> {
  let piece: Item[] = [];
  for (const id of ids) {
    piece.push(id);
    if (piece.length < MOST_FIELDS) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

/** What must stand there: `undefined` for nothing. Scores are numbers, members of sets `true`, the rest is plain data. */
export function expectedValue(fold: LogFold, name: string, field: string): unknown {
  const colon = name.indexOf(':');
  const [kind, id] = colon < 0 ? [name, ''] : [name.slice(0, colon), name.slice(colon + 1)];
  const { organizations, users, agents, servers, usage, webhooks } = fold.state;
  switch (kind) {
    case 'organization':
      return recordCell(fold, `organization-${id}`, field, () => organizationRecord(organizations.get(id)));
    case 'members':
      return memberPart(organizations.get(id), field);
    case 'organization-events':
      return fold.state.told.get(id)?.at(Number(field));
    case 'organization-members':
      return organizations.get(id)?.members.get(field)?.joinedPosition;
    case 'user-organizations':
      return organizations.get(field)?.members.get(id)?.joinedPosition;
    case 'invitations':
      return invitationPart(organizations.get(id), field);
    case 'organization-invitations':
      return organizations.get(id)?.invitations.get(field)?.position;
    case 'user':
      return recordCell(fold, `user-${id}`, field, () => users.get(id)?.profile);
    case 'agent':
      return recordCell(fold, `agent-${id}`, field, () => agentRecord(agents.get(id)));
    case 'organization-agents':
      return listedIn(agents.get(field), id);
    case 'domains':
    case 'domain-holders':
      return domainCell(fold, { list: kind, domain: id }, field);
    case 'server':
      return recordCell(fold, `server-${id}`, field, () => serverRecord(fold, id));
    case 'organization-servers':
      return listedIn(servers.get(field), id);
    case 'webhook':
      return recordCell(fold, `webhook-${id}`, field, () => webhookRecord(fold, id));
    case 'organization-webhooks':
      return listedIn(webhooks.get(field), id);
    case 'webhooks':
      return listedIn(webhooks.get(field), webhooks.get(field)?.organizationId ?? '');
    case 'usage':
      return recordCell(fold, `usage-${id}`, field, () => usageRecord(fold, id));
    case 'usage-windows':
      return usage.get(id)?.windows;
    case 'parked':
      return parkedPosition(fold, field);
    default:
      return keyCell(fold, { kind, id, field }, (read) => recordCell(fold, `key-${id}`, field, read));
  }
}

/** A record of one stream: its revision, what the stream comes to, and the mark of one that cannot be read. */
function recordCell(fold: LogFold, stream: string, field: string, read: () => unknown): unknown {
  const broken = fold.broken.get(stream);
  switch (field) {
    case 'rev': {
      const revision = broken?.revision ?? fold.revisionOf(stream);
      return revision === undefined ? undefined : `${revision}`;
    }
    case 'parked':
      return broken && `${broken.fault.revision} ${broken.fault.code}`;
    case 'data':
      return read();
    case 'events':
      return fold.notedOf(stream);
    default:
      return undefined;
  }
}

function organizationRecord(organization: AuditedOrganization | undefined): unknown {
  if (!organization) return undefined;
  const { id, name, state, policy, createdAt } = organization;
  return { id, name, state, policy, createdAt };
}

function memberPart(organization: AuditedOrganization | undefined, userId: string): unknown {
  const member = organization?.members.get(userId);
  return member && { role: member.role, state: member.state, joinedAt: member.joinedAt };
}

function invitationPart(organization: AuditedOrganization | undefined, invitationId: string): unknown {
  const invitation = organization?.invitations.get(invitationId);
  if (!invitation) return undefined;
  const { position: _, ...part } = invitation;
  return part;
}

function agentRecord(agent: AuditedAgent | undefined): unknown {
  if (!agent) return undefined;
  const { id, organizationId, name, state, createdAt, createdBy } = agent;
  const domains = [...agent.domains].map(([domainId, { position: _, heldPosition: __, ...domain }]) => [
    domainId,
    domain,
  ]);
  const record = { status: state, id, organizationId, name, createdAt, createdBy };
  return { ...record, domains: Object.fromEntries(domains) as object };
}

function listedIn(
  thing: { organizationId: string; state: string; wasRemoved?: true; position: number } | undefined,
  organizationId: string,
): number | undefined {
  if (thing?.organizationId !== organizationId) return undefined;
  return thing.state === 'removed' || thing.wasRemoved ? undefined : thing.position;
}

/** The list of all domains, and of those that hold a name: of agents that were not removed. */
function domainCell(
  { state }: LogFold,
  { list, domain }: { list: 'domains' | 'domain-holders'; domain: string },
  field: string,
): number | undefined {
  const [agentId = '', domainId = ''] = field.split('/');
  const agent = state.agents.get(agentId);
  const found = agent?.domains.get(domainId);
  if (list === 'domains') return found?.position;
  return agent?.state === 'active' && found?.domain === domain ? found.heldPosition : undefined;
}

function serverRecord({ state }: LogFold, id: string): unknown {
  const server = state.servers.get(id);
  if (!server) return undefined;
  const { state: status, position: _, revision: __, noted: ___, ...shown } = server;
  return { ...shown, status };
}

function webhookRecord({ state }: LogFold, id: string): unknown {
  const webhook = state.webhooks.get(id);
  if (!webhook) return undefined;
  const { state: status, position, revision: _, noted: __, wasRemoved: ___, ...shown } = webhook;
  return { ...shown, status, createdPosition: `${position}` };
}

function usageRecord({ state }: LogFold, id: string): unknown {
  const use = state.usage.get(id);
  if (!use) return undefined;
  const { windows: _, revision: __, noted: ___, ...shown } = use;
  return shown;
}

const PROJECTED = new Set(['organization', 'user', 'agent', 'server', 'key', 'usage', 'webhook']);

/** The name of a stream's record; checkpoints and what is none of ours have none. */
function recordOf(stream: string): string | undefined {
  const dash = stream.indexOf('-');
  const category = stream.slice(0, Math.max(dash, 0));
  const isProjected = PROJECTED.has(category);
  return isProjected ? `${category}:${stream.slice(dash + 1)}` : undefined;
}

interface Parked {
  stream: string;
  revision: string;
  type: string;
  reason: string;
}

function parkedEntry(
  { stream, code, revision }: { stream: string; code: string; revision: number },
  event: { revision: number; type: string },
): string {
  const reason = event.revision === revision ? code : 'follows a parked event';
  const entry: Parked = { stream, revision: `${event.revision}`, type: event.type.slice(0, 64), reason };
  return JSON.stringify(entry);
}

function parkedPosition(fold: LogFold, field: string): number | undefined {
  const stream = streamIn(field);
  const broken = stream === undefined ? undefined : fold.broken.get(stream);
  return broken?.events.find((event) => parkedEntry(broken.fault, event) === field)?.position;
}

function streamIn(entry: string): string | undefined {
  try {
    const stream = (JSON.parse(entry) as Partial<Parked> | null)?.stream;
    return typeof stream === 'string' ? stream : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the name is one whose fields are positions. */
export function isLogName(name: string): boolean {
  return name.startsWith(TOLD);
}
