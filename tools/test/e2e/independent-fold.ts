/**
 * What the keys are, folded from the log by code that shares nothing with the projection or the domain:
 * an auditor's own reading. Compared with Redis record by record (G5).
 */
import { createClient } from 'redis';
import type { RecordedEvent } from '@mcpstack/event-store';

export interface FoldedKey {
  id: string;
  organizationId: string;
  name: string;
  role: string;
  state: string;
  digest: string;
  revision: string;
}

export function foldKeys(events: readonly RecordedEvent[]): Map<string, FoldedKey> {
  const keys = new Map<string, FoldedKey>();
  for (const { stream, type, data, revision } of events) {
    if (!stream.startsWith('key-')) continue;
    const id = stream.slice('key-'.length);
    const known = keys.get(id);
    if (type === 'KeyCreated') {
      const { organizationId, name, role, credential } = data as unknown as FoldedKey & {
        credential: { digest: string };
      };
      keys.set(id, {
        id,
        organizationId,
        name,
        role,
        state: 'active',
        digest: credential.digest,
        revision: '0',
      });
    } else if (known && type === 'KeyRenamed') {
      keys.set(id, { ...known, name: data['name'] as string, revision: String(revision) });
    } else if (known && type === 'KeyRevoked') {
      keys.set(id, { ...known, state: 'revoked', revision: String(revision) });
    } else throw new Error(`${type} at ${stream} fits nothing`);
  }
  return keys;
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
        const record = JSON.parse(data) as FoldedKey & { credential: { digest: string } };
        const { id, organizationId, role, state } = record;
        const { digest } = record.credential;
        keys.set(id, { id, organizationId, name: record.name, role, state, digest, revision: rev });
      }
    }
    return keys;
  } finally {
    redis.destroy();
  }
}
