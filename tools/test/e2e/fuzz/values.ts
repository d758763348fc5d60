/** Random values after a schema: mostly what it asks for, sometimes what nobody would send in good faith. */
import type { ApiDocument, Schema } from './document.ts';

/** A small generator with a seed, so that a run can be repeated (mulberry32). */
export class Random {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

const NASTY: readonly unknown[] = [
  '',
  ' ',
  'null',
  null,
  true,
  0,
  -1,
  1e21,
  Number.MAX_SAFE_INTEGER + 2,
  [],
  {},
  [[[[]]]],
  { __proto: 1 },
  'x'.repeat(5_000),
  '\u0000',
  'a\u202eb',
  'a\ud800b',
  '../../etc/passwd',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '${7*7}',
  '2026-02-30T00:00:00Z',
  '1999-01-01T00:00:00Z',
  '10.0.0.1/8',
  '::ffff:10.0.0.1',
  'http://app.example.com/',
  'https://app.example.com.',
  'https://bücher.example',
  'xn--a',
  'constructor',
  '__proto__',
];

/** Ids seen in answers, by prefix, and other values that fit fields by their names. */
export interface Known {
  ids: Map<string, string[]>;
  byName: Record<string, (random: Random) => unknown>;
}

export function valueFor(
  document: ApiDocument,
  given: Schema,
  { random, known, name = '', wild = 0.08 }: { random: Random; known: Known; name?: string; wild?: number },
  depth = 0,
): unknown {
  const schema = document.resolve(given);
  const again = (part: Schema, of: string) =>
    valueFor(document, part, { random, known, name: of, wild }, depth + 1);
  if (random.chance(wild)) return random.of(NASTY);
  const named = known.byName[name];
  if (named && random.chance(0.8)) return named(random);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return again(random.of(choices), name);
  if (schema.allOf) {
    return Object.assign({}, ...schema.allOf.map((part) => again(part, name) as object)) as unknown;
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return random.of(schema.enum);
  const type = Array.isArray(schema.type) ? random.of(schema.type) : schema.type;
  if (type === 'object' || schema.properties) return objectFor(schema, again, random);
  if (type === 'array') {
    const most = Math.min(schema.maxItems ?? 3, 4);
    const count = Math.max(schema.minItems ?? 0, random.below(most + 1));
    return Array.from({ length: Math.min(count, 10) }, () => again(schema.items ?? {}, name));
  }
  if (type === 'integer' || type === 'number') {
    const [low, high] = [schema.minimum ?? 0, schema.maximum ?? 1_000];
    return random.of([low, high, low + random.below(Math.min(high - low, 1e9) + 1)]);
  }
  if (type === 'boolean') return random.chance(0.5);
  return textFor(schema, random);
}

function objectFor(
  schema: Schema,
  again: (part: Schema, name: string) => unknown,
  random: Random,
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(schema.properties ?? {})) {
    const isRequired = schema.required?.includes(key) ?? false;
    if (random.chance(isRequired ? 0.97 : 0.3)) value[key] = again(part, key);
  }
  if (random.chance(0.03)) value[random.of(['extra', '__proto__x', 'constructor', 'role2'])] = 1;
  return value;
}

function textFor(schema: Schema, random: Random): string {
  if (schema.format === 'date-time') {
    return new Date(Date.now() + (random.below(60) - 5) * 86_400_000).toISOString();
  }
  const example = schema.example ?? schema.examples?.[0];
  if (typeof example === 'string' && random.chance(0.5)) return example;
  return `t${random.below(1e9).toString(36)}`;
}

/** JSON text of a body: mostly as it is, sometimes broken the way only bytes can be. */
export function bytesOf(body: unknown, random: Random): Buffer {
  const text = JSON.stringify(body) ?? '';
  if (random.chance(0.96)) return Buffer.from(text);
  return random.of([
    Buffer.from(text.slice(0, -1)),
    Buffer.from(text.replace('{', '{"__proto__":{"x":1},')),
    Buffer.from(text.replace('{', '{"name":"a","name":"b",')),
    Buffer.from(`${'['.repeat(10_000)}${']'.repeat(10_000)}`),
    Buffer.from(text.replace('{', '{"limit":1e400,')),
    Buffer.from(text.replace('{', '{"limit":-0,')),
    Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('"}')]),
    Buffer.from('\ufeff' + text),
    Buffer.from('null'),
    Buffer.alloc(0),
  ]);
}
