// `npm run drill`: drills for operators. Installs and builds where that is needed, then runs one.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isReady, root } from './bootstrap.mjs';
import { makeProgress } from './progress.mjs';

if (!(await isReady(makeProgress(process.stderr)))) process.exit(1);
// The harness is TypeScript that specs use, too. Packages, ours among them, stay outside of the bundle.
const { build } = await import('esbuild');
const outfile = join(root, 'node_modules', '.cache', 'mcpstack-drill.mjs');
await build({
  entryPoints: [join(root, 'tools', 'test', 'drill', 'main.ts')],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  logLevel: 'warning',
});
const { drill } = await import(pathToFileURL(outfile).href);
process.exit(await drill(process.argv.slice(2)));
