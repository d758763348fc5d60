/** What a report is drawn from: organizations, keys and their use, folded from the log by the domain's own rules. */
import {
  categoryOf,
  evolveKey,
  noKey,
  noOrganization,
  organization,
  type DomainEvent,
  type KeyEvent,
  type KeyState,
  type OrganizationEvent,
  type OrganizationState,
  type PublishableKey,
  type ServiceKey,
  type UsageEvent,
} from '@mcpstack/domain';
import { type RecordedEvent } from '@mcpstack/event-store';

export type SurveyedKey = (ServiceKey | PublishableKey) & {
  /** When it was found that it expired, or was revoked: nothing may use it later. */
  endedAt?: string;
  /** Who found a leak. */
  leakSource?: string;
};

/** Use of one key, as far as the log tells it. */
export interface Use {
  count: number;
  lastUsedMs: number;
  /** Network → when it was last seen; the newest of very many. */
  addresses: Map<string, number>;
}

/** Of one key. Whoever comes from more is remarkable anyway. */
const MOST_ADDRESSES = 64;
/** Events of an organization that are folded at once: a fold copies all its members. */
const MOST_WAITING = 500;
const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;
/** What is known of a secret is of no use here, and a million of them take room. */
const NOTHING = { digest: '', pepperVersion: 1 };

export class Survey {
  readonly keys = new Map<string, SurveyedKey>();
  readonly uses = new Map<string, Use>();
  /** Weeks since 1970 → uses that were allowed. */
  readonly usesByWeek = new Map<number, number>();
  readonly #organizations = new Map<string, OrganizationState>();
  readonly #waiting = new Map<string, OrganizationEvent[]>();
  readonly #ids = new Map<string, string>();
  events = 0;
  firstAt: string | undefined;
  lastAt: string | undefined;

  /** @param organizationId of which alone it is; of all if absent. */
  constructor(private readonly organizationId?: string) {}

  add({ stream }: Pick<RecordedEvent, 'stream'>, event: DomainEvent): void {
    this.events += 1;
    this.firstAt ??= event.at;
    this.lastAt = event.at;
    const category = categoryOf(stream);
    const id = stream.slice(category.length + 1);
    if (category === 'organization') this.#addOrganization(id, event as OrganizationEvent);
    else if (category === 'key') this.#addKey(id, event as KeyEvent);
    else if (category === 'usage') this.#addUse(event as UsageEvent);
  }

  organization(id: string): OrganizationState {
    const waiting = this.#waiting.get(id);
    if (waiting) this.#fold(id, waiting);
    return this.#organizations.get(id) ?? noOrganization;
  }

  organizationIds(): string[] {
    return [...new Set([...this.#organizations.keys(), ...this.#waiting.keys()])];
  }

  #addOrganization(id: string, event: OrganizationEvent): void {
    if (this.organizationId !== undefined && id !== this.organizationId) return;
    const waiting = this.#waiting.get(id) ?? [];
    waiting.push(event);
    this.#waiting.set(id, waiting);
    if (waiting.length >= MOST_WAITING) this.#fold(id, waiting);
  }

  #fold(id: string, events: readonly OrganizationEvent[]): void {
    const before = this.#organizations.get(id) ?? noOrganization;
    this.#organizations.set(id, organization.evolveAll!(before, events));
    this.#waiting.delete(id);
  }

  #addKey(id: string, event: KeyEvent): void {
    const before: KeyState = this.keys.get(id) ?? noKey;
    const after = evolveKey(before, withoutCredential(event));
    if (after.status === 'none') return;
    if (before.status === 'none') {
      if (this.organizationId !== undefined && after.organizationId !== this.organizationId) return;
      after.organizationId = this.#spelled(after.organizationId);
      after.createdBy.id = this.#spelled(after.createdBy.id);
    }
    this.keys.set(id, withEnd(before, after, event));
  }

  /** One text for each id that many keys name. */
  #spelled(id: string): string {
    const known = this.#ids.get(id);
    if (known === undefined) this.#ids.set(id, id);
    return known ?? id;
  }

  #addUse({ data: { keyId, organizationId, to, count, lastUsedAt, lastUsedFrom } }: UsageEvent): void {
    if (this.organizationId !== undefined && organizationId !== this.organizationId) return;
    const week = Math.floor(Date.parse(to) / WEEK_MS);
    this.usesByWeek.set(week, (this.usesByWeek.get(week) ?? 0) + count);
    const atMs = Date.parse(lastUsedAt);
    const use = this.uses.get(keyId) ?? { count: 0, lastUsedMs: atMs, addresses: new Map<string, number>() };
    this.uses.set(keyId, use);
    use.count += count;
    use.lastUsedMs = Math.max(use.lastUsedMs, atMs);
    const address = lastUsedFrom?.addressPrefix;
    if (address === undefined) return;
    // Taken out first, so that the oldest stands first.
    use.addresses.delete(address);
    use.addresses.set(address, atMs);
    if (use.addresses.size > MOST_ADDRESSES) use.addresses.delete(use.addresses.keys().next().value!);
  }
}

function withoutCredential(event: KeyEvent): KeyEvent {
  switch (event.type) {
    case 'KeyCreated':
    case 'PublicKeyCreated':
    case 'KeyRotated':
      return { ...event, data: { ...event.data, credential: NOTHING } } as KeyEvent;
    default:
      return event;
  }
}

function withEnd(before: KeyState, after: SurveyedKey, event: KeyEvent): SurveyedKey {
  const isEnd = event.type === 'KeyRevoked' || event.type === 'KeyExpired';
  const hasEnded = before.status === 'revoked' || before.status === 'expired';
  if (!isEnd || hasEnded) return after;
  if (event.type === 'KeyExpired') return { ...after, endedAt: event.data.expiresAt };
  const { source } = event.data;
  return { ...after, endedAt: event.at, ...(source !== undefined && { leakSource: source }) };
}
