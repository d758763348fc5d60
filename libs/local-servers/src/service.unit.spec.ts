import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { programOf } from './service.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mcpstack-programs-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A file of this age. Minutes. */
function written(path: string, age: number): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  const at = new Date(Date.now() - age * 60_000);
  utimesSync(file, at, at);
}

const program = (env: NodeJS.ProcessEnv = {}): string | undefined =>
  programOf(root, 'gateway', env)?.slice(root.length + 1);
const BUNDLE = 'apps/gateway/dist/service.js';
const MODULES = 'apps/gateway/dist/main.js';

it('nothing that is built is no program', () => {
  expect(program()).toBeUndefined();
});

describe('of what is built', () => {
  beforeEach(() => {
    written(MODULES, 9);
    written('apps/gateway/dist/.tsbuildinfo', 9);
    written('libs/contracts/dist/.tsbuildinfo', 9);
  });

  it('the bundle is started, as the image does', () => {
    written(BUNDLE, 5);
    expect(program({ NODE_OPTIONS: '' })).toBe(BUNDLE);
  });

  it.each(['apps/gateway/dist/.tsbuildinfo', 'libs/contracts/dist/.tsbuildinfo'])(
    'a bundle that is older than %s is not: it would hide what was changed',
    (path) => {
      written(BUNDLE, 5);
      written(path, 1);
      expect(program()).toBe(MODULES);
    },
  );

  it('without a bundle the modules are started', () => {
    expect(program()).toBe(MODULES);
  });

  it('what Node is told to load first may look for single modules', () => {
    written(BUNDLE, 5);
    expect(program({ NODE_OPTIONS: '--import ./preload.mjs' })).toBe(MODULES);
  });
});
