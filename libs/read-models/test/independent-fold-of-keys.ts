/** The independent fold of keys and of their use, see independent-fold.ts. */
import type { Fields, Step } from './independent-fold-parts.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

interface Key {
  status: string;
  kind: string;
  organizationId: string;
  agentId?: string;
  createdAt: string;
  createdBy: { type: string; id: string };
  name: string;
  tags?: string[];
  noticesGiven: number[];
  expiresAt?: string;
  suspendedAt?: string;
  exposedAt?: string;
  secrets?: { version: number; [field: string]: unknown }[];
  origins?: { origin: string; expiresAt?: string }[];
}
interface Usage {
  count: number;
  firstUsedAt: string;
  lastUsedAt: string;
  lastUsedFrom?: object;
  toldAt?: string;
}

export function foldKey(step: Step): void {
  const { fold, type, data, id, position } = step;
  const name = `key:${id}`;
  const before = fold.get<Key>(name, 'data');
  if (type === 'KeyCreated' || type === 'PublicKeyCreated' || type === 'KeyRotated') {
    const { digest } = data.credential;
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
      if (createdBy.type === 'key')
        fold.put(`organization-making-keys:${organizationId}`, createdBy.id, true);
    }
  }
  const hasEnded = (key: Key): boolean => key.status === 'revoked' || key.status === 'expired';
  const ended = hasEnded(after);
  const maker = `${organizationId}:${createdBy.type}:${createdBy.id}`;
  if (kind === 'service' && ended && !hasEnded(before!)) {
    fold.drop(`maker-keys:${maker}`, id);
    fold.put(`maker-ended-keys:${maker}`, id, position);
  }
  const due = ended ? undefined : dueMs(after);
  if (due === undefined) fold.drop('due-keys', id);
  else fold.put('due-keys', id, due);
  if (kind !== 'publishable') return;
  for (const { origin } of before?.origins ?? []) fold.drop(`origin:${origin}`, id);
  if (ended) return;
  const keyEnd = after.expiresAt ? Date.parse(after.expiresAt) : Infinity;
  for (const { origin } of after.origins ?? []) {
    const ends = (after.origins ?? [])
      .filter((one) => one.origin === origin)
      .map((one) => (one.expiresAt ? Date.parse(one.expiresAt) : Infinity));
    fold.put(`origin:${origin}`, id, Math.min(keyEnd, Math.max(...ends)));
  }
}

function newKey({ type, data, id, at, actor }: Step): Key | undefined {
  const { credential, hint, tags, ...rest } = without(data, 'keyId');
  const common = { status: 'active', id, noticesGiven: [], createdAt: at, createdBy: actor };
  if (type === 'PublicKeyCreated')
    return { ...common, ...rest, kind: 'publishable', credential } as unknown as Key;
  if (type !== 'KeyCreated') return undefined;
  const secret = { version: 1, credential, createdAt: at, ...(hint && { hint }) };
  return { ...common, ...rest, kind: 'service', tags: tags ?? [], secrets: [secret] };
}

function changedKey({ type, data, at }: Step, key: Key): Key {
  const secrets = key.secrets ?? [];
  switch (type) {
    case 'KeyRenamed':
      key.name = data.name;
      break;
    case 'KeyTagged':
      key.tags = data.tags ?? [];
      break;
    case 'KeyNarrowed':
      if (data.expiresAt && data.expiresAt !== key.expiresAt) key.noticesGiven = [];
      Object.assign(key, data);
      break;
    case 'KeyRotated': {
      const { version, credential, hint, previous } = data;
      const last = { ...secrets.at(-1)!, ...previous };
      key.secrets = [last, { version, credential, createdAt: at, ...(hint && { hint }) }];
      break;
    }
    case 'KeySecretRetired':
      key.secrets = secrets.filter((one) => one.version !== data.version);
      break;
    case 'KeySuspended':
      if (key.status === 'active') Object.assign(key, { status: 'suspended', suspendedAt: at });
      break;
    case 'KeyResumed':
      if (key.status !== 'suspended') break;
      key.status = 'active';
      delete key.suspendedAt;
      break;
    case 'KeyRevoked':
      if (key.status === 'revoked') break;
      Object.assign(key, { status: 'revoked', revokedAt: at, revocationReason: data.reason });
      break;
    case 'KeyExpired':
      if (key.status !== 'revoked') key.status = 'expired';
      break;
    case 'KeyExpiring':
      key.noticesGiven.push(data.daysBefore);
      break;
    case 'KeyExposed':
      key.exposedAt = at;
      break;
    case 'PublicKeyOriginAdded':
      key.origins = [...(key.origins ?? []), { origin: data.origin, expiresAt: data.expiresAt }];
      break;
    case 'PublicKeyOriginRemoved':
      key.origins = (key.origins ?? []).filter((one) => one.origin !== data.origin);
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
function dueMs(key: Key): number | undefined {
  if (!key.expiresAt) return undefined;
  const end = Date.parse(key.expiresAt);
  const left = [30, 7, 1].filter(
    (days) => !key.noticesGiven.includes(days) && end - days * DAY_MS >= Date.parse(key.createdAt),
  );
  return left.length > 0 ? end - left[0]! * DAY_MS : end;
}

export function foldUsage({ fold, type, data, id }: Step): void {
  if (type !== 'KeyUsed') throw new Error(`${type} fits nothing`);
  const { from, to, count, lastUsedAt, lastUsedFrom } = data;
  const before = fold.get<Usage>(`usage:${id}`, 'data');
  fold.put(`usage:${id}`, 'data', {
    keyId: id,
    count: count + (before?.count ?? 0),
    firstUsedAt: [before?.firstUsedAt ?? from, from].sort()[0],
    lastUsedAt: [before?.lastUsedAt ?? lastUsedAt, lastUsedAt].sort()[1],
    ...(lastUsedFrom && lastUsedAt >= (before?.toldAt ?? '')
      ? { lastUsedFrom, toldAt: lastUsedAt }
      : before?.toldAt && { lastUsedFrom: before.lastUsedFrom, toldAt: before.toldAt }),
  });
  fold.windows[id] = [{ from, to, count }, ...(fold.windows[id] ?? [])].slice(0, 100);
}

function without<Name extends keyof Fields>(data: Fields, name: Name): Omit<Fields, Name> {
  return Object.fromEntries(Object.entries(data).filter(([field]) => field !== name)) as Omit<Fields, Name>;
}
