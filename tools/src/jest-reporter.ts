/** A jest reporter that hands its counts to `npm test`, which says them in its last line. */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export interface JestCounts {
  passed: number;
  failed: number;
  skipped: number;
  failedFiles: string[];
  /** What each of these said, by its path: plain text, from its first failure on. */
  failures: Record<string, string>;
  /** Failed tests that name a guarantee (G1 to G10): one that failed once has failed. */
  failedGuarantees: string[];
  /** Slowest first. */
  slowest: { path: string; ms: number }[];
}

/** The part of jest's AggregatedResult that is read here. */
export interface JestResult {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: {
    testFilePath: string;
    numFailingTests: number;
    testExecError?: unknown;
    failureMessage?: string | null;
    testResults: { status: string; fullName: string }[];
    perfStats: { start: number; end: number };
  }[];
}

/** A file that could not even be run counts as one failed test. */
export function countsOf(result: JestResult, root: string): JestCounts {
  const broken = result.testResults.filter((file) => file.testExecError && file.numFailingTests === 0);
  const name = (path: string) => relative(root, path);
  const failed = result.testResults.filter((file) => file.numFailingTests > 0 || file.testExecError);
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + broken.length,
    skipped: result.numPendingTests + result.numTodoTests,
    failedFiles: failed.map((file) => name(file.testFilePath)),
    failures: Object.fromEntries(
      failed.map((file) => [
        name(file.testFilePath),
        stripVTControlCharacters(file.failureMessage ?? '').trim(),
      ]),
    ),
    failedGuarantees: result.testResults
      .flatMap(({ testResults }) => testResults)
      .filter(({ status, fullName }) => status === 'failed' && /\bG\d+\b/.test(fullName))
      .map(({ fullName }) => fullName),
    slowest: result.testResults
      .map(({ testFilePath, perfStats }) => ({
        path: name(testFilePath),
        ms: perfStats.end - perfStats.start,
      }))
      .sort((a, b) => b.ms - a.ms),
  };
}

export default class CountsReporter {
  readonly #root: string;

  constructor({ rootDir }: { rootDir: string }) {
    this.#root = rootDir;
  }

  onRunComplete(_contexts: unknown, result: JestResult): void {
    const file = process.env.MCPSTACK_JEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify(countsOf(result, this.#root)));
  }
}
