/** What Redis answers, as plain data; and what is asked of it, in steps of bounded size. */
import { type AskedName } from '@mcpstack/read-models';
import { markOf } from '@mcpstack/replay';

/** Fields that are asked for in one step, about. */
export const FIELDS_A_STEP = 512;

/** By the name that Redis has for a type. */
export const KINDS: Readonly<Record<string, AskedName['kind'] | undefined>> = {
  hash: 'hash',
  zset: 'sorted-set',
  set: 'set',
  list: 'list',
  string: 'string',
};

export function* inSteps(names: Iterable<AskedName>): Generator<AskedName[], void, undefined> {
  let step: AskedName[] = [];
  let fields = 0;
  for (const asked of names) {
    step.push(asked);
    fields += asked.fields.length;
    if (fields < FIELDS_A_STEP) continue;
    yield step;
    step = [];
    fields = 0;
  }
  if (step.length > 0) yield step;
}

export function valueIn(kind: AskedName['kind'], cell: unknown): unknown {
  if (cell === null || cell === undefined) return undefined;
  switch (kind) {
    case 'hash':
    case 'string':
      return parsed(cell as string);
    case 'sorted-set':
      return cell === 'inf' ? Infinity : Number(cell);
    case 'set':
      return cell === 1 || undefined;
    case 'log': {
      const told = parsed(cell as string);
      return Array.isArray(told) ? markOf(told) : told;
    }
    case 'list':
      return emptyAsNone((cell as string[]).map(parsed));
    default:
      return kind satisfies never;
  }
}

/** An empty list is none. */
export function emptyAsNone(value: unknown): unknown {
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}

/** Records are objects and lists as JSON; everything else is text. */
function parsed(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
