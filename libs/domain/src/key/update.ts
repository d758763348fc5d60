/** Service key: its updates. Names and tags are free; its terms can only become narrower (G8). */
import { permissionsOf, ROLES, type FieldError, type KeyScope, type Permission } from '@mcpstack/contracts';
import { refuseBadName, refuseInvalid } from '../refusals.ts';
import { millisOf } from '../time.ts';
import { blockContains } from '../web/address-block.ts';
import type { UpdateKey } from './commands.ts';
import type { KeyEvent, KeyNarrowed } from './events.ts';
import { refuseEnded } from './existing.ts';
import type { ServiceKey } from './state.ts';
import { normalLabels, normalTerms, refuseUnknownScope } from './terms.ts';

const NARROWER = 'a key can only be narrowed; make a new key for more';

export function updateKey(command: UpdateKey, key: ServiceKey): readonly KeyEvent[] {
  const { at, actor, name, role, unknownScopeIds = [] } = command;
  if (name !== undefined) refuseBadName(name);
  const { tags } = normalLabels(command);
  refuseEnded(key, at);
  const asked = { ...(role && { role }), ...normalTerms(command, at) };
  const errors = widenings(asked, key);
  refuseInvalid(`A field would give the key more than it has: ${NARROWER}.`, errors);
  // What the key is limited to already stays nameable once it is removed; what comes anew is looked at as in making.
  const had = [...(key.scope?.agents ?? []), ...(key.scope?.servers ?? [])];
  refuseUnknownScope(
    asked.scope,
    unknownScopeIds.filter((id) => !had.includes(id)),
  );

  const events: KeyEvent[] = [];
  if (name !== undefined && name !== key.name) events.push({ type: 'KeyRenamed', data: { name }, at, actor });
  if (tags && !isSame(tags, key.tags)) events.push({ type: 'KeyTagged', data: { tags }, at, actor });
  const narrowed = changedIn(asked, key);
  if (Object.keys(narrowed).length > 0) events.push({ type: 'KeyNarrowed', data: narrowed, at, actor });
  return events;
}

type Terms = KeyNarrowed['data'];

/** The fields whose new value differs. */
function changedIn(asked: Terms, key: ServiceKey): Terms {
  return Object.fromEntries(
    Object.entries(asked).filter(([field, value]) => {
      const before = key[field as keyof Terms];
      // No limits are the same as an empty list of them.
      if (before === undefined)
        return !(Array.isArray(value) && value.length === 0 && field !== 'permissions');
      return !isSame(value, before);
    }),
  );
}

/** Each field that would take away a bound, with the reason. */
function widenings(asked: Terms, key: ServiceKey): FieldError[] {
  const { role = key.role, permissions, scope, expiresAt, allowedIps, limits, quotas } = asked;
  const errors: FieldError[] = [];
  const refuse = (field: string) => errors.push({ field, message: NARROWER });

  if (ROLES.indexOf(role) < ROLES.indexOf(key.role)) refuse('role');
  const held: readonly Permission[] = permissionsOf(key.role, key.permissions);
  permissions?.forEach((one, index) => {
    if (!held.includes(one)) refuse(`permissions.${index}`);
    else if (!permissionsOf(role).includes(one))
      errors.push({ field: `permissions.${index}`, message: `the role ${role} does not hold ${one}` });
  });
  if (scope && key.scope) errors.push(...scopeWidenings(scope, key.scope));
  if (expiresAt !== undefined && key.expiresAt !== undefined && millisOf(expiresAt) > millisOf(key.expiresAt))
    refuse('expiresAt');
  allowedIps?.forEach((block, index) => {
    if (key.allowedIps && !key.allowedIps.some((one) => blockContains(one, block)))
      refuse(`allowedIps.${index}`);
  });
  errors.push(...boundWidenings('limits', limits, key.limits, (one) => one.windowMs));
  errors.push(...boundWidenings('quotas', quotas, key.quotas, (one) => one.interval));
  return errors;
}

/** A list that is absent limits nothing, so what has one keeps one. */
function scopeWidenings(scope: KeyScope, before: KeyScope): FieldError[] {
  return (['agents', 'servers'] as const).flatMap((kind) => {
    const [ids, allowed] = [scope[kind], before[kind]];
    if (!allowed) return [];
    if (!ids) return [{ field: `scope.${kind}`, message: NARROWER }];
    return ids.flatMap((one, index) =>
      allowed.includes(one) ? [] : [{ field: `scope.${kind}.${index}`, message: NARROWER }],
    );
  });
}

/** What is named stays named, over the same time, and gets no higher. */
function boundWidenings<Bound extends { name: string; limit: number }>(
  field: 'limits' | 'quotas',
  asked: readonly Bound[] | undefined,
  before: readonly Bound[] = [],
  timeOf: (bound: Bound) => number | string,
): FieldError[] {
  if (!asked) return [];
  return before.flatMap((old) => {
    const index = asked.findIndex(({ name }) => name === old.name);
    const bound = asked[index];
    if (!bound) return [{ field, message: `must keep ${old.name}: ${NARROWER}` }];
    const isNarrower = bound.limit <= old.limit && timeOf(bound) === timeOf(old);
    return isNarrower ? [] : [{ field: `${field}.${index}`, message: NARROWER }];
  });
}

/** The same whatever the order of lists and fields. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(sorted(one))).sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([field, one]) => [field, sorted(one)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
