/** How the console is served: one page for all its addresses, under a policy that lets nothing else in. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';
import { ConsoleFiles } from './console-files.ts';

/** Of the script that is read before the first page of somebody who is logged in is shown. */
const MOST_SCRIPT_BYTES = 200_000;

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());

const get = (path: string, headers: readonly string[] = []): Promise<Answer> =>
  harness.call('GET', path, { headers });
const policyOf = ({ headers }: Answer): Record<string, string> =>
  Object.fromEntries(
    String(headers['content-security-policy'])
      .split('; ')
      .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  );
const scriptsIn = (html: string): string[] =>
  [...html.matchAll(/(?:src|href)="(\/console-assets\/[^"]+\.js)"/g)].map(([, path]) => path!);

it('200: the same page at every address of the console, never kept, with a nonce of its own', async () => {
  const answers = await Promise.all(
    [
      '/',
      '/account',
      '/signed-in',
      '/invitation',
      '/new-organization',
      '/organizations/org_1/api-keys/key_1?state=all',
    ].map((path) => get(path)),
  );
  const nonces = answers.map((answer) => {
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    const nonce = /'nonce-([^']+)'/.exec(policyOf(answer)['style-src']!)![1]!;
    expect(answer.text).toContain(`<meta property="csp-nonce" nonce="${nonce}">`);
    expect(answer.text).not.toContain('__CSP_NONCE__');
    return nonce;
  });
  expect(new Set(nonces).size).toBe(nonces.length);
});

it('the policy lets in scripts and styles of this gateway alone, and the page has nothing inline', async () => {
  const answer = await get('/');
  const { 'style-src': styles, ...policy } = policyOf(answer);
  expect(styles).toMatch(/^'self' 'nonce-[A-Za-z0-9+/=]{20,}'$/);
  expect(policy).toEqual({
    'default-src': "'none'",
    'script-src': "'self'",
    'img-src': "'self' data:",
    'connect-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  });
  expect(answer.text).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
});

it('its files: packed where the browser unpacks, kept for ever, because their names change', async () => {
  const [script] = scriptsIn((await get('/')).text);
  const plain = await get(script!);
  expect([plain.status, plain.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
  expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(plain.headers['content-encoding']).toBeUndefined();
  const { headers } = await get(script!, ['Accept-Encoding', 'br, gzip']);
  expect([headers['content-encoding'], headers['vary']]).toEqual(['gzip', 'Accept-Encoding']);
  expect(Number(headers['content-length'])).toBeLessThan(plain.text.length / 2);
});

it('what is no address of it is answered as everywhere', async () => {
  for (const path of [
    '/nothing',
    '/console-assets/none.js',
    '/console-assets/..%2findex.html',
    '/api/v1/nothing',
  ])
    expectProblem(await get(path), 404, 'not-found');
  expectProblem(await get(`/organizations/org_1/api-keys/mcpstack_sk_${'a'.repeat(49)}`), 400, 'bad-request');
  expectProblem(await harness.call('POST', '/account'), 405, 'method-not-allowed');
});

it(`the script of the first page is at most ${MOST_SCRIPT_BYTES} bytes when it is packed`, async () => {
  const files = await ConsoleFiles.read();
  // What the page names, what that imports before it runs, and the pages of an organization, which come first.
  const first = scriptsIn(files.page('')).map((path) => path.split('/').at(-1)!);
  const all = new Set(first);
  const load = (name: string): void => {
    all.add(name);
    const text = gunzipSync(files.asset(name)!.packed).toString();
    for (const [, imported] of text.matchAll(/(?:from|import)\s?"\.\/([^"]+\.js)"/g))
      if (!all.has(imported!)) load(imported!);
  };
  first.forEach(load);
  const entry = gunzipSync(files.asset(first[0]!)!.packed).toString();
  load(/organization-pages-[\w-]+\.js/.exec(entry)![0]);
  const bytes = [...all].reduce(
    (sum, name) => sum + gzipSync(gunzipSync(files.asset(name)!.packed), { level: 9 }).length,
    0,
  );
  expect(all.size).toBeGreaterThan(1);
  expect(bytes).toBeLessThan(MOST_SCRIPT_BYTES);
});

it('a folder that holds no console is refused', async () => {
  await expect(ConsoleFiles.read('/nowhere')).rejects.toThrow('ENOENT');
});
