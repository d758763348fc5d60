/** A log in memory, for the specs of the read models. */
import { createHash, randomUUID } from 'node:crypto';
import { newId, type Actor, type LastUsedFrom, type Permission } from '@mcpstack/contracts';
import { streamName } from '@mcpstack/domain';
import type { RecordedEvent } from '@mcpstack/event-store';
import { History } from './history.ts';

export const ACTOR: Actor = { type: 'user', id: 'user_1' };

export interface AppendOptions {
  schemaVersion?: number;
  actor?: Actor;
}

export class MemoryLog {
  readonly events: RecordedEvent[] = [];
  readonly #streams = new Map<string, RecordedEvent[]>();

  append(
    stream: string,
    type: string,
    data: Record<string, unknown>,
    { schemaVersion = 1, actor = ACTOR }: AppendOptions = {},
  ): RecordedEvent {
    const inStream = this.#streams.get(stream) ?? [];
    this.#streams.set(stream, inStream);
    const event: RecordedEvent = {
      id: randomUUID(),
      type,
      data,
      metadata: {
        $correlationId: `request-${this.events.length}`,
        $causationId: randomUUID(),
        actor,
        at: this.timeAfter(0),
        schemaVersion,
        requestDigest: 'd'.repeat(64),
      },
      stream,
      revision: BigInt(inStream.length),
      position: BigInt(this.events.length + 1),
    };
    this.events.push(event);
    inStream.push(event);
    return event;
  }

  /** The time of the next event, and so much later. */
  timeAfter(ms: number): string {
    return new Date(Date.UTC(2026, 0, 1) + this.events.length + ms).toISOString();
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
    more: { role?: string; permissions?: Permission[]; [field: string]: unknown } = {},
    actor = ACTOR,
  ): { id: string; digest: string; stream: string } {
    const id = newId('key');
    const digest = digestOf(id);
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
    this.append(stream, 'KeyCreated', data, { schemaVersion: 2, actor });
    return { id, digest, stream };
  }

  createAgent(organizationId: string): { id: string; stream: string } {
    const id = newId('agent');
    const stream = streamName('agent', id);
    this.append(stream, 'AgentCreated', { agentId: id, organizationId, name: 'Concierge' });
    return { id, stream };
  }

  createPublicKey(
    organizationId: string,
    agentId: string,
    more: Record<string, unknown> = {},
  ): { id: string; digest: string; stream: string } {
    const id = newId('key');
    const digest = digestOf(id);
    const stream = streamName('key', id);
    this.append(stream, 'PublicKeyCreated', {
      keyId: id,
      organizationId,
      agentId,
      name: 'Site',
      value: `mcpstack_pk_${id.slice(4)}`,
      credential: { digest, pepperVersion: 1 },
      origins: [{ origin: 'https://app.example.com' }],
      development: false,
      ...more,
    });
    return { id, digest, stream };
  }

  use(
    keyId: string,
    organizationId: string,
    { from, count, ...more }: { from: string; count: number; lastUsedFrom?: LastUsedFrom },
  ): void {
    const to = new Date(Date.parse(from) + 10_000).toISOString();
    const lastUsedAt = new Date(Date.parse(from) + 5_000).toISOString();
    const data = { keyId, organizationId, from, to, count, lastUsedAt, ...more };
    this.append(streamName('usage', keyId), 'KeyUsed', data, { schemaVersion: more.lastUsedFrom ? 2 : 1 });
  }

  rename(stream: string, name: string): void {
    this.append(stream, 'KeyRenamed', { name });
  }

  revoke(stream: string): void {
    this.append(stream, 'KeyRevoked', { reason: 'requested' });
  }

  /** A random history of at least this many events over all categories. */
  grow(count: number, random: () => number = Math.random): void {
    const until = this.events.length + count;
    const history = new History(this, random);
    while (this.events.length < until) history.step();
  }
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
