import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeToken, tokenDigest } from '@mcpstack/contracts';
import { ConfigError } from './config-error.ts';
import { Peppers, readPeppers } from './peppers.ts';

const first = randomBytes(32);
const second = randomBytes(32);
const third = randomBytes(32);
let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peppers-'));
  file = join(folder, 'peppers.json');
});
afterAll(() => rmSync(folder, { recursive: true }));

function problem(content: string): string {
  writeFileSync(file, content);
  try {
    readPeppers(file);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).cause).toBeUndefined();
    return (error as ConfigError).message;
  }
  throw new Error('the file was taken');
}

describe('peppers (G1)', () => {
  it('stores HMAC-SHA-256(pepper, SHA-256(token)) with the version of the current pepper', () => {
    const peppers = { 1: first.toString('base64'), 2: second.toString('base64') };
    const token = makeToken('service');
    for (const [current, pepper] of [
      [1, first],
      [2, second],
    ] as const) {
      writeFileSync(file, JSON.stringify({ current, peppers }));
      expect(readPeppers(file).credential(tokenDigest(token))).toEqual({
        digest: createHmac('sha256', pepper).update(tokenDigest(token)).digest('hex'),
        pepperVersion: current,
      });
    }
  });

  it('one candidate per version for a check, newest first, so that a rotation fails no key', () => {
    const token = makeToken('service');
    const peppers = {
      1: first.toString('base64'),
      2: second.toString('base64'),
      10: third.toString('base64'),
    };
    writeFileSync(file, JSON.stringify({ current: 2, peppers }));
    const expected = [third, second, first].map((pepper) =>
      createHmac('sha256', pepper).update(tokenDigest(token), 'ascii').digest('hex'),
    );
    expect(readPeppers(file).candidates(tokenDigest(token))).toEqual(expected);
  });

  it('a stored digest cannot be confirmed without the pepper', () => {
    const digest = tokenDigest(makeToken('service'));
    const ours = new Peppers(1, { 1: first });
    const stored = ours.credential(digest).digest;
    expect(new Peppers(1, { 1: second }).candidates(digest)).not.toContain(stored);
    expect(stored).not.toBe(digest);
    // Control: with the pepper it can.
    expect(ours.candidates(digest)).toContain(stored);
  });

  const good = first.toString('base64');
  it.each([
    ['no JSON', good],
    ['JSON of another shape', JSON.stringify([good])],
    ['an unknown field', JSON.stringify({ current: 1, peppers: { 1: good }, old: good })],
    ['a version that is no number', JSON.stringify({ current: 1, peppers: { one: good } })],
    ['a short pepper', JSON.stringify({ current: 1, peppers: { 1: good.slice(0, 40) } })],
    ['a pepper that is no base64', JSON.stringify({ current: 1, peppers: { 1: `!${good}` } })],
    ['no pepper', JSON.stringify({ current: 1, peppers: {} })],
    ['null', 'null'],
    [
      'too many',
      JSON.stringify({
        current: 1,
        peppers: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [n + 1, good])),
      }),
    ],
    ['a current version without a pepper', JSON.stringify({ current: 2, peppers: { 1: good } })],
  ])('refuses %s in a sentence that holds nothing of the file', (_what, content) => {
    const message = problem(content);
    expect(message).toMatch(/^PEPPER_FILE .*(make one with|add it there|remove the oldest)/);
    expect(message).not.toContain(good.slice(0, 8));
  });

  it('says what to do when there is no file', () => {
    expect(() => readPeppers(join(folder, 'none.json'))).toThrow(/not there: .*make one with: node -e/);
    expect(() => readPeppers(folder)).toThrow(/cannot be read \(EISDIR\)/);
  });

  it('names a version that stands there twice, of which JSON would keep the last in silence', () => {
    const [one, two] = [first, second].map((pepper) => pepper.toString('base64'));
    const twice = problem(`{"current":1,"peppers":{"1":"${one}","2":"${two}","\\u0031":"${two}"}}`);
    expect(twice).toMatch(/^PEPPER_FILE holds the pepper of version 1 twice: leave the one that is in use/);
    expect(problem(`{"current":1,"current":2,"peppers":{"1":"${one}","2":"${two}"}}`)).toBe(
      'PEPPER_FILE holds "current" twice: leave one of them.',
    );
    const same = problem(`{"current":2,"peppers":{"1":"${one}","2":"${one}"}}`);
    expect(same).toBe('PEPPER_FILE holds the same pepper as versions 1 and 2: remove one of them.');
    for (const text of [twice, same]) expect(text).not.toContain(one!.slice(0, 8));
  });
});
