// Runs a harness of specs as a command: `npm run chaos`, `npm run drill`. Installs and builds where that is needed.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isReady, root } from './bootstrap.mjs';
import { makeProgress } from './progress.mjs';

/** Ends the process with what the function of this name in `tools/test/<name>/main.ts` answers. */
export async function runHarness(name) {
  if (!(await isReady(makeProgress(process.stderr)))) process.exit(1);
  // The harness is TypeScript that specs use, too. Packages, ours among them, stay outside of the bundle.
  const { build } = await import('esbuild');
  const outfile = join(root, 'node_modules', '.cache', `mcpstack-${name}.mjs`);
  await build({
    entryPoints: [join(root, 'tools', 'test', name, 'main.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const harness = await import(pathToFileURL(outfile).href);
  process.exit(await harness[name](process.argv.slice(2)));
}
