// Bundles the command: `node apps/audit/bundle.mjs`. Another target may follow. It comes in several files, so that what
// only some commands and logs need is read by them alone. The client of KurrentDB stays outside: it brings a native
// module, and is loaded only for such a log.
import { readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(await readFile(at('package.json'), 'utf8'));

const outfile = process.argv[2] ?? at('dist/mcpstack-audit.js');
const name = basename(outfile, '.js');
// The files of the last time have other names.
await rm(join(dirname(outfile), name), { recursive: true, force: true });
await build({
  entryPoints: { [name]: at('src/main.ts') },
  // Comments name files from here, wherever this runs.
  absWorkingDir: at('.'),
  outdir: dirname(outfile),
  chunkNames: `${name}/[name]-[hash]`,
  splitting: true,
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
