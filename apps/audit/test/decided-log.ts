/** A log in memory that the product's own deciders write, and nobody else. */
import { createHash } from 'node:crypto';
import { ProblemError, type Actor } from '@mcpstack/contracts';
import {
  agent,
  authorityOf,
  codecFor,
  key,
  organization,
  server,
  streamName,
  user,
  type AgentState,
  type Authority,
  type Category,
  type Decider,
  type DomainEvent,
  type KeyState,
  type OrganizationState,
} from '@mcpstack/domain';
import { eventDigest, type RecordedEvent } from '@mcpstack/event-store';

const BEGAN_MS = Date.UTC(2026, 2, 1);

type AnyDecider = Decider<unknown, never, DomainEvent>;
const DECIDERS = { organization, agent, server, key, user } as unknown as Record<string, AnyDecider>;

export class DecidedLog {
  readonly events: RecordedEvent[] = [];
  nowMs = BEGAN_MS;
  /** Of the next commands. */
  protected request = 'request-0';
  readonly #states = new Map<string, unknown>();
  readonly #revisions = new Map<string, bigint>();
  #made = 0;
  protected readonly users = Array.from({ length: 6 }, () => this.id('user'));
  protected readonly keys: { id: string; organizationId: string; agentId?: string }[] = [];

  constructor(protected readonly random: () => number) {}

  /** What a stream has come to by the domain's own reckoning. */
  protected stateOf<State>(category: Category, id: string): State | undefined {
    return this.#states.get(streamName(category, id)) as State | undefined;
  }

  /** What an erasure names: all of the person's stream, which is not cut here. */
  protected standing(userId: string): object {
    const events = this.events
      .filter(({ stream }) => stream === streamName('user', userId))
      .map((event) => ({ position: `${event.position}`, digest: eventDigest(event).toString('hex') }));
    return { firstRevision: 0n, events };
  }

  protected inOrganization(organizationId: string, type: string, more: object = {}): void {
    const acting = this.acting(organizationId);
    this.decide('organization', organizationId, {
      ...{ type, organizationId, actor: acting.actor, ...more },
      ...(acting.actor.type === 'key' && { keyAuthority: acting.authority }),
    });
  }

  /** Mostly a member, now and then a key. */
  protected acting(organizationId: string): { actor: Actor; authority: Authority | undefined } {
    const state = this.stateOf<OrganizationState>('organization', organizationId) ?? { status: 'none' };
    const members = state.status === 'none' ? [] : Object.keys(state.members);
    const keys = this.keys.filter((one) => one.organizationId === organizationId && !one.agentId);
    const isKey = keys.length > 0 && this.random() < 0.2;
    const actor: Actor = isKey
      ? { type: 'key', id: this.pick(keys).id }
      : { type: 'user', id: this.pick(members.length > 0 ? members : this.users) };
    const keyState = this.stateOf<KeyState>('key', actor.id);
    return { actor, authority: authorityOf(actor, state, keyState, this.later(0)) };
  }

  protected agentState(id: string): Exclude<AgentState, { status: 'none' }> | undefined {
    const state = this.stateOf<AgentState>('agent', id);
    return state?.status === 'none' ? undefined : state;
  }

  /** @returns whether something was written. */
  protected decide(category: Category, id: string, command: object): boolean {
    const decider = DECIDERS[category]!;
    const state = this.#states.get(streamName(category, id)) ?? decider.initial;
    try {
      const decided = decider.decide({ at: this.later(0), ...command } as never, state);
      this.append(category, id, decided);
      return decided.length > 0;
    } catch (error) {
      if (error instanceof ProblemError) return false;
      throw error;
    }
  }

  protected append(category: Category, id: string, events: readonly DomainEvent[]): void {
    const stream = streamName(category, id);
    for (const event of events) {
      const revision = (this.#revisions.get(stream) ?? -1n) + 1n;
      this.#revisions.set(stream, revision);
      const { type, data, schemaVersion } = codecFor(category).encode(event);
      const { at, actor } = event;
      const position = BigInt(this.events.length + 1);
      const metadata = {
        ...{ $correlationId: this.request, $causationId: this.request, actor, at, schemaVersion },
        requestDigest: '0'.repeat(64),
      };
      this.events.push({ id: uuidOf(`${position}`), stream, revision, position, type, data, metadata });
      const decider = DECIDERS[category];
      if (decider)
        this.#states.set(stream, decider.evolve(this.#states.get(stream) ?? decider.initial, event));
    }
  }

  protected credential(): { digest: string; pepperVersion: number } {
    const digest = createHash('sha256')
      .update(`secret ${(this.#made += 1)}`)
      .digest('hex');
    return { digest, pepperVersion: 1 };
  }

  protected id(prefix: string): string {
    return `${prefix}_${(this.#made += 1)}`;
  }

  protected name(): string {
    return `name ${this.events.length}`;
  }

  protected later(ms: number): string {
    return new Date(this.nowMs + Math.floor(this.random() * ms)).toISOString();
  }

  protected pick<Item>(items: readonly Item[]): Item;
  protected pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.random() * items.length)];
  }
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Random numbers that a seed repeats: mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
