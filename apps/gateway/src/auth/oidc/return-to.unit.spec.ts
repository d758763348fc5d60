import fc from 'fast-check';
import { isOtherName, returnPath } from './return-to.ts';

const OURS = 'https://keys.example.com';
/** Where a browser goes that is sent to this path from a page of ours. */
const wentTo = (path: string): string => new URL(path, `${OURS}/auth/callback`).origin;

describe('where a login leads', () => {
  it.each([
    '/',
    '/auth/device?userCode=BCDF-GHJK',
    '/organizations/org_1/keys?cursor=a%2Fb#last',
    '/a:b@c',
    '/?next=https://evil.example',
    '/%2F%2Fevil.example',
    '/%5Cevil.example',
    '/...//x',
    `/${'x'.repeat(499)}`,
  ])('a path of our own is kept: %s', (path) => {
    expect(returnPath(path)).toBe(path);
    expect(wentTo(returnPath(path))).toBe(OURS);
  });

  it.each([
    ['two slashes', '//evil.example'],
    ['three slashes', '///evil.example'],
    ['a whole address', 'https://evil.example/'],
    ['our own address', `${OURS}/x`],
    ['a scheme without slashes', 'https:evil.example'],
    ['a script', 'javascript:alert(1)'],
    ['a backslash', '/\\evil.example'],
    ['two backslashes', '\\\\evil.example'],
    ['a slash behind a backslash', '\\/evil.example'],
    ['a tab that browsers drop', '/\t/evil.example'],
    ['a line end that browsers drop', '/\n/evil.example'],
    ['a carriage return, for a header of its own', '/x\r\nSet-Cookie: a=b'],
    ['a path that is two slashes once it is resolved', '/.//evil.example'],
    ['the same by two dots', '/x/..//evil.example'],
    ['the same, encoded', '/%2e//evil.example'],
    ['a space before', ' /x'],
    ['no slash', 'x'],
    ['an empty text', ''],
    ['a character that cannot be seen', '/\u200b/evil.example'],
    ['the login itself', '/auth/login?returnTo=/x'],
    ['the callback', '/auth/./callback?state=x'],
    ['what is longer than 500 characters', `/${'x'.repeat(500)}`],
    ['what is, once it is encoded', `/${'ä'.repeat(100)}`],
    ['two of them', ['/x', '/y']],
    ['nothing', undefined],
  ])('everything else leads to /: %s', (_, text) => {
    expect(returnPath(text)).toBe('/');
  });

  it('whatever is asked for, the browser stays here', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '@',
      ':',
      '?',
      '#',
      '%2f',
      '%5c',
      '%2e',
      '\t',
      'evil.example',
      'https',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (asked) => {
        const path = returnPath(asked);
        expect(wentTo(path)).toBe(OURS);
        // And where it is written behind our origin.
        expect(new URL(`${OURS}${path}`).origin).toBe(OURS);
        expect(path).toMatch(/^\/(?!\/)[\x21-\x7e]*$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('control: without the check the same texts lead away', () => {
    for (const text of ['//evil.example', '/\\evil.example', '/\t/evil.example'])
      expect(wentTo(text)).not.toBe(OURS);
    expect(new URL('https:evil.example', 'http://localhost:8080').origin).toBe('https://evil.example');
    expect(wentTo(new URL('/.//evil.example', OURS).pathname)).not.toBe(OURS);
  });
});

describe('another name of this machine', () => {
  it.each([
    ['127.0.0.1:8080', 'http://localhost:8080'],
    ['localhost:8080', 'http://127.0.0.1:8080'],
    ['[::1]:8080', 'http://localhost:8080'],
  ])('%s is one of %s', (host, publicUrl) => {
    expect(isOtherName(host, publicUrl)).toBe(true);
  });

  it.each([
    ['the same name', 'localhost:8080', 'http://localhost:8080'],
    ['another port, as behind a proxy here', '127.0.0.1:8080', 'http://localhost:3000'],
    ['another machine', 'keys.internal:8080', 'https://keys.example.com'],
    ['no name', undefined, 'http://localhost:8080'],
    ['what is no name', 'a b', 'http://localhost:8080'],
  ])('%s is none', (_, host, publicUrl) => {
    expect(isOtherName(host, publicUrl)).toBe(false);
  });
});
