/**
 * The read models as they must be, computed from the log without any code of the read models: what a
 * generation holds in Redis, name by name (G5). Written from design.md and the events' shapes.
 */
import { ROLE_PERMISSIONS, type Role } from '@mcpstack/contracts';
import type { RecordedEvent } from '@mcpstack/event-store';
import type { createClient } from 'redis';

/** Name within the generation → its value, as plain data. */
export type Dump = Record<string, unknown>;

export function independentFold(events: readonly RecordedEvent[]): Dump {
  const dump: Dump = {};
  const put = (name: string, field: string, value: unknown): void => {
    dump[name] = { ...(dump[name] as object | undefined), [field]: value };
  };
  for (const { stream, type, data: raw, metadata, revision, position } of events) {
    const data = raw as Record<string, string> & { permissions?: string[]; credential?: { digest: string } };
    const id = stream.slice(stream.indexOf('-') + 1);
    const name = stream.startsWith('key-') ? `key:${id}` : `organization:${id}`;
    const before = (dump[name] as { data?: Record<string, unknown> } | undefined)?.data;
    put(name, 'rev', `${revision}`);
    if (type === 'OrganizationCreated') {
      put(name, 'data', { id, name: data['name'], status: 'active', createdAt: metadata['at'] });
      put(`members:${id}`, data['ownerId']!, { role: 'owner' });
      put(`user-organizations:${data['ownerId']}`, id, Number(position));
    } else if (type === 'KeyCreated') {
      const all = ROLE_PERMISSIONS[data['role'] as Role];
      const narrowed = data.permissions;
      put(name, 'org', data['organizationId']);
      put(name, 'data', {
        id,
        organizationId: data['organizationId'],
        kind: 'service',
        name: data['name'],
        role: data['role'],
        permissions: all.filter((permission) => !narrowed || narrowed.includes(permission)),
        state: 'active',
        createdAt: metadata['at'],
        createdBy: metadata['actor'],
        credential: data['credential'],
      });
      dump[`digest:${data.credential!.digest}`] ??= id;
      put(`organization-keys:${data['organizationId']}`, id, Number(position));
    } else if (type === 'KeyRenamed') {
      put(name, 'data', { ...before, name: data['name'] });
    } else if (type === 'KeyRevoked' && before?.['state'] === 'active') {
      put(name, 'data', { ...before, state: 'revoked', revokedAt: metadata['at'] });
    }
  }
  return dump;
}

/** All that stands under a generation in Redis, but for its position and log id. */
export async function dumpOf(client: ReturnType<typeof createClient>, generation: string): Promise<Dump> {
  const prefix = `mcpstack:{p0}:${generation}:`;
  const dump: Dump = {};
  for await (const names of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
    for (const full of names) {
      const name = full.slice(prefix.length);
      if (name === 'meta') continue;
      const type = await client.type(full);
      if (type === 'string') dump[name] = await client.get(full);
      else if (type === 'hash') dump[name] = parsed(await client.hGetAll(full));
      else
        dump[name] = Object.fromEntries(
          (await client.zRangeWithScores(full, 0, -1)).map(({ value, score }) => [value, score]),
        );
    }
  }
  return dump;
}

function parsed(hash: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(hash).map(([field, text]) => [
      field,
      text.startsWith('{') ? (JSON.parse(text) as unknown) : text,
    ]),
  );
}
