/**
 * Names in Redis. All keys of a deployment share one hash tag, hence one slot: every step is one script,
 * atomic on a Redis Cluster too. Records live under a generation, so a rebuild is write, switch, drop.
 *
 *     mcpstack:{p0}:control            hash: session, identity, counter, active, building, generations
 *     mcpstack:{p0}:g-7:meta           hash: position, logId, schema
 *     mcpstack:{p0}:g-7:key:<id>       hash: rev, data, org, parked          (keys.ts)
 *     mcpstack:{p0}:g-7:digest:<hmac>  key id                               (keys.ts)
 *     mcpstack:{p0}:g-7:organization:<id>, …                                (organizations.ts)
 *     mcpstack:{p0}:g-7:parked         sorted set: parked events by position
 */

/** Organizations may later be spread over partitions, each with its own tag; there is one for now. */
export const PREFIX = 'mcpstack:{p0}:';

/** Who writes, and which generation is in force. */
export const CONTROL = `${PREFIX}control`;

/** Raised when records change shape: a generation of another schema is rebuilt, then replaced. */
export const SCHEMA = '1';

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
  organization: (organizationId: string) => `organization:${organizationId}`,
  membersOf: (organizationId: string) => `members:${organizationId}`,
  organizationsOf: (userId: string) => `user-organizations:${userId}`,
  parked: 'parked',
} as const;
