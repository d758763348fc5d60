/** What a caller may say of a service key: form and bounds, and the one spelling in which each is stored. */
import {
  isId,
  permissionsOf,
  type FieldError,
  type KeyScope,
  type KeyTerms,
  type Permission,
  type Quota,
  type RateLimit,
} from '@mcpstack/contracts';
import { refuseInvalid } from '../refusals.ts';
import { futureTime } from '../time.ts';
import { normalBlock } from '../web/address-block.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
const TAG = /^[a-z0-9][a-z0-9._:-]{0,63}$/;
/** A beginning of a token only: more of it could help to guess the rest. */
const HINT = /^[\x21-\x7e]{1,16}$/;
const MOST_TAGS = 20;
const MOST_SCOPE_IDS = 50;
const MOST_BLOCKS = 64;
const MOST_LIMITS = 10;
const HIGHEST_LIMIT = 1_000_000_000;
const SHORTEST_WINDOW_MS = 1_000;
const LONGEST_WINDOW_MS = 24 * 60 * 60 * 1_000;

export interface Labels {
  tags?: readonly string[];
  environment?: string;
  hint?: string;
}

interface NormalLabels {
  tags?: string[];
  environment?: string;
  hint?: string;
}
type NormalTerms = {
  permissions?: Permission[];
  scope?: { agents?: string[]; servers?: string[] };
  expiresAt?: string;
  allowedIps?: string[];
  limits?: RateLimit[];
  quotas?: Quota[];
};

/** @throws ProblemError that names every field that is wrong. */
export function normalLabels({ tags, environment, hint }: Labels): NormalLabels {
  const errors: FieldError[] = [];
  if (tags && tags.length > MOST_TAGS)
    errors.push({ field: 'tags', message: `must be at most ${MOST_TAGS}` });
  else
    tags?.forEach((tag, index) => {
      if (!TAG.test(tag))
        errors.push({
          field: `tags.${index}`,
          message: 'must be 1 to 64 of a-z, 0-9, dot, underscore, colon and dash, a letter or digit first',
        });
    });
  if (environment !== undefined && !NAME.test(environment))
    errors.push({ field: 'environment', message: NAME_RULE });
  if (hint !== undefined && !HINT.test(hint))
    errors.push({ field: 'hint', message: 'must be the first characters of the token, at most 16' });
  refuseInvalid('A label of the key is not valid.', errors);
  return {
    ...(tags && { tags: [...new Set(tags)] }),
    ...(environment !== undefined && { environment }),
    ...(hint !== undefined && { hint }),
  };
}
const NAME_RULE = 'must be 1 to 32 of a-z, 0-9 and dash, a letter or digit first';

/**
 * The terms without the role, each in its one spelling; what is absent stays absent.
 * @throws ProblemError that names every field that is wrong.
 */
export function normalTerms(terms: Omit<KeyTerms, 'role'>, at: string): NormalTerms {
  const { permissions, scope, expiresAt, allowedIps, limits, quotas } = terms;
  const errors: FieldError[] = [];
  const blocks = allowedIps && normalBlocks(allowedIps, errors);
  checkScope(scope, errors);
  checkNames('limits', limits, errors);
  checkNames('quotas', quotas, errors);
  limits?.forEach(({ windowMs }, index) => {
    if (!isWhole(windowMs, SHORTEST_WINDOW_MS, LONGEST_WINDOW_MS))
      errors.push({
        field: `limits.${index}.windowMs`,
        message: `must be a whole number from ${SHORTEST_WINDOW_MS} to ${LONGEST_WINDOW_MS}`,
      });
  });
  refuseInvalid('A term of the key is not valid.', errors);
  return {
    ...(permissions && { permissions: [...new Set(permissions)] }),
    ...(scope && { scope: copyOf(scope) }),
    ...(expiresAt !== undefined && { expiresAt: futureTime(expiresAt, at) }),
    ...(blocks && { allowedIps: blocks }),
    ...(limits && {
      limits: limits.map(({ name, limit, windowMs }) => ({ name, limit, windowMs })),
    }),
    ...(quotas && { quotas: quotas.map(({ name, limit, interval }) => ({ name, limit, interval })) }),
  };
}

/** A list that is empty would read as "none at all" to some and as "any" to others. */
function normalBlocks(texts: readonly string[], errors: FieldError[]): string[] {
  if (texts.length < 1 || texts.length > MOST_BLOCKS) {
    errors.push({ field: 'allowedIps', message: `must be 1 to ${MOST_BLOCKS}` });
    return [];
  }
  const blocks = texts.flatMap((text, index) => {
    const normal = normalBlock(text);
    if ('block' in normal) return [normal.block];
    errors.push({ field: `allowedIps.${index}`, message: normal.problem });
    return [];
  });
  return [...new Set(blocks)];
}

function checkScope(scope: KeyScope | undefined, errors: FieldError[]): void {
  if (!scope) return;
  if (!scope.agents && !scope.servers)
    errors.push({ field: 'scope', message: 'must name agents or servers' });
  for (const [field, kind, what] of [
    ['agents', 'agent', 'an agent'],
    ['servers', 'server', 'a server'],
  ] as const) {
    const ids = scope[field];
    if (!ids) continue;
    if (ids.length < 1 || ids.length > MOST_SCOPE_IDS)
      errors.push({ field: `scope.${field}`, message: `must be 1 to ${MOST_SCOPE_IDS}` });
    else
      ids.forEach((one, index) => {
        if (!isId(kind, one))
          errors.push({ field: `scope.${field}.${index}`, message: `must be the id of ${what}` });
      });
  }
}

function copyOf({ agents, servers }: KeyScope) {
  return {
    ...(agents && { agents: [...new Set(agents)] }),
    ...(servers && { servers: [...new Set(servers)] }),
  };
}

function checkNames(
  field: 'limits' | 'quotas',
  list: readonly { name: string; limit: number }[] = [],
  errors: FieldError[],
): void {
  if (list.length > MOST_LIMITS) {
    errors.push({ field, message: `must be at most ${MOST_LIMITS}` });
    return;
  }
  list.forEach(({ name, limit }, index) => {
    if (!NAME.test(name)) errors.push({ field: `${field}.${index}.name`, message: NAME_RULE });
    else if (list.findIndex((one) => one.name === name) !== index)
      errors.push({ field: `${field}.${index}.name`, message: 'must not be named twice' });
    if (!isWhole(limit, 1, HIGHEST_LIMIT))
      errors.push({
        field: `${field}.${index}.limit`,
        message: `must be a whole number from 1 to ${HIGHEST_LIMIT}`,
      });
  });
}

function isWhole(value: number, from: number, to: number): boolean {
  return Number.isSafeInteger(value) && value >= from && value <= to;
}

/** A narrowing may only take away: a permission beyond the role would look granted and never be. */
export function refuseBeyondRole({ role, permissions = [] }: Pick<KeyTerms, 'role' | 'permissions'>): void {
  const held = permissionsOf(role);
  refuseInvalid(
    'A key can be narrowed only to permissions of its role.',
    permissions.flatMap((one, index) =>
      held.includes(one)
        ? []
        : [{ field: `permissions.${index}`, message: `the role ${role} does not hold ${one}` }],
    ),
  );
}

/** One answer for what is another organization's, what was removed and what never was. */
export function refuseUnknownScope(scope: KeyScope | undefined, unknownIds: readonly string[]): void {
  const errors = (['agents', 'servers'] as const).flatMap((kind) =>
    (scope?.[kind] ?? []).flatMap((one, index) =>
      unknownIds.includes(one)
        ? [{ field: `scope.${kind}.${index}`, message: 'is none of this organization' }]
        : [],
    ),
  );
  refuseInvalid('The scope names what the organization does not have.', errors);
}
