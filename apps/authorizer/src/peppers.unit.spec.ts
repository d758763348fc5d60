import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeToken, tokenDigest } from '@mcpstack/contracts';
import { readPeppers } from './peppers.ts';

const folder = mkdtempSync(join(tmpdir(), 'mcpstack-peppers-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function file(content: unknown): string {
  const path = join(folder, `${(count += 1)}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
const pepper = () => randomBytes(32).toString('base64');

describe('G1: peppers', () => {
  it('one candidate per version, newest first: HMAC-SHA-256 over the digest of the token', () => {
    const [first, second, tenth] = [pepper(), pepper(), pepper()];
    const token = makeToken('service');
    const digest = createHash('sha256').update(token).digest('hex');
    const expected = [tenth, second, first].map((base64) =>
      createHmac('sha256', Buffer.from(base64, 'base64')).update(digest, 'ascii').digest('hex'),
    );
    const peppers = readPeppers(file({ current: 2, peppers: { 1: first, 2: second, 10: tenth } }));
    expect(peppers.candidates(tokenDigest(token))).toEqual(expected);
  });

  it('a stored digest cannot be confirmed without the pepper', () => {
    const token = makeToken('service');
    const [ours, theirs] = [pepper(), pepper()].map((one) =>
      readPeppers(file({ current: 1, peppers: { 1: one } })),
    );
    const stored = ours!.candidates(tokenDigest(token))[0]!;
    expect(theirs!.candidates(tokenDigest(token))).not.toContain(stored);
    expect(createHash('sha256').update(token).digest('hex')).not.toBe(stored);
    // The control: with the pepper it can.
    expect(ours!.candidates(tokenDigest(token))).toContain(stored);
  });

  it.each([
    ['no JSON', '{"peppers": secret-text'],
    ['null', 'null'],
    ['no peppers', { current: 1 }],
    ['none in it', { current: 1, peppers: {} }],
    ['one too short', { current: 1, peppers: { 1: randomBytes(16).toString('base64') } }],
    ['one that is no base64', { current: 1, peppers: { 1: 'secret-text'.repeat(4) } }],
    ['a version that is no number', { current: 1, peppers: { one: pepper() } }],
    [
      'too many',
      { current: 1, peppers: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [n + 1, pepper()])) },
    ],
  ])('refuses a file with %s, without quoting it', (_, content) => {
    const read = () => readPeppers(file(content));
    expect(read).toThrow(/PEPPER_FILE/);
    expect(read).not.toThrow(/secret-text/);
  });

  it('names what to do when there is no file', () => {
    expect(() => readPeppers(join(folder, 'none'))).toThrow(/ENOENT.*the file that issuance uses/);
  });
});
