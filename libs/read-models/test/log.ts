/** A log in memory, and random histories of it, for the specs of the read models. */
import { createHash, randomUUID } from 'node:crypto';
import { newId, type Actor, type Permission } from '@mcpstack/contracts';
import { streamName } from '@mcpstack/domain';
import type { RecordedEvent } from '@mcpstack/event-store';

export const ACTOR: Actor = { type: 'user', id: 'user_1' };

export class MemoryLog {
  readonly events: RecordedEvent[] = [];

  append(stream: string, type: string, data: Record<string, unknown>, schemaVersion = 1): RecordedEvent {
    const event: RecordedEvent = {
      id: randomUUID(),
      type,
      data,
      metadata: {
        $correlationId: `request-${this.events.length}`,
        $causationId: randomUUID(),
        actor: ACTOR,
        at: new Date(Date.UTC(2026, 0, 1) + this.events.length).toISOString(),
        schemaVersion,
        requestDigest: 'd'.repeat(64),
      },
      stream,
      revision: BigInt(this.of(stream).length),
      position: BigInt(this.events.length + 1),
    };
    this.events.push(event);
    return event;
  }

  of(stream: string): RecordedEvent[] {
    return this.events.filter((event) => event.stream === stream);
  }

  get head(): bigint {
    return this.events.at(-1)?.position ?? -1n;
  }

  readonly readStream = async function* (
    this: MemoryLog,
    stream: string,
    from: bigint,
  ): AsyncIterable<RecordedEvent> {
    yield* await Promise.resolve(this.of(stream).filter((event) => event.revision >= from));
  }.bind(this);

  createOrganization(name = 'Acme', ownerId = newId('user')): { id: string; ownerId: string } {
    const id = newId('organization');
    this.append(streamName('organization', id), 'OrganizationCreated', { organizationId: id, name, ownerId });
    return { id, ownerId };
  }

  createKey(
    organizationId: string,
    more: { role?: string; permissions?: Permission[] } = {},
  ): { id: string; digest: string; stream: string } {
    const id = newId('key');
    const digest = createHash('sha256').update(id).digest('hex');
    const stream = streamName('key', id);
    const credential = { digest, pepperVersion: 1 };
    const data = {
      keyId: id,
      organizationId,
      kind: 'service',
      name: 'CI',
      role: 'developer',
      credential,
      ...more,
    };
    this.append(stream, 'KeyCreated', data);
    return { id, digest, stream };
  }

  rename(stream: string, name: string): void {
    this.append(stream, 'KeyRenamed', { name });
  }

  revoke(stream: string): void {
    this.append(stream, 'KeyRevoked', { reason: 'requested' });
  }

  /** A history of this many events over a few organizations and many keys. */
  grow(count: number, random: () => number = Math.random): void {
    const organizations = [this.createOrganization(), this.createOrganization('Umbrella')];
    const streams: string[] = [];
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
    while (this.events.length < count) {
      const dice = random();
      if (dice < 0.05) organizations.push(this.createOrganization('Hooli', organizations[0]!.ownerId));
      else if (dice < 0.5 || streams.length === 0) {
        const narrowed = random() < 0.3 ? { permissions: ['servers:read' as const] } : {};
        const role = pick(['admin', 'developer', 'viewer']);
        streams.push(this.createKey(pick(organizations).id, { role, ...narrowed }).stream);
      } else if (dice < 0.8) this.rename(pick(streams), `name ${this.events.length}`);
      else this.revoke(pick(streams));
    }
  }
}
