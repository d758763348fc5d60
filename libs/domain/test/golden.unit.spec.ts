/** Golden files of every version of every event (G10). See golden-events.ts for the rule they keep. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { CATEGORIES, codecFor } from '../src/index.ts';
import { GOLDEN_EVENTS } from './golden-events.ts';

const folder = new URL('./golden/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8');
const names = readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));

interface Stored {
  type: string;
  data: unknown;
  metadata: { schemaVersion: number };
}
const stored = (name: string) => JSON.parse(read(`${name}.json`)) as Stored;
const sums = new Map(
  read('SHA256SUMS')
    .trim()
    .split('\n')
    .map((line) => [line.slice(66), line.slice(0, 64)]),
);
const isUnchanged = (file: string, content: string) =>
  createHash('sha256').update(content).digest('hex') === sums.get(file);

/** Types and versions of these codecs that have no golden file. */
function missing(versions: Readonly<Record<string, number>>, have: readonly string[]): string[] {
  return Object.entries(versions).flatMap(([type, current]) =>
    Array.from({ length: current }, (_, index) => `${type}.v${index + 1}`).filter(
      (name) => !have.includes(name),
    ),
  );
}

describe('golden events (G10)', () => {
  it('there is one for every version of every event', () => {
    const all = Object.assign({}, ...CATEGORIES.map((category) => codecFor(category).versions)) as Record<
      string,
      number
    >;
    expect(missing(all, names)).toEqual([]);
    // Control: a version or a type without its file is found.
    expect(missing({ ...all, KeyRevoked: 3, KeyCloned: 1 }, names)).toEqual([
      'KeyRevoked.v3',
      'KeyCloned.v1',
    ]);
  });

  it('each has its expectation and its recorded sum, and none is left over', () => {
    expect(Object.keys(GOLDEN_EVENTS).sort()).toEqual([...names].sort());
    expect([...sums.keys()].sort()).toEqual(names.map((name) => `${name}.json`).sort());
  });

  it('none was ever changed', () => {
    for (const name of names) {
      const content = read(`${name}.json`);
      expect([name, isUnchanged(`${name}.json`, content)]).toEqual([name, true]);
      // Control: one more space is found.
      expect(isUnchanged(`${name}.json`, `${content} `)).toBe(false);
    }
  });

  it.each(Object.entries(GOLDEN_EVENTS))('%s reads as what it was', (name, { category, event }) => {
    expect(codecFor(category).decode(stored(name))).toEqual(event);
  });

  it.each(Object.entries(GOLDEN_EVENTS))('%s, when current, is written byte for byte', (name, golden) => {
    const codec = codecFor(golden.category);
    const { type, data, metadata } = stored(name);
    const encoded = codec.encode(golden.event);
    expect(encoded).toMatchObject({ type, schemaVersion: codec.versions[type] });
    if (metadata.schemaVersion === codec.versions[type])
      expect(JSON.stringify(encoded.data)).toBe(JSON.stringify(data));
  });
});
