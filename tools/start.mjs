// `npm start` on a bare clone: checks Node, installs, builds, then hands over to tools/src/start.ts.
import { performance } from 'node:perf_hooks';
import { nodeProblem, prepare, root } from './bootstrap.mjs';
import { makeProgress } from './progress.mjs';

const progress = makeProgress();
const begunMs = performance.now();

function fail(message, output = '') {
  progress.clear();
  if (output) process.stderr.write(`${output.trimEnd()}\n`);
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const problem = nodeProblem();
if (problem) fail(problem);
// Only now: an old Node cannot even load what this module uses.
const { HELP, readOptions } = await import('./options.mjs');
const read = readOptions(process.argv.slice(2));
if (read.problem) fail(read.problem);
if (read.options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
progress.say(progress.paint(1, 'MCPStack Keys'));
try {
  await prepare(progress);
} catch (error) {
  fail(error.message, error.output);
}
const { start } = await import('./dist/start.js');
process.exit(await start({ ...read.options, root, begunMs, env: process.env }, progress));
