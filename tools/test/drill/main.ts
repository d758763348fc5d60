/** `npm run drill`: an upgrade from an older version under load, and what a key takes in memory and on disk. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { repositoryRoot } from '@mcpstack/local-servers';
import { Product } from '../e2e/product.ts';
import { capacityTable, readFigures } from './capacity.ts';
import { measure } from './measure.ts';
import { restoreDrill } from './restore.ts';
import { isGood, twoOfEach, upgrade, type UpgradeResult } from './upgrade.ts';

const USAGE = `npm run drill -- upgrade --from <git ref> [--back] [--worktree DIR] [--json]
    builds that version in a worktree (a temporary one, unless DIR is given, which is kept), starts two of each service
    of it, and replaces them by this version under load, and back again where you say so; ends with 0 if no check failed
    and no command was lost
npm run drill -- measure [--keys 20000] [--json]
    what keys take: memory of Redis and NATS, bytes of the log (docs/performance/capacity.json)
npm run drill -- restore [--keys 20000] [--json]
    makes keys, backs the log up, destroys log and read models, restores, rebuilds, checks, and says what each step took
npm run drill -- capacity
    the table of docs/operations.md, from results.json and capacity.json`;

/** @returns the exit code. */
export async function drill(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      worktree: { type: 'string' },
      back: { type: 'boolean', default: false },
      keys: { type: 'string', default: '20000' },
      json: { type: 'boolean', default: false },
    },
  });
  const [which] = positionals;
  if (which === 'upgrade' && values.from !== undefined) return upgradeDrill(values.from, values);
  if (which === 'measure') return measureDrill(Number(values.keys), values.json);
  if (which === 'restore') return restore(Number(values.keys), values.json);
  if (which === 'capacity') {
    console.log(capacityTable(...readFigures(repositoryRoot())).join('\n'));
    return 0;
  }
  console.error(USAGE);
  return 2;
}

async function measureDrill(keys: number, json: boolean): Promise<number> {
  const result = await measure(keys);
  if (json) console.log(JSON.stringify(result, null, 2));
  else console.table(result);
  return 0;
}

interface UpgradeArguments {
  worktree?: string;
  back?: boolean;
  json?: boolean;
}

async function upgradeDrill(ref: string, { worktree, back = false, json = false }: UpgradeArguments) {
  const old = await OldVersion.build(ref, worktree && resolve(worktree));
  let product: Product | undefined;
  try {
    say(`starting two of each service of ${old.name}`);
    product = await Product.start({
      root: old.root,
      instances: twoOfEach(old.root)!,
      // Those of production, where this machine has no reason for others.
      env: { TRUSTED_PROXIES: '127.0.0.1/32' },
    });
    const results: Record<string, UpgradeResult> = {};
    results['forth'] = await upgrade({ product, to: repositoryRoot(), onProgress: say });
    if (back) {
      say(`back to ${old.name}`);
      results['back'] = await upgrade({ product, to: old.root, isBack: true, onProgress: say });
    }
    if (json) console.log(JSON.stringify({ from: old.name, ...results }, null, 2));
    else for (const result of Object.values(results)) show(result);
    return Object.values(results).every(isGood) ? 0 : 1;
  } finally {
    await product?.stop();
    await old.remove();
  }
}

function show(result: UpgradeResult): void {
  console.table(result.steps);
  console.table([result.totals]);
  console.log('failed checks:', result.failures);
  console.log(result.aftermath);
  console.log(isGood(result) ? 'Nothing failed, nothing was lost.' : 'This upgrade was felt.');
}

/** A version of this repository, installed and built beside it. */
class OldVersion {
  private constructor(
    readonly name: string,
    readonly root: string,
    private readonly isTemporary: boolean,
  ) {}

  static async build(ref: string, folder: string | undefined): Promise<OldVersion> {
    const repository = repositoryRoot();
    const commit = await run('git', ['rev-parse', '--verify', `${ref}^{commit}`], repository);
    const root = folder ?? join(mkdtempSync(join(tmpdir(), 'mcpstack-upgrade-')), 'old');
    const old = new OldVersion(commit.slice(0, 12), root, folder === undefined);
    if (existsSync(join(root, 'apps', 'gateway', 'dist', 'main.js'))) {
      if ((await run('git', ['rev-parse', 'HEAD'], root)) !== commit)
        throw new Error(`${root} holds another version than ${ref}.`);
      return old;
    }
    try {
      say(`building ${old.name} in ${root}`);
      await run('git', ['worktree', 'add', '--detach', root, commit], repository);
      await run('npm', ['ci', '--no-progress', '--no-audit', '--no-fund'], root);
      await run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b'], root);
      return old;
    } catch (error) {
      await old.remove();
      throw error;
    }
  }

  async remove(): Promise<void> {
    if (!this.isTemporary) return;
    await run('git', ['worktree', 'remove', '--force', this.root], repositoryRoot()).catch(() => undefined);
    rmSync(join(this.root, '..'), { recursive: true, force: true });
  }
}

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout } = await promisify(execFile)(command, args, { cwd, env, maxBuffer: 2 ** 26 });
  return stdout.trim();
}

function say(line: string): void {
  console.error(line);
}

async function restore(keys: number, json: boolean): Promise<number> {
  const result = await restoreDrill(keys, (step) => console.error(`${step} …`));
  if (json) console.log(JSON.stringify(result, null, 2));
  else {
    console.log(`${result.keys} keys, ${result.events} events, ${result.bytes} bytes in the backup`);
    console.table(Object.entries(result.steps).map(([step, ms]) => ({ step, seconds: ms / 1_000 })));
    for (const fault of result.faults) console.log(fault);
  }
  return result.faults.length === 0 ? 0 : 1;
}
