/** What the read models must hold of keys, see read-models.ts: the record, and every list that a key stands in. */
import type { LogFold } from './fold.ts';
import type { ExpectedName } from './read-models.ts';
import { hasEnded, type AuditedKey, type AuditedPublishableKey } from './state.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Days before its expiry at which a key is announced to expire. */
const NOTICES = [30, 7, 1];

const OF_KEY = ['rev', 'data', 'parked', 'events', 'org', 'agent'];

export function* keyNames(key: AuditedKey): Generator<ExpectedName, void, undefined> {
  const { id, organizationId } = key;
  const listed = (name: string): ExpectedName => ({ name, kind: 'sorted-set', fields: [id] });
  yield { name: `key:${id}`, kind: 'hash', fields: OF_KEY };
  yield listed('due-keys');
  if (key.kind === 'publishable') {
    yield listed(`organization-public-keys:${organizationId}`);
    yield listed(`agent-public-keys:${organizationId}:${key.agentId}`);
    for (const origin of new Set(key.origins.map((allowed) => allowed.origin)))
      yield listed(`origin:${origin}`);
    return;
  }
  const maker = `${organizationId}:${key.createdBy.type}:${key.createdBy.id}`;
  yield listed(`organization-keys:${organizationId}`);
  yield listed(`${hasEnded(key) ? 'maker-ended-keys' : 'maker-keys'}:${maker}`);
  if (key.createdBy.type === 'key') {
    const fields = [key.createdBy.id];
    yield { name: `organization-making-keys:${organizationId}`, kind: 'set', fields };
  }
}

/** @param inRecord reads a field that every record has. */
export function keyCell(
  { state }: LogFold,
  { kind, id, field }: { kind: string; id: string; field: string },
  inRecord: (read: () => unknown) => unknown,
): unknown {
  if (kind === 'key') return recordField(state.keys.get(id), field, inRecord);
  if (kind === 'digest') {
    const claim = state.claims.get(id);
    return claim && `${claim.position}:${claim.keyId}`;
  }
  if (kind === 'organization-making-keys') return state.makingKeys.get(id)?.has(field) || undefined;
  const key = state.keys.get(field);
  return key && listCell(key, kind, id);
}

function recordField(
  key: AuditedKey | undefined,
  field: string,
  inRecord: (read: () => unknown) => unknown,
): unknown {
  // Two that are read without the record, in the same step as it.
  if (field === 'org') return key?.organizationId;
  if (field === 'agent') return key?.kind === 'publishable' ? key.agentId : undefined;
  return inRecord(() => key && keyRecord(key));
}

function keyRecord(key: AuditedKey): unknown {
  const { state: status, position: _, endedPosition: _ended, resumedAt: _resumed, ...more } = key;
  const { revision: _revision, noted: _noted, ...shown } = more;
  return { ...shown, status };
}

/** The score with which a key stands in a list. */
function listCell(key: AuditedKey, list: string, of: string): number | undefined {
  const { organizationId, position, createdBy } = key;
  const maker = `${organizationId}:${createdBy.type}:${createdBy.id}`;
  const isService = key.kind === 'service';
  switch (list) {
    case 'organization-keys':
      return isService && of === organizationId ? position : undefined;
    case 'organization-public-keys':
      return !isService && of === organizationId ? position : undefined;
    case 'agent-public-keys':
      return !isService && of === `${organizationId}:${key.agentId}` ? position : undefined;
    case 'maker-keys':
      return isService && of === maker && !hasEnded(key) ? position : undefined;
    case 'maker-ended-keys':
      return isService && of === maker ? key.endedPosition : undefined;
    case 'due-keys':
      return of === '' ? dueMs(key) : undefined;
    case 'origin':
      return isService ? undefined : originEndsMs(key, of);
    default:
      return undefined;
  }
}

/** When something is to be recorded of the key next: a notice, each once and none from before it was made; the expiry. */
function dueMs(key: AuditedKey): number | undefined {
  if (key.expiresAt === undefined || hasEnded(key)) return undefined;
  const endMs = Date.parse(key.expiresAt);
  const days = NOTICES.find(
    (before) => !key.noticesGiven.includes(before) && endMs - before * DAY_MS >= Date.parse(key.createdAt),
  );
  return days === undefined ? endMs : endMs - days * DAY_MS;
}

/** Until when the key allows the origin; for ever is `Infinity`. */
function originEndsMs(key: AuditedPublishableKey, origin: string): number | undefined {
  if (hasEnded(key)) return undefined;
  const ends = key.origins.filter((allowed) => allowed.origin === origin).map(endMsOf);
  return ends.length === 0 ? undefined : Math.min(endMsOf(key), Math.max(...ends));
}

function endMsOf({ expiresAt }: { expiresAt?: string }): number {
  return expiresAt === undefined ? Infinity : Date.parse(expiresAt);
}
