import { createSign, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProblemError } from '@mcpstack/contracts';
import { jest } from '@jest/globals';
import { GithubKeys, keySource } from './github-keys.ts';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const BODY = Buffer.from('[{"token":"t","type":"y","url":"","source":"commit"}]');

function published(keys: Record<string, KeyObject | string>): string {
  const public_keys = Object.entries(keys).map(([key_identifier, key]) => ({
    key_identifier,
    key: typeof key === 'string' ? key : key.export({ type: 'spki', format: 'pem' }).toString(),
    is_current: true,
  }));
  return JSON.stringify({ public_keys });
}

function signature(body: Buffer, key: KeyObject = pair.privateKey): string {
  return createSign('sha256').update(body).sign(key, 'base64');
}

const known = (): GithubKeys => new GithubKeys(() => Promise.resolve(published({ k1: pair.publicKey })));

describe("GitHub's signature", () => {
  // Both are printed in GitHub's documentation of the partner program, the first with its key.
  it.each([
    [
      'f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d',
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gP\nHzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q==',
      'MEUCIFLZzeK++IhS+y276SRk2Pe5LfDrfvTXu6iwKKcFGCrvAiEAhHN2kDOhy2I6eGkOFmxNkOJ+L2y8oQ9A2T9GGJo6WJY=',
      '[{"token":"some_token","type":"some_type","url":"some_url","source":"some_source"}]',
    ],
    [
      'bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c',
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\nAjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==',
      'MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==',
      '[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]',
    ],
  ])('of the documentation is good: %s', async (identifier, key, documented, body) => {
    const pem = `-----BEGIN PUBLIC KEY-----\n${key}\n-----END PUBLIC KEY-----\n`;
    const keys = new GithubKeys(() => Promise.resolve(published({ [identifier]: pem })));
    expect(await keys.signed(identifier, documented, Buffer.from(body))).toBe(true);
    expect(await keys.signed(identifier, documented, Buffer.from(`${body} `))).toBe(false);
  });

  it('is good over the bytes that were signed, and over no others', async () => {
    const keys = known();
    expect(await keys.signed('k1', signature(BODY), BODY)).toBe(true);
    for (let at = 0; at < BODY.length; at += 7) {
      const changed = Buffer.from(BODY);
      changed[at]! ^= 1;
      expect(await keys.signed('k1', signature(BODY), changed)).toBe(false);
    }
  });

  it.each<[string, () => string]>([
    ['nothing', () => ''],
    ['no base64', () => '*'.repeat(96)],
    ['another key', () => signature(BODY, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    [
      'the raw form instead of DER',
      () => sign('sha256', BODY, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64'),
    ],
    ['r and s of zero', () => Buffer.from([0x30, 6, 2, 1, 0, 2, 1, 0]).toString('base64')],
    ['bytes after it', () => `${signature(BODY)}AAAA`],
    ['a thousand characters', () => 'A'.repeat(1_000)],
  ])('is refused with %s', async (_, make) => {
    expect(await known().signed('k1', make(), BODY)).toBe(false);
  });

  it('is refused under a key of another curve, and under an unknown name', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const keys = new GithubKeys(() =>
      Promise.resolve(published({ k1: pair.publicKey, k2: other.publicKey })),
    );
    expect(await keys.signed('k2', signature(BODY, other.privateKey), BODY)).toBe(false);
    expect(await keys.signed('k3', signature(BODY), BODY)).toBe(false);
    expect(await keys.signed('k1', signature(BODY), BODY)).toBe(true);
  });
});

describe("GitHub's keys", () => {
  it('are read once, and again at most once a minute when an unknown name comes', async () => {
    let reads = 0;
    let nowMs = 0;
    let content = published({ k1: pair.publicKey });
    const source = (): Promise<string> => {
      reads += 1;
      return Promise.resolve(content);
    };
    const keys = new GithubKeys(source, () => nowMs);
    const all = await Promise.all(Array.from({ length: 50 }, () => keys.signed('k1', signature(BODY), BODY)));
    expect(all.every(Boolean)).toBe(true);
    expect(reads).toBe(1);

    content = published({ k2: pair.publicKey });
    for (let times = 0; times < 50; times += 1)
      expect(await keys.signed('k2', signature(BODY), BODY)).toBe(false);
    expect(reads).toBe(1);
    nowMs = 60_000;
    expect(await keys.signed('k2', signature(BODY), BODY)).toBe(true);
    expect(reads).toBe(2);
    // One that was withdrawn is not good any more.
    expect(await keys.signed('k1', signature(BODY), BODY)).toBe(false);
  });

  it('are read anew after a day, so that one that was withdrawn is forgotten', async () => {
    let nowMs = 0;
    let content = published({ k1: pair.publicKey });
    const keys = new GithubKeys(
      () => Promise.resolve(content),
      () => nowMs,
    );
    expect(await keys.signed('k1', signature(BODY), BODY)).toBe(true);
    content = published({});
    nowMs = 24 * 60 * 60 * 1000 + 1;
    expect(await keys.signed('k1', signature(BODY), BODY)).toBe(false);
  });

  it.each<[string, () => Promise<string>]>([
    ['away', () => Promise.reject(new Error('away'))],
    ['no JSON', () => Promise.resolve('<html>')],
    ['something else', () => Promise.resolve('{"public_keys":{}}')],
    ['a key that is none', () => Promise.resolve(published({ k1: 'nonsense' }))],
  ])('503 when the source is %s; the ones that are known stay good', async (_, broken) => {
    const nothing = await new GithubKeys(broken).signed('k1', signature(BODY), BODY).catch((e: unknown) => e);
    expect((nothing as ProblemError).code).toBe('unavailable');
    let nowMs = 0;
    let source = (): Promise<string> => Promise.resolve(published({ k1: pair.publicKey }));
    const keys = new GithubKeys(
      () => source(),
      () => nowMs,
    );
    expect(await keys.signed('k1', signature(BODY), BODY)).toBe(true);
    source = broken;
    nowMs = 120_000;
    expect(await keys.signed('unknown', signature(BODY), BODY)).toBe(false);
    expect(await keys.signed('k1', signature(BODY), BODY)).toBe(true);
  });

  it('come from a file, of at most 64 KiB', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mcpstack-github-'));
    const file = join(dir, 'keys.json');
    writeFileSync(file, published({ k1: pair.publicKey }));
    expect(await new GithubKeys(keySource(file)).signed('k1', signature(BODY), BODY)).toBe(true);
    writeFileSync(file, ' '.repeat(65 * 1024));
    await expect(keySource(file)()).rejects.toThrow('larger than');
    await expect(keySource(join(dir, 'none'))()).rejects.toThrow('ENOENT');
    rmSync(dir, { recursive: true });
  });

  it('come over https: no redirects, in bounded time, of at most 64 KiB', async () => {
    const url = 'https://api.github.test/meta/public_keys/secret_scanning';
    const answer = jest.spyOn(globalThis, 'fetch');
    answer.mockResolvedValueOnce(new Response(published({ k1: pair.publicKey })));
    expect(await new GithubKeys(keySource(url)).signed('k1', signature(BODY), BODY)).toBe(true);
    const [asked, options] = answer.mock.lastCall!;
    expect(asked).toBe(url);
    expect(options).toMatchObject({ redirect: 'error', signal: expect.any(AbortSignal) as AbortSignal });

    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new Uint8Array(16 * 1024));
      },
    });
    answer.mockResolvedValueOnce(new Response(endless));
    await expect(keySource(url)()).rejects.toThrow('larger than');
    expect(pulled).toBeLessThan(10);
    answer.mockResolvedValueOnce(new Response('', { status: 403 }));
    await expect(keySource(url)()).rejects.toThrow('403');
    answer.mockRestore();
  });
});
