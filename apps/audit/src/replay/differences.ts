/** In what two values differ, and how that is told. */
import { plain } from '@mcpstack/terminal';

export interface Difference {
  /** Within the generation, such as `key:key_…`. */
  name: string;
  /** Of a hash its field, of a list its member; empty where the name has but one value. */
  field: string;
  /** Where in the value, such as `secrets.0.version`; empty for the whole. */
  path: string;
  /** `missing`: Redis lacks what the log says. `extra`: Redis holds what the log does not say. */
  kind: 'different' | 'missing' | 'extra';
  log?: unknown;
  redis?: unknown;
}

/** Of one value so many differences are told. */
const MOST_PATHS = 5;
const MOST_LETTERS = 160;

/** @returns none where both are the same: objects in any order of their fields, a field without a value as none. */
export function differencesIn(
  { name, field }: { name: string; field: string },
  log: unknown,
  redis: unknown,
): Difference[] {
  if (log === undefined && redis === undefined) return [];
  if (log === undefined) return [{ name, field, path: '', kind: 'extra', redis: shown(name, redis) }];
  if (redis === undefined) return [{ name, field, path: '', kind: 'missing', log: shown(name, log) }];
  const found: Difference[] = [];
  walk(log, redis, '', (path, said, stands) => {
    found.push({ name, field, path, kind: 'different', log: shown(name, said), redis: shown(name, stands) });
    return found.length < MOST_PATHS;
  });
  return found;
}

/** @param tell answers whether to go on. */
function walk(
  log: unknown,
  redis: unknown,
  path: string,
  tell: (path: string, log: unknown, redis: unknown) => boolean,
): boolean {
  if (log === redis) return true;
  if (!isObject(log) || !isObject(redis) || Array.isArray(log) !== Array.isArray(redis))
    return tell(path, log, redis);
  for (const field of Object.keys(log))
    if (!walk(log[field], own(redis, field), joined(path, field), tell)) return false;
  for (const field of Object.keys(redis))
    if (!Object.hasOwn(log, field) && redis[field] !== undefined)
      if (!tell(joined(path, field), undefined, redis[field])) return false;
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A field such as "constructor" must not find what every object inherits. */
function own(value: Record<string, unknown>, field: string): unknown {
  return Object.hasOwn(value, field) ? value[field] : undefined;
}

function joined(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}

/** What is of a person is not shown: that it differs is enough. */
function shown(name: string, value: unknown): unknown {
  return name.startsWith('user:') && value !== undefined ? '(personal, not shown)' : value;
}

/** Three lines each, for a terminal of 80 columns. */
export function differenceLines(differences: readonly Difference[]): string[] {
  return differences.flatMap(({ name, field, path, kind, log, redis }) => {
    const place = [name, field, path].filter((part) => part !== '').join(' · ');
    const head = `  ${kind}: ${place}`;
    const said = kind === 'extra' ? 'nothing' : text(log);
    const stands = kind === 'missing' ? 'nothing' : text(redis);
    return [plain(head), `    log:   ${plain(said)}`, `    Redis: ${plain(stands)}`];
  });
}

function text(value: unknown): string {
  if (value === undefined) return 'nothing';
  const spelled = value === Infinity ? 'for ever' : JSON.stringify(value);
  return spelled.length > MOST_LETTERS ? `${spelled.slice(0, MOST_LETTERS)}…` : spelled;
}
