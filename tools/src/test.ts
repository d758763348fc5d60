/** `npm test` once everything is built: servers, lint, format, types, then jest; one line says how it went. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureServers } from '@mcpstack/local-servers';
import type { JestCounts } from './jest-reporter.ts';
import type { Progress } from './progress.ts';

export interface TestOptions {
  root: string;
  /** Passed on to jest; those that are paths also narrow lint and format. */
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

/** After jest has reported, it must end by itself within this time: else something was left running. */
const JEST_END_MS = 30_000;
const WORKERS = 2;
const SLOWEST_SHOWN = 10;
/** No more failed files than these are run a second time: with more, it is not the machine. */
const MOST_REPEATED = 8;
/** Of each file that passed the second time. */
const FAILURE_LINES_SHOWN = 15;

/** Runs everything and answers the exit code. The last line reads `N passed, N failed[, N skipped]`. */
export async function test({ root, args, env }: TestOptions, progress: Progress): Promise<number> {
  const failures: string[] = [];
  let steps = 0;
  const step = async (name: string, work: () => Promise<void>) => {
    steps += 1;
    const done = progress.step(name);
    try {
      await work();
      done();
    } catch (error) {
      failures.push(name);
      progress.clear();
      progress.say(`  ✗ ${name}`);
      progress.say((error as Error).message);
    }
  };

  await step('nats-server and redis-server', async () => {
    await ensureServers({ env, onProgress: (text) => progress.say(`    ${text}`) });
  });
  const paths = args.filter((arg) => !arg.startsWith('-') && existsSync(join(root, arg)));
  const where = paths.length > 0 ? paths : ['.'];
  const tool = (path: string, ...rest: string[]) => run(root, [join(root, 'node_modules', path), ...rest]);
  // Lint fills one core and some; the two quick ones run beside it.
  await Promise.all([
    step('lint', () => tool('eslint/bin/eslint.js', ...LINT_CACHE, ...where)),
    step('format', () => tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', ...where)).then(
      () => step('types of specs', () => tool('typescript/bin/tsc', '-p', 'tsconfig.spec.json')),
    ),
  ]);

  const counts = await runJest({ root, args, env }, WORKERS, progress);
  showSlowest(counts, progress);
  if (paths.length === 0) await repeatFailed({ root, args, env }, counts, progress);
  for (const name of failures) progress.say(`failed step: ${name}`);
  for (const name of counts.failedFiles) progress.say(`failed file: ${name}`);
  const failed = counts.failed + failures.length;
  const passed = counts.passed + steps - failures.length;
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  progress.say(`${passed} passed, ${failed} failed${skipped}`);
  return failed > 0 ? 1 : 0;
}

const LINT_CACHE = ['--cache', '--cache-location', 'node_modules/.cache/eslint/'];

/** Rejects with all that the tool said unless it ends with 0. */
function run(root: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const keep = (chunk: Buffer) => (said += chunk.toString('utf8'));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(said.trimEnd()))));
  });
}

/**
 * Files that failed beside others are run again, one by one: a machine that is too busy fails what waits for something, and
 * a fault fails again. What passes then is no failure, but is named, with how it failed: it wants mending. A race
 * may pass, too, so no guarantee is forgiven: where one failed, or jest did not end by itself, the first run stands.
 * Changes `counts`.
 */
async function repeatFailed(
  options: TestOptions,
  counts: JestCounts & { hung: boolean },
  progress: Progress,
): Promise<void> {
  const files = counts.failedFiles;
  if (files.length === 0 || files.length > MOST_REPEATED || files.length === counts.slowest.length) return;
  if (counts.hung || counts.failedGuarantees.length > 0) return;
  progress.say(`Once more, one by one: ${files.join(', ')}\n`);
  const args = [...files, '--runTestsByPath', ...options.args];
  const again = await runJest({ ...options, args }, 1, progress);
  const unsteady = files.filter((file) => !again.failedFiles.includes(file));
  // A run that was killed or found nothing says nothing about its files.
  if (again.slowest.length < files.length) return;
  counts.passed += Math.max(0, counts.failed - again.failed);
  counts.failed = again.failed;
  counts.failedFiles = again.failedFiles;
  for (const file of unsteady) {
    progress.say(`unsteady file: ${file} (failed beside others, passed alone)`);
    for (const line of beginning(counts.failures[file] ?? '')) progress.say(`    ${line}`);
  }
}

/** Of a failure: its test's name, and what was awaited. */
function beginning(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(0, FAILURE_LINES_SHOWN);
}

/** Jest prints for itself; what it counted comes back in a file. */
async function runJest(
  { root, args, env }: TestOptions,
  workers: number,
  progress: Progress,
): Promise<JestCounts & { hung: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-jest-'));
  const file = join(folder, 'counts.json');
  const reporters = ['--reporters=default', `--reporters=${join(import.meta.dirname, 'jest-reporter.js')}`];
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  // Paths first: jest takes what follows --reporters for more reporters.
  const child = spawn(process.execPath, [jest, ...args, `--maxWorkers=${workers}`, ...reporters], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...env,
      NODE_OPTIONS: `${env.NODE_OPTIONS ?? ''} --experimental-vm-modules --no-warnings=ExperimentalWarning`,
      MCPSTACK_JEST_COUNTS: file,
    },
  });
  let hung = false;
  const exitCode = await new Promise<number | null>((resolve) => {
    const watch = setInterval(() => {
      if (!existsSync(file) || hung) return;
      hung = true;
      setTimeout(() => child.kill('SIGKILL'), JEST_END_MS).unref();
    }, 1_000);
    child.once('close', (code) => {
      clearInterval(watch);
      resolve(code);
    });
    child.once('error', () => resolve(null));
  });
  const counts = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as JestCounts)
    : { passed: 0, failed: 0, skipped: 0, failedFiles: [], failures: {}, failedGuarantees: [], slowest: [] };
  rmSync(folder, { recursive: true, force: true });
  const wasKilled = exitCode === null;
  if (exitCode === 0 || (counts.failed > 0 && !wasKilled)) return { ...counts, hung: false };
  // Killed, crashed, found no test, or hung at the end: none of these is a success.
  progress.say(wasKilled ? 'jest was killed or did not end by itself.' : `jest ended with ${exitCode}.`);
  return { ...counts, failed: counts.failed + 1, hung: wasKilled };
}

function showSlowest({ slowest }: JestCounts, progress: Progress): void {
  if (slowest.length === 0) return;
  progress.say('\nSlowest files:');
  for (const { path, ms } of slowest.slice(0, SLOWEST_SHOWN)) {
    progress.say(`  ${(ms / 1000).toFixed(1).padStart(6)} s  ${path}`);
  }
  progress.say();
}
