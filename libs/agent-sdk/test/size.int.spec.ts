/** What a page has to load for it: a promise to whoever embeds. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const LIMIT_BYTES = 3_072;
const ENTRY = fileURLToPath(new URL('../src/index.ts', import.meta.url));
const PACKAGE = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as object;

async function gzippedBytes(more = ''): Promise<number> {
  const contents = `export * from ${JSON.stringify(ENTRY)};${more}`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2020',
    write: false,
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}

it('is at most 3 kB gzipped, for browsers of 2020, and needs nothing else', async () => {
  expect(await gzippedBytes()).toBeLessThanOrEqual(LIMIT_BYTES);
  expect(PACKAGE).not.toHaveProperty('dependencies');
  expect(PACKAGE).toMatchObject({ sideEffects: false });
});

it('the control: one more thing that does not compress is over the limit', async () => {
  const bulk = Array.from({ length: 400 }, (_, n) => Math.sin(n + 1).toString(36)).join('');
  expect(await gzippedBytes(`export const bulk = ${JSON.stringify(bulk)};`)).toBeGreaterThan(LIMIT_BYTES);
});
