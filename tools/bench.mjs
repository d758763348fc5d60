// `npm run bench` on a bare clone: checks Node, installs, builds, then hands over to tools/bench/src/main.ts.
import { isReady, root } from './bootstrap.mjs';
import { makeProgress } from './progress.mjs';

if (!(await isReady(makeProgress(process.stderr)))) process.exit(1);
const { bench } = await import('./bench/dist/main.js');
process.exit(await bench(process.argv.slice(2), root));
