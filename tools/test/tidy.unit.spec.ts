import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES, type SourceFile } from './tidy.ts';

const ROOT = join(import.meta.dirname, '..', '..');

function trackedFiles(): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' });
  return listed
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(ROOT, path)))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

/** One file for each rule that offends against it and against no other. */
const OFFENDERS: Record<string, SourceFile[]> = {
  'file names are kebab-case': [{ path: 'apps/gateway/src/ApiKeys.ts', text: '' }],
  'no suffixes that say nothing, and of Nest only .module and .controller': [
    { path: 'apps/gateway/src/key.dto.ts', text: '' },
    { path: 'apps/gateway/src/key.service.ts', text: '' },
  ],
  'no source is longer than 300 lines without a reason': [
    { path: 'tools/src/long.ts', text: 'x\n'.repeat(301) },
  ],
  'no path of a machine': [
    { path: 'tools/src/a.ts', text: `const path = '${'/'}work/main';` },
    { path: 'docs/b.md', text: `see ${'/'}home/jane/project` },
  ],
  'no host of a package registry': [
    { path: 'a.json', text: `"resolved": "${'http'}s://somewhere/a.tgz"` },
    { path: '.npmrc', text: `registry=https://${'registry'}.npmjs.org/` },
  ],
  'every lib has one index.ts with named exports, and nobody else has one': [
    { path: 'libs/new/src/thing.ts', text: '' },
    { path: 'apps/gateway/src/keys/index.ts', text: '' },
  ],
  'no export *': [{ path: 'tools/src/all.ts', text: `export ${'*'} from './a.ts';` }],
};

describe('the repository', () => {
  const files = trackedFiles();

  it.each(Object.keys(RULES))('%s', (name) => {
    expect(RULES[name]!(files)).toEqual([]);
  });

  it.each(Object.keys(RULES))('control: a planted offence is found: %s', (name) => {
    const planted = OFFENDERS[name]!;
    expect(RULES[name]!(planted)).toHaveLength(planted.length);
    for (const other of Object.keys(RULES).filter((rule) => rule !== name && !rule.startsWith('every lib'))) {
      expect(RULES[other]!(planted)).toEqual([]);
    }
  });
});
