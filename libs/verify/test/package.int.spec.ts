/** The packages as they would be published: packed, and looked at by publint and arethetypeswrong. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ATTW = join(ROOT, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
const LIMITS = { timeout: 40_000, maxBuffer: 16 * 1_024 * 1_024 };
const run = promisify(execFile);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcpstack-packages-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Packed {
  /** The tarball, and the folder with what is in it. */
  tarball: string;
  content: string;
  exports: Record<string, Record<string, string>>;
}

/** Packs a folder, which needs no registry; `tsc -b` has run. */
async function pack(path: string, name: string): Promise<Packed> {
  const into = join(folder, name);
  mkdirSync(into);
  const args = ['pack', path, '--json', '--offline', '--ignore-scripts', '--pack-destination', into];
  const { stdout } = await run('npm', args, { ...LIMITS, cwd: into });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  await run('tar', ['-xzf', filename], { ...LIMITS, cwd: into });
  const content = join(into, 'package');
  const manifest = JSON.parse(readFileSync(join(content, 'package.json'), 'utf8')) as Packed;
  return { tarball: join(into, filename), content, exports: manifest.exports };
}

async function lint({ tarball }: Packed): Promise<string[]> {
  const packed = new Uint8Array(readFileSync(tarball)).buffer;
  const { messages, pkg } = await publint({ pack: { tarball: packed }, level: 'suggestion', strict: true });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

/** What its exports name and it does not have; publint does not look at conditions of our own. */
function missing({ content, exports }: Packed): string[] {
  return Object.values(exports)
    .flatMap((conditions) => Object.values(conditions))
    .filter((path) => !existsSync(join(content, path)));
}

/** In a process of its own, as it carries a compiler. The packages are ESM alone, so `require` is not asked about. */
async function typesOf({ tarball }: Packed): Promise<{ exitCode: number; kind: string; entries: string[] }> {
  const args = [ATTW, tarball, '--profile', 'esm-only', '--format', 'json', '--no-definitely-typed'];
  const environment = { ...process.env, NODE_OPTIONS: '' };
  const { stdout, code } = await run(process.execPath, args, { ...LIMITS, env: environment }).then(
    (done) => ({ ...done, code: 0 }),
    (error: { stdout: string; code: number }) => error,
  );
  const { analysis } = JSON.parse(stdout) as {
    analysis: { types: { kind: string }; entrypoints: object };
  };
  return { exitCode: code, kind: analysis.types.kind, entries: Object.keys(analysis.entrypoints) };
}

describe.each(['verify', 'contracts', 'agent-sdk'])('@mcpstack/%s, packed', (name) => {
  let packed: Packed;
  beforeAll(async () => {
    packed = await pack(join(ROOT, 'libs', name), name);
  });

  it('has nothing that publint minds, and all that it names', async () => {
    expect(await lint(packed)).toEqual([]);
    expect(missing(packed)).toEqual([]);
  });

  it('has types that fit its code, for every entry', async () => {
    expect(await typesOf(packed)).toEqual({
      exitCode: 0,
      kind: 'included',
      entries: Object.keys(packed.exports),
    });
  });
});

it('control: a package without a file that it names is seen by each', async () => {
  const broken = join(folder, 'source');
  cpSync(join(ROOT, 'libs', 'agent-sdk'), broken, {
    recursive: true,
    filter: (path) => !/\/(src|test)$|index\.d\.ts$/.test(path),
  });
  const packed = await pack(broken, 'broken');
  expect((await lint(packed)).join()).toContain('index.d.ts');
  expect(missing(packed)).toEqual(['./src/index.ts', './dist/index.d.ts']);
  expect((await typesOf(packed)).exitCode).toBe(1);
});
