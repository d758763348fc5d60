/** What a read answers, and the interface that the readers (gateway, authorizer) code against. */
import type {
  Actor,
  Agent,
  AgentDomain,
  ApiKey,
  Bounds,
  FreshnessSettings,
  Invitation,
  KeyStateName,
  LastUsedFrom,
  Member,
  Organization,
  PublicKey,
  RateLimitState,
  RedisPlace,
  Role,
  Server,
  UserProfile,
  Webhook,
  WebhookSecret,
} from '@mcpstack/contracts';
import type { AuditEventPage, AuditEventRequest } from './audit-events.ts';

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

/** The fold of one service key's stream. */
export interface ServiceKeyRecord extends ApiKey {
  /** One for each of `secrets`. HMACs; never leave the services. */
  credentials: readonly { version: number; digest: string }[];
}
/** The fold of one publishable key's stream. */
export interface PublicKeyRecord extends PublicKey {
  credentials: readonly { version: 1; digest: string }[];
}
export type KeyRecord = ServiceKeyRecord | PublicKeyRecord;

/** The fold of one agent's stream. */
export interface AgentRecord extends Agent {
  domains: readonly AgentDomain[];
}

/** What a credential's digests lead to. Only `found` may permit; `unprovable` is never "no". */
export type KeyLookup =
  | {
      status: 'found';
      key: KeyRecord;
      /** The HMAC that matched: which of the key's secrets was shown. May be one that has ended since. */
      digest: string;
      organization: Organization;
      /** Of a publishable key. Its absence there is `unprovable`. */
      agent?: AgentRecord;
      /** Names the very state of all that this was read from, for `areUnchanged`. Opaque. */
      mark?: string;
    }
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

export interface KeyFilter {
  state?: KeyStateName;
  tag?: string;
  role?: Role;
  environment?: string;
  createdBy?: Actor;
  /** Last used, or else made, before this time. ISO 8601. */
  unusedSince?: string;
}

/** Uses that were counted, in all and in the newest windows (at most 100, newest first). */
export interface KeyUsage {
  keyId: string;
  count: number;
  firstUsedAt: string;
  lastUsedAt: string;
  lastUsedFrom?: LastUsedFrom;
  windows: readonly { from: string; to: string; count: number }[];
}

/** A domain as the scheduler looks after it. */
export interface WatchedDomain extends AgentDomain {
  /** Whether the agent is still there. */
  agentState: Agent['state'];
}

/** A webhook as whoever delivers to it sees it. */
export interface WatchedWebhook extends Webhook {
  /** `keyVersion`: of the master key that the secret is made from. */
  secrets: readonly (WebhookSecret & { keyVersion: number })[];
  /** Position of the event that created it, decimal: it is told what comes after. */
  createdPosition: string;
  /** Since when it is active, or was at last. */
  enabledAt: string;
}

/** Told whenever it changes; for health and logs. */
export interface ReaderState {
  connected: boolean;
  trusted: boolean;
  /** Why not connected or not trusted. */
  reason?: string;
}

/** Units to take from the limits and quotas of one key: all of its bounds, or none. */
export interface Taking {
  keyId: string;
  bounds: Bounds;
  /** 0 looks, and takes nothing. */
  cost: number;
}
export interface Taken {
  /** Whether all bounds had room; otherwise nothing was taken. */
  granted: boolean;
  /** The first bound that had none. */
  refusedBy?: 'limit' | 'quota';
  /** Limits first, then quotas, in the key's order. */
  states: readonly RateLimitState[];
}

export interface OpenReadModelsOptions extends RedisPlace {
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
  /**
   * The key that one of these digests (HMAC, hexadecimal; one per pepper) belongs to. At most 16. Where several
   * keys have one, the key that registered its digest first counts: who registers a known digest later gains nothing.
   */
  findByDigests(digests: readonly string[]): Promise<Reading<KeyLookup>>;
  /** The same for up to 1,000 tokens in one atomic step, in order. */
  findMany(tokens: readonly (readonly string[])[]): Promise<Reading<readonly KeyLookup[]>>;

  /** Whether what was found is still as it was, in order; 1 to 1,000. `false` also for what has no mark. */
  areUnchanged(
    found: readonly { digest: string; mark?: string | undefined }[],
  ): Promise<Reading<readonly boolean[]>>;
  /** The same by the key's id, within its organization: `unknown` for a foreign one. */
  findKey(organizationId: string, keyId: string): Promise<Reading<KeyLookup>>;

  /**
   * Takes units from the limits and quotas of keys, in order, each taking in full or not at all and in one atomic step
   * on the primary. Takings that were made hold until the windows have passed, whatever becomes of the answer.
   * 1 to 1,000 takings. @throws ReadModelsUnavailableError; then they may have been made.
   */
  take(takings: readonly Taking[]): Promise<readonly Taken[]>;
  /**
   * Gives back what was taken and then not used: by the very objects that `take` was given, each once. Those that
   * were refused count as nothing. Best effort, never rejects: what is not given back comes back with its window.
   */
  giveBack(takings: readonly Taking[]): Promise<void>;

  /** One key of this organization; `undefined` for an unknown key and for a foreign one alike. */
  getKey(organizationId: string, keyId: string): Promise<Reading<ApiKey | undefined>>;
  /**
   * Service keys of the organization, newest first, revoked ones too. A page may hold fewer than `limit` although
   * another follows: a filter looks at a bounded number of keys at a time. @throws BadCursorError
   */
  listKeys(
    organizationId: string,
    page?: PageRequest & { filter?: KeyFilter },
  ): Promise<Reading<Page<ApiKey>>>;
  getPublicKey(organizationId: string, keyId: string): Promise<Reading<PublicKey | undefined>>;
  /** @throws BadCursorError */
  listPublicKeys(
    organizationId: string,
    page?: PageRequest & { agentId?: string },
  ): Promise<Reading<Page<PublicKey>>>;
  /** Of a key of either kind; `undefined` for one that was never used, and for a foreign one. */
  getKeyUsage(organizationId: string, keyId: string): Promise<Reading<KeyUsage | undefined>>;
  /** Whether some publishable key in force allows this origin: what a preflight may be told. */
  isOriginKnown(origin: string): Promise<Reading<boolean>>;

  getOrganization(organizationId: string): Promise<Reading<Organization | undefined>>;
  /** Rejects with reason `parked` when the organization's stream is: no role may be read from it. */
  getMember(organizationId: string, userId: string): Promise<Reading<Member | undefined>>;
  /** In the order in which they joined. @throws BadCursorError */
  listMembers(organizationId: string, page?: PageRequest): Promise<Reading<Page<Member>>>;
  getInvitation(organizationId: string, invitationId: string): Promise<Reading<Invitation | undefined>>;
  /** Newest first. @throws BadCursorError */
  listInvitations(organizationId: string, page?: PageRequest): Promise<Reading<Page<Invitation>>>;
  /** Organizations of which the user is an active member, with the role there, oldest first; at most MAX_PAGE_SIZE. */
  listOrganizationsOf(userId: string): Promise<Reading<readonly (Organization & { role: Role })[]>>;
  /** In order; `undefined` where there is none (any more). At most MAX_PAGE_SIZE. */
  getProfiles(userIds: readonly string[]): Promise<Reading<readonly (UserProfile | undefined)[]>>;

  /** Removed ones too. */
  getAgent(organizationId: string, agentId: string): Promise<Reading<AgentRecord | undefined>>;
  /** Those in force, newest first. @throws BadCursorError */
  listAgents(organizationId: string, page?: PageRequest): Promise<Reading<Page<Agent>>>;
  getServer(organizationId: string, serverId: string): Promise<Reading<Server | undefined>>;
  /** Those in force, newest first. @throws BadCursorError */
  listServers(organizationId: string, page?: PageRequest): Promise<Reading<Page<Server>>>;

  /** Removed ones too. */
  getWebhook(organizationId: string, webhookId: string): Promise<Reading<Webhook | undefined>>;
  /** Those that are not removed, newest first. @throws BadCursorError */
  listWebhooks(organizationId: string, page?: PageRequest): Promise<Reading<Page<Webhook>>>;
  /** The same with what delivering takes. */
  watchWebhook(organizationId: string, webhookId: string): Promise<Reading<WatchedWebhook | undefined>>;
  /** Those of all organizations that are not removed. @throws BadCursorError */
  watchWebhooks(page?: PageRequest): Promise<Reading<Page<WatchedWebhook>>>;

  /**
   * What happened in the organization, as far as it is kept. A page may hold fewer than `limit` although another
   * follows: a filter looks at a bounded number of events at a time. Never an event before which one is missing.
   * @throws BadCursorError, RangeError
   */
  listAuditEvents(organizationId: string, request?: AuditEventRequest): Promise<Reading<AuditEventPage>>;
  /** The same of one key of either kind; `undefined` for an unknown key and for a foreign one alike. */
  listKeyEvents(
    organizationId: string,
    keyId: string,
    request?: AuditEventRequest,
  ): Promise<Reading<AuditEventPage | undefined>>;

  /** Keys for which something is due by the clock (EXPIRY_NOTICES, expiry) at `untilMs`; at most `limit`. */
  listDueKeys(
    untilMs: number,
    limit: number,
  ): Promise<Reading<readonly { organizationId: string; keyId: string }[]>>;
  /** Domains of all organizations that are not removed. @throws BadCursorError */
  listDomains(page?: PageRequest): Promise<Reading<Page<WatchedDomain>>>;
  /** Those of all organizations that are `verified` or `stale` under exactly this name. */
  listHoldersOf(domain: string): Promise<Reading<readonly AgentDomain[]>>;

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
