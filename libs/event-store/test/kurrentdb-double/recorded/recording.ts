/** The recording, and how what a call gives now is compared with what it gave then. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RecordedCase {
  case: string;
  response?: unknown;
  error?: unknown;
}

/** By name; a name that comes again gets `#2`, `#3`, … */
export const RECORDED: ReadonlyMap<string, RecordedCase> = load();

function load(): Map<string, RecordedCase> {
  const file = join(import.meta.dirname, '../kurrentdb.recorded.json');
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: RecordedCase[] };
  const byName = new Map<string, RecordedCase>();
  for (const one of cases) {
    let name = one.case;
    for (let n = 2; byName.has(name); n += 1) name = `${one.case}#${n}`;
    byName.set(name, one);
  }
  return byName;
}

/** What a call did: a value or an error, in the recording's own notation. */
export async function outcomeOf(
  act: () => Promise<unknown>,
): Promise<{ response?: unknown; error?: unknown }> {
  try {
    return { response: noted(await act()) };
  } catch (error) {
    return { error: noted(error) };
  }
}

/** A value as the recording writes it: `5n`, `(undefined)`, `Date(…)`, `bytes(3)`, errors by their fields. */
export function noted(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value === undefined) return '(undefined)';
  if (isDate(value)) return `Date(${value.toISOString()})`;
  if (value instanceof Uint8Array || Buffer.isBuffer(value)) return `bytes(${value.length})`;
  if (isError(value)) return notedError(value);
  if (Array.isArray(value)) return value.map(noted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, noted(one)]));
}

/** Objects of the client's realm are no instances of this one's classes. */
function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === '[object Date]';
}

function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function notedError(error: Error & { type?: unknown; code?: unknown; _raw?: unknown }): unknown {
  const { name, message, type, code, _raw, ...rest } = { ...error, name: error.name, message: error.message };
  const fields = Object.entries(rest).filter(([key, value]) => key !== 'stack' && value !== undefined);
  return {
    class: error.constructor.name,
    name,
    message,
    type: noted(type),
    code: noted(code),
    ...Object.fromEntries(
      fields.map(([key, value]) => [key, key === 'metadata' ? headers(value) : noted(value)]),
    ),
    ...(_raw === undefined || _raw === null ? {} : { _raw: notedRaw(_raw) }),
  };
}

function notedRaw(raw: unknown): unknown {
  const { code, details, metadata } = raw as { code?: unknown; details?: unknown; metadata?: unknown };
  return code === undefined ? {} : { code, details, metadata: headers(metadata) };
}

/** What the transport adds to the server's trailers is no part of the recording. */
function headers(metadata: unknown): unknown {
  const map = (metadata as { getMap?: () => Record<string, unknown> } | undefined)?.getMap?.() ?? {};
  return Object.fromEntries(Object.entries(map).filter(([key]) => !/^(content-type|date|grpc-)/.test(key)));
}

const POSITION_KEYS = new Set(['commit', 'prepare', 'commitPosition', 'cp', 'metastreamRevision']);
const TIMES = new Set(['ms', 'elapsedMs', 'offsetMsFromAppendStart', 'processExitMs', 'appendTookMs']);

/** Without what varies from run to run: ids, dates, times, ports, positions. */
export function masked(value: unknown, key = ''): unknown {
  if (TIMES.has(key)) return '(time)';
  if (POSITION_KEYS.has(key) && typeof value === 'string') return '(position)';
  if (typeof value === 'string') return maskedText(value);
  if (Array.isArray(value)) return value.map((one) => masked(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, masked(one, name)]));
}

function maskedText(text: string): string {
  return text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '(id)')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '(date)')
    .replace(/(127\.0\.0\.1|localhost|::1):\d+/g, '(address)')
    .replace(/<id>:error|[0-9A-F]{16}:error/g, '(thread):error')
    .replace(/:?\.\.\/deps\/[^:]*:\d+:/g, '')
    .replace(/\d+\.\d+s/g, '(time)');
}

/** All positions of a value, in order. */
export function positionsIn(value: unknown, key = ''): bigint[] {
  if (POSITION_KEYS.has(key) && typeof value === 'string') {
    return /^\d+n$/.test(value) ? [BigInt(value.slice(0, -1))] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => positionsIn(one, name));
}

/** Positions are compared by order and equality only: pairs (then, now) must agree about every two. */
export function expectSameOrder(pairs: readonly (readonly [bigint, bigint])[]): void {
  const sorted = [...pairs].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  for (let n = 1; n < sorted.length; n += 1) {
    const [before, after] = [sorted[n - 1]!, sorted[n]!];
    const order = (a: bigint, b: bigint) => (a < b ? 'before' : a === b ? 'equal' : 'after');
    expect([n, order(before[1], after[1])]).toEqual([n, order(before[0], after[0])]);
  }
}
