import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** Steps beside jest: servers, lint, format, types. */
const STEPS = 4;

describe('npm test', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'mcpstack-tests-'));
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    write('package.json', '{\n  "type": "module"\n}\n');
    symlinkSync(join(ROOT, '.prettierrc.json'), join(root, '.prettierrc.json'));
    write('eslint.config.mjs', "export default [{ rules: { 'no-debugger': 'error' } }];\n");
    write(
      'tsconfig.spec.json',
      '{ "files": ["types.ts"], "compilerOptions": { "noEmit": true, "types": [] } }\n',
    );
    write('types.ts', 'export const one: number = 1;\n');
    write('jest.config.mjs', 'export default { transform: {} };\n');
    write('good.test.mjs', "test('good', () => {});\n");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const write = (name: string, text: string) => writeFileSync(join(root, name), text);
  const run = (...args: string[]) => {
    const script = join(import.meta.dirname, 'fixtures', 'run-tests.mjs');
    const config = ['--testMatch', '**/*.test.mjs'];
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, root, ...args, ...config], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '', CI: 'true' },
    });
    return { status, lastLine: stdout.trimEnd().split('\n').at(-1), stdout, stderr };
  };

  it('ends with one line of counts, steps included, and exit code 0', () => {
    const { status, lastLine, stdout } = run();
    expect(lastLine).toBe(`${STEPS + 1} passed, 0 failed`);
    expect(status).toBe(0);
    expect(stdout.match(/\d+ passed, \d+ failed/g)).toHaveLength(1);
    expect(stdout).toMatch(/Slowest files:\n +\d+\.\d s {2}good\.test\.mjs/);
  });

  it('counts failed and skipped tests, and a file that cannot be run as one failure', () => {
    write(
      'bad.test.mjs',
      "test('bad', () => {\n  throw new Error('no');\n});\ntest.skip('later', () => {});\n",
    );
    write('broken.test.mjs', "import './nowhere.mjs';\n");
    const { status, lastLine, stdout } = run();
    expect(lastLine).toBe(`${STEPS + 1} passed, 2 failed, 1 skipped`);
    expect(status).toBe(1);
    expect(stdout).toContain('failed file: bad.test.mjs');
    expect(stdout).toContain('failed file: broken.test.mjs');
  });

  it('runs what failed beside others once more, alone: what passes then is named, what fails again has failed', () => {
    write(
      'busy.test.mjs',
      "import { existsSync, writeFileSync } from 'node:fs';\n" +
        "test('busy', () => {\n  if (existsSync('been')) return;\n" +
        "  writeFileSync('been', '');\n  throw new Error('too busy');\n});\n",
    );
    const first = run();
    expect(first.stdout).toContain('unsteady file: busy.test.mjs');
    expect([first.status, first.lastLine]).toEqual([0, `${STEPS + 2} passed, 0 failed`]);
    // What it said at first is not lost, and stands where it is looked for.
    expect(first.stderr).toContain('too busy');
    expect(first.stdout).toMatch(/unsteady file: busy\.test\.mjs .*\n {4}● busy\n {4} +too busy\n/);

    rmSync(join(root, 'been'));
    write('bad.test.mjs', "test('bad', () => {\n  throw new Error('no');\n});\n");
    const second = run();
    expect(second.stdout).toContain('unsteady file: busy.test.mjs');
    expect(second.stdout).toContain('failed file: bad.test.mjs');
    expect([second.status, second.lastLine]).toEqual([1, `${STEPS + 2} passed, 1 failed`]);

    // A guarantee that failed once has failed, whatever a second run says.
    rmSync(join(root, 'been'));
    rmSync(join(root, 'bad.test.mjs'));
    write('busy.test.mjs', readFileSync(join(root, 'busy.test.mjs'), 'utf8').replace("'busy'", "'G3: busy'"));
    const third = run();
    expect(third.stdout).not.toContain('unsteady');
    expect([third.status, third.lastLine]).toEqual([1, `${STEPS + 1} passed, 1 failed`]);
  });

  it('runs the files that are named, and no others', () => {
    write('bad.test.mjs', "test('bad', () => {\n  throw new Error('no');\n});\n");
    const { status, lastLine } = run('good.test.mjs');
    expect([status, lastLine]).toEqual([0, `${STEPS + 1} passed, 0 failed`]);
  });

  it('counts each failing step, and names it', () => {
    write('lint.mjs', 'debugger;\n');
    write('format.mjs', 'export  const a=1\n');
    write('types.ts', "export const one: number = 'one';\n");
    const { status, lastLine, stdout } = run();
    expect(lastLine).toBe('2 passed, 3 failed');
    expect(status).toBe(1);
    for (const step of ['lint', 'format', 'types of specs']) expect(stdout).toContain(`failed step: ${step}`);
  });

  it('does not call it a success when no test was found', () => {
    const { status, lastLine } = run('no-such-file');
    expect(lastLine).toBe(`${STEPS} passed, 1 failed`);
    expect(status).toBe(1);
  });
});
