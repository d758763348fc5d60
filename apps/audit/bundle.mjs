// Bundles the command: `node apps/audit/bundle.mjs`. Another target may follow. The client of KurrentDB stays outside: it
// brings a native module, and is loaded only for such a log.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(await readFile(at('package.json'), 'utf8'));

const outfile = process.argv[2] ?? at('dist/mcpstack-audit.js');
await build({
  entryPoints: [at('src/main.ts')],
  // Comments name files from here, wherever this runs.
  absWorkingDir: at('.'),
  outfile,
  bundle: true,
  external: ['@kurrent/kurrentdb-client'],
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
