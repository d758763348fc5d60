/**
 * Read model: one record per key of either kind, the index of credentials, and the lists that keys stand in.
 * What records show is in service-keys.ts and public-keys.ts.
 */
import {
  evolveKey,
  nextDueAt,
  noKey,
  type KeyEvent,
  type KeyState,
  type PublishableKey,
} from '@mcpstack/domain';
import { names } from './namespace.ts';
import {
  requireBeginning,
  type ProjectAt,
  type Projected,
  type ReadModel,
  type Write,
} from './read-model.ts';

/** What a record holds: the key as the domain folds it. */
export type KeyFold = Exclude<KeyState, { status: 'none' }>;

export const keys: ReadModel<KeyFold, KeyEvent> = {
  category: 'key',
  recordName: names.key,
  toldIn: ({ organizationId }) => organizationId,
  project(before, event, { id, position }): Projected<KeyFold> {
    const isFirst = event.type === 'KeyCreated' || event.type === 'PublicKeyCreated';
    requireBeginning(before, event, { made: isFirst ? event.data.keyId : undefined, id });
    const after = evolveKey(before ?? noKey, event);
    if (after.status === 'none') throw new Error(`${event.type} ended in no key`);
    const writes = [
      ...(before ? [] : listed(after, position)),
      ...claims(event, id, position),
      ...byMaker(before, after, position),
      ...origins(before, after),
      ...due(before, after),
    ];
    return { record: after, writes };
  },
};

/** Where a key stands for good. */
function listed(key: KeyFold, position: bigint): Write[] {
  const { id, organizationId } = key;
  // Verify needs organization and agent without parsing the record, in the same step.
  const organization: Write = ['HSET', names.key(id), 'org', organizationId];
  if (key.kind === 'service')
    return [organization, ['ZADD', names.keysOf(organizationId), `${position}`, id]];
  return [
    organization,
    ['HSET', names.key(id), 'agent', key.agentId],
    ['ZADD', names.publicKeysOf(organizationId), `${position}`, id],
    ['ZADD', names.publicKeysOfAgent(organizationId, key.agentId), `${position}`, id],
  ];
}

/**
 * Whoever registered a digest first keeps it, in whatever order events are applied. Claims are never removed: an
 * ended secret still leads to its key, so that a check can say why it is refused.
 */
function claims(event: KeyEvent, id: string, position: ProjectAt['position']): Write[] {
  switch (event.type) {
    case 'KeyCreated':
    case 'PublicKeyCreated':
    case 'KeyRotated':
      return [['CLAIM', names.digest(event.data.credential.digest), `${position}`, id]];
    default:
      return [];
  }
}

/**
 * What a maker made: asked when the maker loses rights. What has ended stands apart: it matters only where it made
 * keys itself.
 */
function byMaker(before: KeyFold | undefined, after: KeyFold, position: bigint): Write[] {
  if (after.kind !== 'service') return [];
  const { id, organizationId, createdBy } = after;
  const inForce = names.keysOfMaker(organizationId, createdBy);
  if (!before) {
    const listed: Write = ['ZADD', inForce, `${position}`, id];
    return createdBy.type === 'key'
      ? [listed, ['SADD', names.makingKeysOf(organizationId), createdBy.id]]
      : [listed];
  }
  if (!hasEnded(after) || hasEnded(before)) return [];
  const ended = names.endedKeysOfMaker(organizationId, createdBy);
  return [
    ['ZREM', inForce, id],
    ['ZADD', ended, `${position}`, id],
  ];
}

/** The origins that publishable keys allow. A suspended key's may stay known. */
function origins(before: KeyFold | undefined, after: KeyFold): Write[] {
  const [old, now] = [untilOf(before), untilOf(after)];
  return [
    ...[...old.keys()]
      .filter((origin) => !now.has(origin))
      .map((origin): Write => ['ZREM', names.origin(origin), after.id]),
    ...[...now]
      .filter(([origin, until]) => old.get(origin) !== until)
      .map(([origin, until]): Write => ['ZADD', names.origin(origin), until, after.id]),
  ];
}

/** Each origin, and until when it is allowed, as a score. */
function untilOf(key: KeyFold | undefined): ReadonlyMap<string, string> {
  if (key?.kind !== 'publishable' || hasEnded(key)) return new Map();
  return new Map(key.origins.map((allowed) => [allowed.origin, lastMomentOf(key, allowed.origin)]));
}

function lastMomentOf(key: PublishableKey, origin: string): string {
  const ends = key.origins
    .filter((allowed) => allowed.origin === origin)
    .map(({ expiresAt }) => (expiresAt === undefined ? Infinity : Date.parse(expiresAt)));
  const end = Math.min(Math.max(...ends), key.expiresAt === undefined ? Infinity : Date.parse(key.expiresAt));
  return end === Infinity ? '+inf' : `${end}`;
}

function due(before: KeyFold | undefined, after: KeyFold): Write[] {
  const [old, now] = [before && nextDueAt(before), nextDueAt(after)];
  if (old === now) return [];
  if (now === undefined) return [['ZREM', names.dueKeys, after.id]];
  return [['ZADD', names.dueKeys, `${Date.parse(now)}`, after.id]];
}

function hasEnded({ status }: KeyFold): boolean {
  return status === 'revoked' || status === 'expired';
}
