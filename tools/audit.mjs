// `npm run audit`: known weaknesses of what we ship, as the registry knows them today. Ends with 1 where there are any of
// `moderate` or worse, and with 2 where it could not be asked.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { weaknesses } from './dist/weaknesses.js';

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', maxBuffer: 2 ** 28 });
try {
  const report = JSON.parse(stdout);
  if (report.message) throw new Error(`npm audit: ${report.message}`);
  const found = weaknesses(report, lock);
  console.log(found.length > 0 ? found.join('\n') : 'No weakness is known of what we ship.');
  process.exitCode = found.length > 0 ? 1 : 0;
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
