// Bundles each service into one file, dist/service.js, which starts in half the time that dist/main.js takes to find
// and read its packages' files, and set-up likewise: `node tools/bundle-services.mjs`, after `tsc -b`.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const has = (...path) => existsSync(join(root, 'apps', ...path));
/** Commands run as they stand, or have a bundle of their own. */
const isService = (app) => has(app, 'dist', 'main.js') && !has(app, 'bin') && !has(app, 'bundle.mjs');

/** Native code, files of their own beside the code, or loaded only where traces are on: read from node_modules. */
const APART = [
  '@grpc/*',
  '@kurrent/*',
  '@node-rs/*',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace',
  'swagger-ui-dist',
];
/** What packages of ours would load if it were installed, and is not. */
const ABSENT = [
  '@fastify/multipart',
  '@fastify/static',
  '@fastify/view',
  '@nestjs/platform-express',
  '@nestjs/websockets',
  '@nestjs/websockets/*',
  'amqp-connection-manager',
  'amqplib',
  'class-transformer/storage',
  'ioredis',
  'kafkajs',
  'mqtt',
  'nats',
];

const entry = (app, compiled, bundle) => ({
  in: join(root, 'apps', app, 'dist', `${compiled}.js`),
  out: join(app, 'dist', bundle),
});

await build({
  // What the compiler made of the sources: the metadata of decorators is not made by a bundler.
  entryPoints: [
    ...readdirSync(join(root, 'apps'))
      .filter(isService)
      .map((app) => entry(app, 'main', 'service')),
    entry('identity-provider', 'setup', 'setup.bundle'),
  ],
  outdir: join(root, 'apps'),
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  external: [...APART, ...ABSENT],
  // Some packages are CommonJS: they ask for Node's own modules with `require`, and for where they are.
  banner: {
    js: [
      "import { createRequire as makeRequire } from 'node:module';",
      'const require = makeRequire(import.meta.url);',
      'const __filename = import.meta.filename;',
      'const __dirname = import.meta.dirname;',
    ].join('\n'),
  },
  legalComments: 'inline',
  logLevel: 'warning',
});
