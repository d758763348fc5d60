// Bundles the command into one file without dependencies: `node apps/cli/bundle.mjs`. Another target may follow.
import { chmod, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(await readFile(at('package.json'), 'utf8'));

const outfile = process.argv[2] ?? at('dist/mcpstack.js');
await build({
  entryPoints: [at('src/main.ts')],
  // Comments name files from here, wherever this runs.
  absWorkingDir: at('.'),
  outfile,
  bundle: true,
  platform: 'node',
  // The oldest Node that is supported.
  target: 'node20.19',
  format: 'esm',
  // From the sources, so that no other room must be built first.
  conditions: ['@mcpstack/source'],
  define: { MCPSTACK_VERSION: JSON.stringify(version) },
  // Some packages are CommonJS and ask for Node's own modules with `require`.
  banner: {
    js: [
      '#!/usr/bin/env node',
      "import { createRequire as makeRequire } from 'node:module';",
      'const require = makeRequire(import.meta.url);',
    ].join('\n'),
  },
  // Every start reads it; names stay, for the sake of reports.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'inline',
  logLevel: 'warning',
});
await chmod(outfile, 0o755);
