// `npm run chaos`: the long form of the finality spec. Installs and builds where that is needed, then runs it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isReady, root } from './bootstrap.mjs';
import { makeProgress } from './progress.mjs';

if (!(await isReady(makeProgress(process.stderr)))) process.exit(1);
// The harness is TypeScript that specs use, too. Packages, ours among them, stay outside of the bundle.
const { build } = await import('esbuild');
const outfile = join(root, 'node_modules', '.cache', 'mcpstack-chaos.mjs');
await build({
  entryPoints: [join(root, 'tools', 'test', 'chaos', 'main.ts')],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  logLevel: 'warning',
});
const { chaos } = await import(pathToFileURL(outfile).href);
process.exit(await chaos(process.argv.slice(2)));
