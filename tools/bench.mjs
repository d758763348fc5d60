// `npm run bench` on a bare clone: checks Node, installs, builds, then hands over to tools/bench/src/main.ts.
import { nodeProblem, prepare, root } from './bootstrap.mjs';
import { makeProgress } from './progress.mjs';

const progress = makeProgress();
const problem = nodeProblem();
try {
  if (problem) throw new Error(problem);
  await prepare(progress);
} catch (error) {
  progress.clear();
  process.stderr.write(`${error.output ?? ''}${error.message}\n`);
  process.exit(1);
}
const { bench } = await import('./bench/dist/main.js');
process.exit(await bench(process.argv.slice(2), root));
