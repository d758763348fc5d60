/** What the independent fold is made of: names and fields in memory, and the events' shapes as it reads them. */

/** Every field that an event of ours may have. Written from the events' shapes, without their schemas. */
export interface Fields {
  organizationId: string;
  name: string;
  ownerId: string;
  policy: object;
  invitationId: string;
  userId: string;
  role: string;
  profileId: string;
  agentId: string;
  domainId: string;
  domain: string;
  challenge: string;
  method: string;
  graceEndsAt: string;
  serverId: string;
  url?: string;
  keyId: string;
  credential: { digest: string };
  hint?: string;
  tags?: string[];
  expiresAt: string;
  version: number;
  previous: object;
  reason: string;
  daysBefore: number;
  origin: string;
  from: string;
  to: string;
  count: number;
  lastUsedAt: string;
  lastUsedFrom?: object;
  eventTypes?: string[];
  secret: object;
  keyVersion: number;
  previousValidUntil: string;
  since?: string;
}

/** One event, with what most folds of it need. */
export interface Step {
  fold: Fold;
  type: string;
  data: Fields;
  id: string;
  at: string;
  actor: { type: string; id: string };
  position: number;
}

/** Hashes and sorted sets alike: a name, its fields, what stands there. */
export class Fold {
  readonly dump: Record<string, Record<string, unknown>> = {};
  /** Digest → who registered it first. */
  readonly claims: Record<string, { position: number; keyId: string }> = {};
  readonly windows: Record<string, object[]> = {};

  put(name: string, field: string, value: unknown): void {
    (this.dump[name] ??= {})[field] = value;
  }

  drop(name: string, field: string): void {
    const hash = this.dump[name];
    if (!hash) return;
    delete hash[field];
    if (Object.keys(hash).length === 0) delete this.dump[name];
  }

  /** As it stands, for whoever says what it is. */
  get<Value extends object>(name: string, field: string): Value | undefined {
    return this.dump[name]?.[field] as Value | undefined;
  }
}
