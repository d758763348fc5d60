/**
 * Names in Redis. All keys of a deployment share one hash tag, hence one slot: every step is one script,
 * atomic on a Redis Cluster too. Records live under a generation, so a rebuild is write, switch, drop.
 *
 *     mcpstack:{p0}:control            hash: session, identity, counter, active, building, generations
 *     mcpstack:{p0}:g-7:meta           hash: position, logId, schema, last (the event there)
 *     mcpstack:{p0}:g-7:key:<id>       hash: rev, data, parked, events, org, agent  (keys.ts)
 *     mcpstack:{p0}:g-7:digest:<hmac>  <position>:<key id>                  (keys.ts)
 *     mcpstack:{p0}:g-7:organization:<id>, agent:<id>, server:<id>, webhook:<id>, user:<id>, usage:<key id>
 *                                      hash: rev, data, parked, events      (one file each)
 *     mcpstack:{p0}:g-7:organization-events:<id>
 *                                      sorted set: what others are told     (audit-events.ts)
 *     mcpstack:{p0}:g-7:parked         sorted set: parked events by position
 *
 * Counters are no records: authorizers write them, they belong to no generation, and they expire by themselves.
 *
 *     mcpstack:{p0}:limit:<key id>:<name>   hash: window, last, sum, units by sub-window  (limit-scripts.ts)
 *     mcpstack:{p0}:quota:<key id>:<name>   hash: interval, from, used
 *
 * Lists are sorted sets by the log position at which the item came.
 */
import type { Actor } from '@mcpstack/contracts';

/** Organizations may later be spread over partitions, each with its own tag; there is one for now. */
export const PREFIX = 'mcpstack:{p0}:';

/** Who writes, and which generation is in force. */
export const CONTROL = `${PREFIX}control`;

/**
 * Raised when records change shape, and with them the domain's states that they hold: a generation of another
 * schema is rebuilt, then replaced.
 */
export const SCHEMA = '5';

/** Name of a generation of the read models, such as `g-7`. */
export type Generation = `g-${number}`;

export function isGeneration(text: unknown): text is Generation {
  return typeof text === 'string' && /^g-[1-9][0-9]{0,14}$/.test(text);
}

/** The generation that a full key name belongs to, if any. */
export function generationOf(fullName: string): Generation | undefined {
  if (!fullName.startsWith(PREFIX)) return undefined;
  const generation = fullName.slice(PREFIX.length).split(':', 1)[0];
  return isGeneration(generation) ? generation : undefined;
}

/** Names within a generation. */
export const names = {
  key: (keyId: string) => `key:${keyId}`,
  digest: (digest: string) => `digest:${digest}`,
  keysOf: (organizationId: string) => `organization-keys:${organizationId}`,
  publicKeysOf: (organizationId: string) => `organization-public-keys:${organizationId}`,
  publicKeysOfAgent: (organizationId: string, agentId: string) =>
    `agent-public-keys:${organizationId}:${agentId}`,
  /** Service keys in force alone. */
  keysOfMaker: (organizationId: string, { type, id }: Actor) => `maker-keys:${organizationId}:${type}:${id}`,
  /** Those that have ended. */
  endedKeysOfMaker: (organizationId: string, { type, id }: Actor) =>
    `maker-ended-keys:${organizationId}:${type}:${id}`,
  /** A set: keys that made service keys. */
  makingKeysOf: (organizationId: string) => `organization-making-keys:${organizationId}`,
  /** Sorted by the time, in milliseconds, at which something is due. */
  dueKeys: 'due-keys',
  /** Publishable keys in force that allow the origin, sorted by the time at which that ends. */
  origin: (origin: string) => `origin:${origin}`,
  usage: (keyId: string) => `usage:${keyId}`,
  /** A list of the newest windows, newest first. */
  usageWindows: (keyId: string) => `usage-windows:${keyId}`,
  organization: (organizationId: string) => `organization:${organizationId}`,
  /** Hash by user id. */
  membersOf: (organizationId: string) => `members:${organizationId}`,
  memberListOf: (organizationId: string) => `organization-members:${organizationId}`,
  /** Hash by invitation id. */
  invitationsOf: (organizationId: string) => `invitations:${organizationId}`,
  invitationListOf: (organizationId: string) => `organization-invitations:${organizationId}`,
  organizationsOf: (userId: string) => `user-organizations:${userId}`,
  /** The newest, by position: see audit-events.ts. */
  eventsOf: (organizationId: string) => `organization-events:${organizationId}`,
  user: (userId: string) => `user:${userId}`,
  agent: (agentId: string) => `agent:${agentId}`,
  agentsOf: (organizationId: string) => `organization-agents:${organizationId}`,
  /** Of all organizations; members are `<agent id>/<domain id>`. */
  domains: 'domains',
  /** The same, of those that are verified or stale under this name. */
  holdersOf: (domain: string) => `domain-holders:${domain}`,
  server: (serverId: string) => `server:${serverId}`,
  serversOf: (organizationId: string) => `organization-servers:${organizationId}`,
  webhook: (webhookId: string) => `webhook:${webhookId}`,
  webhooksOf: (organizationId: string) => `organization-webhooks:${organizationId}`,
  /** Of all organizations. */
  webhooks: 'webhooks',
  parked: 'parked',
} as const;
