/** The domain is a function: no clock, no I/O, no randomness, nothing mutable from outside. */
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../src/', import.meta.url);
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
);

const PURE_PACKAGES = ['@mcpstack/contracts', 'zod', 'tldts', 'ipaddr.js'];
/** Reading and spelling a time that is given is pure; asking for the time is not. */
const IMPURE =
  /\bDate\.(?!parse\()|\bnew Date\b(?!\([^)])|Math\.random|\bcrypto\b|\bprocess\b|\bperformance\b|\bset(Timeout|Interval|Immediate)\b|\bfetch\b|\bawait\b|\basync\b|\bglobalThis\b|\bconsole\b/;

/** What in a source makes it impure: foreign imports and ambient effects, comments aside. */
function impurities(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const imports = [...code.matchAll(/\bfrom '([^']+)'|\bimport\(?\s*'([^']+)'/g)].map(
    (match) => match[1] ?? match[2]!,
  );
  const foreign = imports.filter((name) => !name.startsWith('.') && !PURE_PACKAGES.includes(name));
  return [...foreign, ...(IMPURE.exec(code)?.slice(0, 1) ?? [])];
}

describe('purity', () => {
  it('every source of the domain is pure', () => {
    expect(sources.length).toBeGreaterThan(8);
    for (const file of sources)
      expect([file, impurities(readFileSync(new URL(file, folder), 'utf8'))]).toEqual([file, []]);
  });

  it.each([
    "import { readFileSync } from 'node:fs';",
    "import 'node:net';",
    "const x = await import('@redis/client');",
    'const at = new Date().toISOString();',
    'const at = Date.now();',
    'const at = new Date;',
    'const at = Date.parse("2026-11-24") + Date.now();',
    'const n = Math.random();',
    'const id = crypto.randomUUID();',
  ])('control: %s is found', (line) => expect(impurities(line)).not.toEqual([]));
});
