/**
 * What the keys are, folded from the log by code that shares nothing with the projection or the domain:
 * an auditor's own reading. Compared with Redis record by record (G5).
 */
import { createClient } from 'redis';
import type { RecordedEvent } from '@mcpstack/event-store';

export interface FoldedKey {
  id: string;
  organizationId: string;
  kind: string;
  name: string;
  /** Absent for a publishable key. */
  role: string | undefined;
  state: string;
  expiresAt: string | undefined;
  tags: readonly string[] | undefined;
  /** Absent for a service key. */
  origins: readonly string[] | undefined;
  /** Of the secrets that stand, oldest first. */
  digests: readonly string[];
  revision: string;
}

/** What events of keys may tell. */
interface Facts {
  organizationId: string;
  kind?: string;
  name: string;
  role?: string;
  expiresAt?: string;
  tags?: string[];
  origins?: { origin: string }[];
  origin: string;
  credential: { digest: string };
  version: number;
}

export function foldKeys(events: readonly RecordedEvent[]): Map<string, FoldedKey> {
  const keys = new Map<string, FoldedKey>();
  /** By key: the digest of each version that stands. */
  const secrets = new Map<string, [version: number, digest: string][]>();
  for (const { stream, type, data, revision } of events) {
    if (!stream.startsWith('key-')) continue;
    const id = stream.slice('key-'.length);
    const facts = data as unknown as Facts;
    const stand = secretsAfter(type, facts, secrets.get(id) ?? []);
    secrets.set(id, stand);
    const key = changed(type, facts, keys.get(id) ?? newKey(type, id, facts));
    if (!key) throw new Error(`${type} at ${stream} fits nothing`);
    keys.set(id, { ...key, digests: stand.map(([, digest]) => digest), revision: String(revision) });
  }
  return keys;
}

function newKey(type: string, id: string, facts: Facts): FoldedKey | undefined {
  if (type !== 'KeyCreated' && type !== 'PublicKeyCreated') return undefined;
  const { organizationId, kind = 'publishable', name, role, expiresAt, tags = [], origins } = facts;
  const shared = {
    id,
    organizationId,
    kind,
    name,
    role,
    state: 'active',
    expiresAt,
    digests: [],
    revision: '',
  };
  return kind === 'service'
    ? { ...shared, tags, origins: undefined }
    : { ...shared, tags: undefined, origins: (origins ?? []).map(({ origin }) => origin) };
}

function secretsAfter(type: string, facts: Facts, before: [number, string][]): [number, string][] {
  switch (type) {
    case 'KeyCreated':
    case 'PublicKeyCreated':
      return [[1, facts.credential.digest]];
    case 'KeyRotated':
      return [...before.slice(-1), [facts.version, facts.credential.digest]];
    case 'KeySecretRetired':
      return before.filter(([version]) => version !== facts.version);
    default:
      return before;
  }
}

function changed(type: string, facts: Facts, key: FoldedKey | undefined): FoldedKey | undefined {
  if (!key) return undefined;
  const { name, role = key.role, expiresAt = key.expiresAt, tags, origin } = facts;
  switch (type) {
    case 'KeyCreated':
    case 'PublicKeyCreated':
    case 'KeyRotated':
    case 'KeySecretRetired':
    case 'KeyExpiring':
    case 'KeyExposed':
      return key;
    case 'KeyRenamed':
      return { ...key, name };
    case 'KeyTagged':
      return { ...key, tags };
    case 'KeyNarrowed':
      return { ...key, role, expiresAt };
    case 'KeySuspended':
      return key.state === 'active' ? { ...key, state: 'suspended' } : key;
    case 'KeyResumed':
      return key.state === 'suspended' ? { ...key, state: 'active' } : key;
    case 'KeyRevoked':
      return { ...key, state: 'revoked' };
    case 'KeyExpired':
      return key.state === 'revoked' ? key : { ...key, state: 'expired' };
    case 'PublicKeyOriginAdded':
      return { ...key, origins: [...(key.origins ?? []), origin] };
    case 'PublicKeyOriginRemoved':
      return { ...key, origins: key.origins?.filter((one) => one !== origin) };
    default:
      return undefined;
  }
}

/** What a key's record holds in Redis. */
interface StoredKey extends Pick<FoldedKey, 'id' | 'organizationId' | 'kind' | 'name'> {
  status: string;
  role?: string;
  expiresAt?: string;
  tags?: string[];
  origins?: { origin: string }[];
  credential: { digest: string };
  secrets?: { credential: { digest: string } }[];
}

/** The key records of the generation in force, as they stand in Redis. */
export async function keysInRedis(url: string): Promise<Map<string, FoldedKey>> {
  const redis = createClient({ url });
  await redis.connect();
  try {
    const prefix = 'mcpstack:{p0}:';
    const generation = await redis.hGet(`${prefix}control`, 'active');
    const keys = new Map<string, FoldedKey>();
    for await (const names of redis.scanIterator({ MATCH: `${prefix}${generation}:key:*`, COUNT: 500 })) {
      for (const name of names) {
        const { rev = '', data = '' } = await redis.hGetAll(name);
        const key = foldedOf(JSON.parse(data) as StoredKey, rev);
        keys.set(key.id, key);
      }
    }
    return keys;
  } finally {
    redis.destroy();
  }
}

function foldedOf(stored: StoredKey, revision: string): FoldedKey {
  const { id, organizationId, kind, name, role, status, expiresAt, tags, origins, credential } = stored;
  return {
    id,
    organizationId,
    kind,
    name,
    role,
    state: status,
    expiresAt,
    tags,
    origins: origins?.map(({ origin }) => origin),
    digests: (stored.secrets ?? [{ credential }]).map((secret) => secret.credential.digest),
    revision,
  };
}
