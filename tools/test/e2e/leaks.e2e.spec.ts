/** Secrets that got out, and keys that came from elsewhere: reported, exposed, ended by their holder, imported. */
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeToken, tokenDigest, type ApiKey, type VerifyCode } from '@mcpstack/contracts';
import { waitFor } from '@mcpstack/testing';
import { FAST, Product } from './product.ts';

const IMPORTED = 1_000;
const REVOKE = '/api/v1/credentials/revoke';
const GITHUB = '/api/v1/integrations/github/secret-scanning';

const folder = mkdtempSync(join(tmpdir(), 'mcpstack-leaks-'));
const github = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let product: Product;
beforeAll(async () => {
  const key = github.publicKey.export({ type: 'spki', format: 'pem' });
  const file = join(folder, 'github.json');
  const listed = [{ key_identifier: 'of-the-test', key, is_current: true }];
  writeFileSync(file, JSON.stringify({ public_keys: listed }));
  product = await Product.start({
    instances: { scheduler: 1, authorizer: 2 },
    env: { ...FAST, GITHUB_SECRET_SCANNING_KEYS: file },
  });
}, 600_000);
afterAll(async () => {
  await product?.stop();
  rmSync(folder, { recursive: true });
});

const codes = async (key: string, more: { origin?: string } = {}): Promise<VerifyCode[]> =>
  (await Promise.all(Array.from({ length: 8 }, () => product.verify({ key, ...more })))).map(
    ({ code }) => code,
  );
const all = (code: VerifyCode): VerifyCode[] => Array.from({ length: 8 }, () => code);
const read = async (id: string) => (await product.http('GET', `${product.keysPath}/${id}`)).body;

/** Of a page on this machine, which needs no domain to be proven. */
async function publishableKey(): Promise<string> {
  const base = `/api/v1/organizations/${product.organizationId}`;
  const agent = await product.http('POST', `${base}/agents`, { body: { name: 'Agent' } });
  const body = {
    name: 'page',
    agentId: agent.body['id'],
    origins: ['http://localhost:5173'],
    development: true,
  };
  const made = await product.http('POST', `${base}/public-keys`, { body });
  expect([made.status, made.body['detail']]).toEqual([201, undefined]);
  return made.body['value'] as string;
}

describe('a leaked secret', () => {
  it('whoever holds it ends it: 1,000 credentials at once, without login', async () => {
    const [one, two, other] = await Promise.all(['one', 'two', 'other'].map((name) => product.create(name)));
    const page = await publishableKey();
    const atPage = { origin: 'http://localhost:5173' };
    expect(await codes(page, atPage)).toEqual(all('VALID'));
    expect(await codes(one!.secret)).toEqual(all('VALID'));
    const garbage = Array.from({ length: 997 }, (_, number) =>
      number % 2 ? makeToken('service') : `garbage ${number}`,
    );
    const credentials = [one!.secret, ...garbage.slice(0, 500), page, ...garbage.slice(500), two!.secret];
    const revoked = await product.http('POST', REVOKE, { body: { credentials }, token: '' });
    expect(revoked).toMatchObject({ status: 202, body: { accepted: 1_000 } });
    expect(await codes(one!.secret)).toEqual(all('REVOKED'));
    expect(await codes(two!.secret)).toEqual(all('REVOKED'));
    expect(await read(one!.id)).toMatchObject({ state: 'revoked', revocationReason: 'ended-by-holder' });
    expect(await codes(page, atPage)).toEqual(all('VALID'));
    // Control: one that nobody reported goes on.
    expect(await codes(other!.secret)).toEqual(all('VALID'));

    // Who asks learns nothing: the same answer for as many that do not exist.
    const none = Array.from({ length: 1_000 }, () => makeToken('service'));
    const nothing = await product.http('POST', REVOKE, { body: { credentials: none }, token: '' });
    expect([nothing.status, nothing.body]).toEqual([revoked.status, revoked.body]);
    const names = (headers: Headers) => [...headers.keys()].sort();
    expect(names(nothing.headers)).toEqual(names(revoked.headers));
    // What was reported is not kept.
    expect(JSON.stringify(await product.log(), bigintAsText)).not.toContain(one!.secret);
  }, 600_000);

  it('GitHub finds it: signed payload, true and false positives, refused when it is not signed', async () => {
    const key = await product.create('committed');
    const findings = [
      { token: key.secret, type: 'mcpstack_service_key', url: 'https://github.com/a/b', source: 'commit' },
      { token: makeToken('service'), type: 'mcpstack_service_key', url: '', source: 'content' },
    ];
    const body = JSON.stringify(findings);
    const signature = createSign('sha256').update(body).sign(github.privateKey, 'base64');
    const send = async (text: string, identifier = 'of-the-test', signed = signature) => {
      const response = await fetch(product.stack.gatewayUrl + GITHUB, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'Github-Public-Key-Identifier': identifier,
          'Github-Public-Key-Signature': signed,
        },
        body: text,
      });
      return { status: response.status, body: await response.json() };
    };
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const forged = createSign('sha256').update(body).sign(stranger.privateKey, 'base64');
    for (const refused of [send(`${body} `), send(body, 'another'), send(body, 'of-the-test', forged)])
      expect((await refused).status).toBe(403);
    expect(await codes(key.secret)).toEqual(all('VALID'));
    const answer = await send(body);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual([
      {
        token_hash: tokenDigest(key.secret),
        token_type: 'mcpstack_service_key',
        label: 'true_positive',
      },
      {
        token_hash: tokenDigest(findings[1]!.token),
        token_type: 'mcpstack_service_key',
        label: 'false_positive',
      },
    ]);
    expect(await codes(key.secret)).toEqual(all('REVOKED'));
    expect(await read(key.id)).toMatchObject({ state: 'revoked', revocationReason: 'reported-leak' });
    expect(await send(body)).toEqual(answer);
  });

  it('sent by a web page: refused, whatever it may do, and its owners see it', async () => {
    const key = await product.create('in a page', 'admin');
    for (const headers of [{ origin: 'https://app.example.com' }, { origin: 'null' }]) {
      const answer = await product.http('GET', product.keysPath, { token: key.secret, headers });
      expect([answer.status, answer.body['code']]).toEqual([403, 'secret-in-browser']);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
    await waitFor(async () => (await read(key.id))['exposedAt'] !== undefined, {
      what: 'its owners to see that it was exposed',
    });
    const exposed = (await product.log()).filter(({ type }) => type === 'KeyExposed');
    expect(exposed.map(({ stream }) => stream)).toEqual([`key-${key.id}`]);
    // Control: the same request from anywhere else is served, and marks nothing.
    const quiet = await product.create('in a script', 'admin');
    expect((await product.http('GET', product.keysPath, { token: quiet.secret })).status).toBe(200);
    expect((await read(quiet.id))['exposedAt']).toBeUndefined();
  });

  it('a key ends itself, needing no permission for it', async () => {
    const key = await product.create('done', 'viewer');
    const answer = await product.http('POST', '/api/v1/me/revoke', { token: key.secret });
    expect([answer.status, answer.body]).toEqual([204, {}]);
    expect(await codes(key.secret)).toEqual(all('REVOKED'));
    expect(await read(key.id)).toMatchObject({ state: 'revoked', revocationReason: 'ended-by-holder' });
    const again = await product.http('POST', '/api/v1/me/revoke', { token: key.secret });
    expect(again.status).toBe(401);
    expect((await product.http('POST', '/api/v1/me/revoke')).status).toBe(403);
  });
});

describe(`the import of ${IMPORTED} keys by their digests`, () => {
  const encodings = ['hex', 'base64', 'base64url'] as const;
  const tokens = Array.from({ length: IMPORTED }, (_, number) => `acme_live_${number}_${randomUUID()}`);
  const lines = tokens.map((token, number) => {
    const encoding = encodings[number % encodings.length]!;
    const digest = Buffer.from(tokenDigest(token), 'hex').toString(encoding);
    return { name: `imported ${number}`, role: 'viewer', digest, encoding, hint: 'acme_live_' };
  });

  it('each line is answered by itself; all of them work at once, with the prefix that they have', async () => {
    const wrong = { ...lines[0]!, digest: 'abc' };
    const doubled = { ...lines[1]!, name: 'again' };
    const keys = [...lines.slice(0, IMPORTED - 2), wrong, doubled];
    const path = `${product.keysPath}/import`;
    const answer = await product.insist('POST', path, { body: { keys } });
    expect([answer.status, answer.body['detail']]).toEqual([200, undefined]);
    const results = answer.body['results'] as { status: string; key?: ApiKey; problem?: { code: string } }[];
    expect(results).toHaveLength(IMPORTED);
    const made = results.slice(0, -2);
    expect(made.filter(({ status }) => status !== 'created')).toEqual([]);
    expect(results.slice(-2).map(({ status, problem }) => [status, problem?.code])).toEqual([
      ['refused', 'validation-failed'],
      ['refused', expect.stringMatching(/^(conflict|validation-failed)$/)],
    ]);
    const position = answer.headers.get('mcpstack-position')!;
    const replies: { code: string; keyId?: string }[] = [];
    for (let from = 0; from < made.length; from += 100) {
      const some = tokens.slice(from, Math.min(from + 100, made.length));
      replies.push(...(await Promise.all(some.map((key) => product.verify({ key, position })))));
    }
    expect(replies.filter(({ code }) => code !== 'VALID')).toEqual([]);
    expect(replies.map(({ keyId }) => keyId)).toEqual(made.map(({ key }) => key!.id));
    // At the gateway too, in either header.
    expect((await product.http('GET', product.keysPath, { token: tokens[0]! })).status).toBe(200);
    const headers = { 'x-api-key': tokens[1]! };
    expect((await product.http('GET', product.keysPath, { token: '', headers })).status).toBe(200);
    // Control: one that was not imported is unknown.
    expect(await codes(tokens.at(-1)!)).toEqual(all('NOT_FOUND'));
    expect((await product.http('GET', product.keysPath, { token: tokens.at(-1)! })).status).toBe(401);
    // Ended like any other, by whoever holds it.
    const credentials = [tokens[0]!];
    expect((await product.http('POST', REVOKE, { body: { credentials }, token: '' })).status).toBe(202);
    expect(await codes(tokens[0]!)).toEqual(all('REVOKED'));
  }, 600_000);

  it('sent again, it makes nothing twice', async () => {
    const idempotencyKey = randomUUID();
    const keys = Array.from({ length: 3 }, (_, number) => ({
      name: `again ${number}`,
      role: 'viewer',
      digest: tokenDigest(`again-${idempotencyKey}-${number}`),
    }));
    const path = `${product.keysPath}/import`;
    const [first, second] = await Promise.all(
      [1, 2].map(() => product.insist('POST', path, { body: { keys }, idempotencyKey })),
    );
    expect(second!.body).toEqual(first!.body);
    const names = new Set(keys.map(({ name }) => name));
    const made = (await product.log()).filter(
      ({ type, data }) => type === 'KeyCreated' && names.has(data['name'] as string),
    );
    expect(made).toHaveLength(3);
  });
});

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
