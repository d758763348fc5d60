/**
 * The read models as they must be, computed from the log without any code of the read models or the domain: what
 * a generation holds in Redis, name by name (G5). Written from design.md and the events' shapes.
 */
import type { RecordedEvent } from '@mcpstack/event-store';
import type { createClient } from 'redis';

/** Name within the generation → its value, as plain data. */
export type Dump = Record<string, unknown>;

type Data = Record<string, any>;

const DAY_MS = 24 * 60 * 60 * 1_000;

class Fold {
  readonly dump: Record<string, Data> = {};
  /** Digest → who registered it first. */
  readonly claims: Record<string, { position: number; keyId: string }> = {};
  readonly windows: Record<string, Data[]> = {};

  put(name: string, field: string, value: unknown): void {
    (this.dump[name] ??= {})[field] = value;
  }

  drop(name: string, field: string): void {
    const hash = this.dump[name];
    if (!hash) return;
    delete hash[field];
    if (Object.keys(hash).length === 0) delete this.dump[name];
  }

  get(name: string, field: string): Data | undefined {
    return this.dump[name]?.[field] as Data | undefined;
  }
}

/** One event, with what most folds of it need. */
interface Step {
  fold: Fold;
  type: string;
  data: Data;
  id: string;
  at: string;
  actor: unknown;
  position: number;
}

export function independentFold(events: readonly RecordedEvent[]): Dump {
  const fold = new Fold();
  for (const { stream, type, data, metadata, revision, position } of events) {
    const dash = stream.indexOf('-');
    const [category, id] = [stream.slice(0, dash), stream.slice(dash + 1)];
    fold.put(`${category}:${id}`, 'rev', `${revision}`);
    const step: Step = {
      fold,
      type,
      data,
      id,
      at: metadata['at'] as string,
      actor: metadata['actor'],
      position: Number(position),
    };
    FOLDS[category]!(step);
  }
  const claims = Object.entries(fold.claims).map(([digest, { position, keyId }]) => [
    `digest:${digest}`,
    `${position}:${keyId}`,
  ]);
  const windows = Object.entries(fold.windows).map(([keyId, list]) => [`usage-windows:${keyId}`, list]);
  return { ...fold.dump, ...Object.fromEntries([...claims, ...windows]) } as Dump;
}

const FOLDS: Record<string, (step: Step) => void> = {
  organization: foldOrganization,
  user: foldUser,
  agent: foldAgent,
  server: foldServer,
  key: foldKey,
  usage: foldUsage,
};

function foldOrganization({ fold, type, data, id, at, actor, position }: Step): void {
  const [name, members, invitations] = [`organization:${id}`, `members:${id}`, `invitations:${id}`];
  const set = (more: Data): void => fold.put(name, 'data', { ...fold.get(name, 'data'), ...more });
  const join = (userId: string, role: string): void => {
    fold.put(members, userId, { role, state: 'active', joinedAt: at });
    fold.put(`organization-members:${id}`, userId, position);
    fold.put(`user-organizations:${userId}`, id, position);
  };
  const change = (hash: string, field: string, more: Data): void => {
    const before = fold.get(hash, field);
    if (before) fold.put(hash, field, { ...before, ...more });
  };
  if (type === 'OrganizationCreated') {
    set({ id, name: data['name'], state: 'active', policy: { onMakerLoss: 'list' }, createdAt: at });
    join(data['ownerId'], 'owner');
  } else if (type === 'OrganizationRenamed') set({ name: data['name'] });
  else if (type === 'OrganizationPolicyChanged') set({ policy: data['policy'] });
  else if (type === 'OrganizationSuspended') set({ state: 'suspended' });
  else if (type === 'OrganizationResumed') set({ state: 'active' });
  else if (type === 'MemberInvited') {
    const { invitationId, role, profileId, credential, expiresAt } = data;
    const shared = { id: invitationId, role, profileId, credential, expiresAt };
    fold.put(invitations, invitationId, { ...shared, state: 'pending', createdAt: at, createdBy: actor });
    fold.put(`organization-invitations:${id}`, invitationId, position);
  } else if (type === 'InvitationRevoked') change(invitations, data['invitationId'], { state: 'revoked' });
  else if (type === 'InvitationAccepted') {
    change(invitations, data['invitationId'], { state: 'accepted', acceptedBy: data['userId'] });
    join(data['userId'], data['role']);
  } else if (type === 'MemberRoleChanged') change(members, data['userId'], { role: data['role'] });
  else if (type === 'MemberSuspended') change(members, data['userId'], { state: 'suspended' });
  else if (type === 'MemberResumed') change(members, data['userId'], { state: 'active' });
  else if (type === 'MemberRemoved') {
    fold.drop(members, data['userId']);
    fold.drop(`organization-members:${id}`, data['userId']);
    fold.drop(`user-organizations:${data['userId']}`, id);
  } else throw new Error(`${type} fits nothing`);
}

function foldUser({ fold, type, data, id }: Step): void {
  if (type === 'UserProfileChanged') fold.put(`user:${id}`, 'data', data);
  else if (type === 'UserProfileErased') fold.drop(`user:${id}`, 'data');
  else throw new Error(`${type} fits nothing`);
}

function foldAgent({ fold, type, data, id, at, actor, position }: Step): void {
  const name = `agent:${id}`;
  if (type === 'AgentCreated') {
    const { organizationId } = data;
    const record = { status: 'active', id, organizationId, name: data['name'], domains: {} };
    fold.put(name, 'data', { ...record, createdAt: at, createdBy: actor });
    fold.put(`organization-agents:${organizationId}`, id, position);
    return;
  }
  const agent = fold.get(name, 'data');
  if (!agent) return;
  const held = heldNames(agent);
  const after = structuredClone(agent);
  const { domainId } = data;
  const domain = after['domains'][domainId] as Data | undefined;
  if (type === 'AgentRenamed') after['name'] = data['name'];
  else if (type === 'AgentRemoved') {
    after['status'] = 'removed';
    fold.drop(`organization-agents:${agent['organizationId']}`, id);
  } else if (type === 'AgentDomainAdded') {
    const { challenge } = data;
    after['domains'][domainId] = {
      id: domainId,
      domain: data['domain'],
      challenge,
      state: 'pending',
      createdAt: at,
    };
    fold.put('domains', `${id}/${domainId}`, position);
  } else if (type === 'AgentDomainRemoved') {
    delete after['domains'][domainId];
    fold.drop('domains', `${id}/${domainId}`);
  } else if (domain && type === 'AgentDomainVerified') {
    Object.assign(domain, { state: 'verified', verifiedAt: at, method: data['method'] });
    delete domain['graceEndsAt'];
    delete domain['contestedAt'];
  } else if (domain && type === 'AgentDomainStale') {
    Object.assign(domain, { state: 'stale', graceEndsAt: data['graceEndsAt'] });
  } else if (domain && type === 'AgentDomainLapsed') {
    domain['state'] = 'lapsed';
    delete domain['graceEndsAt'];
    delete domain['contestedAt'];
  } else if (domain && type === 'AgentDomainContested') {
    Object.assign(domain, { state: 'pending', challenge: data['challenge'], contestedAt: at });
    delete domain['graceEndsAt'];
  }
  fold.put(name, 'data', after);
  const heldNow = heldNames(after);
  for (const [one, of] of Object.entries(held))
    if (!(one in heldNow)) fold.drop(`domain-holders:${of}`, `${id}/${one}`);
  for (const [one, of] of Object.entries(heldNow))
    if (!(one in held)) fold.put(`domain-holders:${of}`, `${id}/${one}`, position);
}

function heldNames(agent: Data): Record<string, string> {
  const domains = Object.values(agent['domains'] as Record<string, Data>);
  const held = domains.filter((one) => one['state'] === 'verified' || one['state'] === 'stale');
  return agent['status'] === 'active'
    ? Object.fromEntries(held.map((one) => [one['id'], one['domain']]))
    : {};
}

function foldServer({ fold, type, data, id, at, actor, position }: Step): void {
  const name = `server:${id}`;
  const before = fold.get(name, 'data');
  const set = (more: Data): void => fold.put(name, 'data', { ...before, ...more });
  if (type === 'ServerCreated') {
    const { organizationId, url } = data;
    const record = { status: 'active', id, organizationId, name: data['name'], ...(url && { url }) };
    set({ ...record, createdAt: at, createdBy: actor });
    fold.put(`organization-servers:${organizationId}`, id, position);
  } else if (!before) return;
  else if (type === 'ServerRenamed') set({ name: data['name'] });
  else if (type === 'ServerUrlChanged') set({ url: data['url'] });
  else if (type === 'ServerRemoved') {
    set({ status: 'removed' });
    fold.drop(`organization-servers:${before['organizationId']}`, id);
  } else throw new Error(`${type} fits nothing`);
}

function foldKey(step: Step): void {
  const { fold, type, data, id, position } = step;
  const name = `key:${id}`;
  const before = fold.get(name, 'data');
  if (type === 'KeyCreated' || type === 'PublicKeyCreated' || type === 'KeyRotated') {
    const { digest } = data['credential'] as { digest: string };
    const held = fold.claims[digest];
    if (!held || held.position > position) fold.claims[digest] = { position, keyId: id };
  }
  const after = before ? changedKey(step, structuredClone(before)) : newKey(step);
  if (!after) return;
  fold.put(name, 'data', after);
  const { organizationId, kind, agentId, createdBy } = after;
  if (!before) {
    fold.put(name, 'org', organizationId);
    if (kind === 'publishable') {
      fold.put(name, 'agent', agentId);
      fold.put(`organization-public-keys:${organizationId}`, id, position);
      fold.put(`agent-public-keys:${organizationId}:${agentId}`, id, position);
    } else {
      fold.put(`organization-keys:${organizationId}`, id, position);
      fold.put(`maker-keys:${organizationId}:${createdBy.type}:${createdBy.id}`, id, position);
    }
  }
  const ended = after['status'] === 'revoked' || after['status'] === 'expired';
  if (ended) fold.drop(`maker-keys:${organizationId}:${createdBy?.type}:${createdBy?.id}`, id);
  const due = ended ? undefined : dueMs(after);
  if (due === undefined) fold.drop('due-keys', id);
  else fold.put('due-keys', id, due);
  if (kind !== 'publishable') return;
  for (const { origin } of before?.['origins'] ?? []) fold.drop(`origin:${origin}`, id);
  if (ended) return;
  const keyEnd = after['expiresAt'] ? Date.parse(after['expiresAt']) : Infinity;
  for (const { origin } of after['origins']) {
    const ends = (after['origins'] as Data[])
      .filter((one) => one['origin'] === origin)
      .map((one) => (one['expiresAt'] ? Date.parse(one['expiresAt']) : Infinity));
    fold.put(`origin:${origin}`, id, Math.min(keyEnd, Math.max(...ends)));
  }
}

function newKey({ type, data, id, at, actor }: Step): Data | undefined {
  const { keyId: _, credential, hint, tags, ...rest } = data;
  const common = { status: 'active', id, noticesGiven: [], createdAt: at, createdBy: actor };
  if (type === 'PublicKeyCreated') return { ...common, ...rest, kind: 'publishable', credential };
  if (type !== 'KeyCreated') return undefined;
  const secret = { version: 1, credential, createdAt: at, ...(hint && { hint }) };
  return { ...common, ...rest, tags: tags ?? [], secrets: [secret] };
}

function changedKey({ type, data, at }: Step, key: Data): Data {
  const secrets = (key['secrets'] ?? []) as Data[];
  switch (type) {
    case 'KeyRenamed':
      key['name'] = data['name'];
      break;
    case 'KeyTagged':
      key['tags'] = data['tags'];
      break;
    case 'KeyNarrowed':
      if (data['expiresAt'] && data['expiresAt'] !== key['expiresAt']) key['noticesGiven'] = [];
      Object.assign(key, data);
      break;
    case 'KeyRotated': {
      const { version, credential, hint, previous } = data;
      const last = { ...secrets.at(-1), ...previous };
      key['secrets'] = [last, { version, credential, createdAt: at, ...(hint && { hint }) }];
      break;
    }
    case 'KeySecretRetired':
      key['secrets'] = secrets.filter((one) => one['version'] !== data['version']);
      break;
    case 'KeySuspended':
      if (key['status'] === 'active') Object.assign(key, { status: 'suspended', suspendedAt: at });
      break;
    case 'KeyResumed':
      if (key['status'] !== 'suspended') break;
      key['status'] = 'active';
      delete key['suspendedAt'];
      break;
    case 'KeyRevoked':
      if (key['status'] === 'revoked') break;
      Object.assign(key, { status: 'revoked', revokedAt: at, revocationReason: data['reason'] });
      break;
    case 'KeyExpired':
      if (key['status'] !== 'revoked') key['status'] = 'expired';
      break;
    case 'KeyExpiring':
      key['noticesGiven'].push(data['daysBefore']);
      break;
    case 'KeyExposed':
      key['exposedAt'] = at;
      break;
    case 'PublicKeyOriginAdded':
      key['origins'].push(data);
      break;
    case 'PublicKeyOriginRemoved':
      key['origins'] = key['origins'].filter((one: Data) => one['origin'] !== data['origin']);
      break;
    case 'KeyCreated':
    case 'PublicKeyCreated':
      break;
    default:
      throw new Error(`${type} fits nothing`);
  }
  return key;
}

/** 30, 7 and 1 days before, each once and none that lies before the key was made; then the expiry. */
function dueMs(key: Data): number | undefined {
  if (!key['expiresAt']) return undefined;
  const end = Date.parse(key['expiresAt']);
  const left = [30, 7, 1].filter(
    (days) => !key['noticesGiven'].includes(days) && end - days * DAY_MS >= Date.parse(key['createdAt']),
  );
  return left.length > 0 ? end - left[0]! * DAY_MS : end;
}

function foldUsage({ fold, type, data, id }: Step): void {
  if (type !== 'KeyUsed') throw new Error(`${type} fits nothing`);
  const { from, to, count, lastUsedAt } = data;
  const before = fold.get(`usage:${id}`, 'data');
  fold.put(`usage:${id}`, 'data', {
    keyId: id,
    count: count + (before?.['count'] ?? 0),
    firstUsedAt: [before?.['firstUsedAt'] ?? from, from].sort()[0],
    lastUsedAt: [before?.['lastUsedAt'] ?? lastUsedAt, lastUsedAt].sort()[1],
  });
  fold.windows[id] = [{ from, to, count }, ...(fold.windows[id] ?? [])].slice(0, 100);
}

/** All that stands under a generation in Redis, but for its position and log id. */
export async function dumpOf(client: ReturnType<typeof createClient>, generation: string): Promise<Dump> {
  const prefix = `mcpstack:{p0}:${generation}:`;
  const dump: Dump = {};
  for await (const names of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    for (const full of names) {
      const name = full.slice(prefix.length);
      if (name !== 'meta') dump[name] = await valueOf(client, full);
    }
  }
  return dump;
}

async function valueOf(client: ReturnType<typeof createClient>, full: string): Promise<unknown> {
  const type = await client.type(full);
  if (type === 'string') return client.get(full);
  if (type === 'hash') return parsed(await client.hGetAll(full));
  if (type === 'list') return (await client.lRange(full, 0, -1)).map((text) => JSON.parse(text) as unknown);
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
