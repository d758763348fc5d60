// `npm test` on a bare clone: checks Node, installs, builds, then hands over to tools/src/test.ts.
import { isReady, root } from './bootstrap.mjs';
import { makeProgress } from './progress.mjs';

const progress = makeProgress();
if (!(await isReady(progress))) {
  progress.say('0 passed, 1 failed');
  process.exit(1);
}
const { test } = await import('./dist/test.js');
process.exit(await test({ root, args: process.argv.slice(2), env: process.env }, progress));
