/** SECURITY.md names, for each threat, tests that are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');

interface Threat {
  kind: string;
  threat: string;
  tests: string[];
}

/** The rows of the tables of threats. */
function threatsOf(text: string): Threat[] {
  return text
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, kind]) => /^[STRIDE]$/.test(kind ?? ''))
    .map(([, kind, threat, , tests]) => ({
      kind: kind!,
      threat: threat!,
      tests: [...(tests ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
    }));
}

/** Threats without a test, and tests that are not there or hold nothing. */
function faultsOf(threats: readonly Threat[]): string[] {
  return threats.flatMap(({ threat, tests }) => {
    if (tests.length === 0) return [`${threat}: no test`];
    return tests
      .filter((path) => {
        const full = join(ROOT, path);
        return (
          !path.endsWith('.spec.ts') ||
          !existsSync(full) ||
          !/\bit(\.each)?\(|\bit\.each/.test(readFileSync(full, 'utf8'))
        );
      })
      .map((path) => `${threat}: ${path} is not there`);
  });
}

it('every threat of SECURITY.md names tests that are there', () => {
  const threats = threatsOf(page);
  expect(threats.length).toBeGreaterThan(30);
  expect([...new Set(threats.map(({ kind }) => kind))].sort().join('')).toBe('DEIRST');
  expect(faultsOf(threats)).toEqual([]);
});

it('control: a threat without a test, and a test that is not there, are found', () => {
  const rows =
    '| S | a | b | - |\n| T | c | d | `tools/test/none.unit.spec.ts` |\n| D | e | f | `README.md` |';
  expect(faultsOf(threatsOf(rows))).toEqual([
    'a: no test',
    'c: tools/test/none.unit.spec.ts is not there',
    'e: README.md is not there',
  ]);
});
