/** What a read answers, and the interface that the readers (gateway, authorizer) code against. */
import type { ApiKey, FreshnessSettings, Role } from '@mcpstack/contracts';
import type { KeyRecord } from './keys.ts';
import type { OrganizationRecord } from './organizations.ts';

/** One atomic step's answer. All times are of `performance.now()` in this process. */
export interface Reading<Value> {
  value: Value;
  /** When the read was sent: the value is at least as new as the data set was then. */
  beganAtMs: number;
  /** Position of the last log event that the value reflects; decimal, `-1` before the first event. */
  position: string;
  /** Whether the data set is proven to be the live one (G4). Only a trusted reading may permit anything. */
  trusted: boolean;
  /** Until when a decision may rest on this reading: at most Δ after it began, and only while trusted. */
  freshUntilMs: number;
  /** How much of Δ a caller may reuse a decision for, as of `nowMs`; 0 when trust ends earlier. */
  freshForMs(nowMs: number): number;
  /** Why it is not trusted; for logs. */
  reason?: string;
}

/** What a credential's digests lead to. Only `found` may permit; `unprovable` is never "no". */
export type KeyLookup =
  | { status: 'found'; key: KeyRecord; organization: OrganizationRecord }
  | { status: 'unknown' }
  /** The records contradict each other or are parked: the answer is UNAVAILABLE. */
  | { status: 'unprovable'; reason: string };

export interface Page<Item> {
  items: readonly Item[];
  /** Asks for the page after this one; absent on the last page. Opaque, stable under new items. */
  nextCursor?: string;
}

export interface PageRequest {
  cursor?: string;
  /** 1 to MAX_PAGE_SIZE; 50 by default. */
  limit?: number;
}

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 200;

export interface Member {
  organizationId: string;
  userId: string;
  role: Role;
}

export interface Organization {
  id: string;
  name: string;
  status: 'active';
  createdAt: string;
}

/** Told whenever it changes; for health and logs. */
export interface ReaderState {
  connected: boolean;
  trusted: boolean;
  /** Why not connected or not trusted. */
  reason?: string;
}

export interface OpenReadModelsOptions {
  /** `redis://…` or `rediss://…`. */
  url: string;
  freshness: FreshnessSettings;
  onState?: (state: ReaderState) => void;
  /** What a read waits for at most; 1000 by default. Milliseconds. */
  timeoutMs?: number;
  /** Shown in the server's connection list. */
  name?: string;
}

/**
 * The read models as readers see them. Every method settles within the deadline, whatever Redis does, and
 * rejects with ReadModelsUnavailableError when nothing can be read; the connection is re-made by itself.
 */
export interface ReadModels {
  /** The key that one of these digests (HMAC, hexadecimal; one per pepper) belongs to. At most 16. */
  findByDigests(digests: readonly string[]): Promise<Reading<KeyLookup>>;
  /** One key of this organization; `undefined` for an unknown key and for a foreign one alike. */
  getKey(organizationId: string, keyId: string): Promise<Reading<ApiKey | undefined>>;
  /** Keys of the organization, newest first, revoked ones too. @throws BadCursorError */
  listKeys(organizationId: string, page?: PageRequest): Promise<Reading<Page<ApiKey>>>;
  getOrganization(organizationId: string): Promise<Reading<Organization | undefined>>;
  /** Rejects with reason `parked` when the organization's stream is: no role may be read from it. */
  getMember(organizationId: string, userId: string): Promise<Reading<Member | undefined>>;
  /** Organizations of the user with the role there, oldest first; at most MAX_PAGE_SIZE. */
  listOrganizationsOf(userId: string): Promise<Reading<readonly (Organization & { role: Role })[]>>;
  /** How far the read models are. The value repeats the reading's position. */
  position(): Promise<Reading<string>>;
  /**
   * Waits until the read models have reached the log position (decimal).
   * @returns whether they did within `timeoutMs`; never rejects for a Redis that is away.
   * @throws RangeError when the position is no decimal number.
   */
  waitFor(position: string, timeoutMs: number): Promise<boolean>;
  /** As last told to `onState`. `trusted` is evaluated anew. */
  state(): ReaderState;
  close(): Promise<void>;
}
