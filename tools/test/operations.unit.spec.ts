/** docs/operations.md: its figures follow from what was measured, and the tests that it names are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@mcpstack/local-servers';
import { capacityTable, readFigures } from './drill/capacity.ts';
import { ORDER } from './drill/upgrade.ts';

const root = repositoryRoot();
const page = readFileSync(join(root, 'docs', 'operations.md'), 'utf8');

/** The part below a heading of the second level. */
function section(heading: string): string {
  const [, part] = page.split(`\n## ${heading}\n`);
  if (part === undefined) throw new Error(`docs/operations.md has no section ${heading}`);
  return part.split('\n## ')[0]!;
}

const cellsOf = (line: string) => line.split('|').map((cell) => cell.trim().replace(/^-+$/, '---'));
const tableLines = (text: string) => text.split('\n').filter((line) => line.startsWith('|'));

/** Files of tests that the text names, and that are not there. */
function missing(text: string): string[] {
  const named = [...text.matchAll(/`((?:apps|libs|tools)\/[^`\s]+\.spec\.ts)`/g)].map(([, path]) => path!);
  return named.filter((path) => !existsSync(join(root, path)));
}

describe('capacity', () => {
  const [results, measured] = readFigures(root);
  const written = () => tableLines(section('Capacity')).map(cellsOf);

  it('every figure follows from what was measured', () => {
    expect(written()).toEqual(capacityTable(results, measured).map(cellsOf));
  });

  it('control: other measurements, other figures', () => {
    const other = structuredClone(results);
    for (const { ratio } of other.results) ratio.ours.median *= 2;
    expect(written()).not.toEqual(capacityTable(other, measured).map(cellsOf));
  });
});

describe('disasters and rotations', () => {
  it.each(['Disasters', 'Rotations'])('%s: each line names a test, or says that there is none', (heading) => {
    const [, , ...lines] = tableLines(section(heading));
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.filter((line) => !/\.spec\.ts`|no test/.test(line))).toEqual([]);
  });

  it('every test that is named is there', () => expect(missing(page)).toEqual([]));

  it('control: one that is not there is found', () => {
    const gone = 'tools/test/e2e/never-written.e2e.spec.ts';
    expect(missing(`${page} \`${gone}\``)).toEqual([gone]);
  });
});

it('the order of an upgrade is the one that the drill takes', () => {
  const [, ordered] = /^The order:(.*)$/m.exec(section('Upgrade'))!;
  expect([...ordered!.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name)).toEqual(
    ORDER.filter((name) => name !== 'identity-provider'),
  );
});
