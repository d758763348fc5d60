/** Origins and domain names against the platform's own `URL`: what is accepted is what a browser sends. */
import fc from 'fast-check';
import { hostProblem, isUnder, normalDomain } from './domain-name.ts';
import { normalOrigin } from './origin.ts';

const originOf = (text: string, development = false) => {
  const found = normalOrigin(text, { development });
  return 'origin' in found ? found.origin : undefined;
};
const domainOf = (text: string) => {
  const found = normalDomain(text);
  return 'domain' in found ? found.domain : undefined;
};

const label = fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,12}[a-zA-Z0-9])?$/);
const unicodeLabel = fc.constantFrom('bücher', 'MÜNCHEN', 'пример', '例え', 'straße', 'ａｂｃ');
const top = fc.constantFrom('com', 'example', 'co.uk', 'COM', 'internal', 'github.io', 'de');
const host = fc
  .tuple(fc.array(fc.oneof(label, label, unicodeLabel), { minLength: 1, maxLength: 4 }), top)
  .map(([labels, end]) => [...labels, end].join('.'));
const port = fc.oneof(
  fc.constant(''),
  fc.integer({ min: 0, max: 65_535 }).map((one) => `:${one}`),
);
const scheme = fc.constantFrom('https://', 'HTTPS://', 'Https://');
const origin = fc.tuple(scheme, host, port).map((parts) => parts.join(''));

describe('origins', () => {
  it('accepted is exactly what URL makes of it, and making it once more changes nothing', () => {
    let accepted = 0;
    fc.assert(
      fc.property(origin, (text) => {
        const found = originOf(text);
        if (found === undefined) return;
        accepted += 1;
        expect(found).toBe(new URL(text).origin);
        expect(originOf(found)).toBe(found);
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(1_500);
  });

  it('of random text, too: whatever is accepted has scheme, host and port and no more', () => {
    const text = fc.oneof(
      fc.webUrl({ validSchemes: ['https', 'http'], withQueryParameters: true, withFragments: true }),
      fc.string({ unit: 'binary' }).map((one) => `https://${one}`),
      fc.string(),
      // An origin with one character more, anywhere in it.
      fc
        .tuple(origin, fc.string({ unit: 'binary-ascii', maxLength: 1 }), fc.nat(40))
        .map(([one, more, place]) => one.slice(0, place) + more + one.slice(place)),
    );
    let accepted = 0;
    fc.assert(
      fc.property(text, fc.boolean(), (one, development) => {
        const found = originOf(one, development);
        if (found === undefined) return;
        const url = new URL(one);
        expect(found).toBe(url.origin);
        expect([url.pathname, url.search, url.hash, url.username, url.password]).toEqual([
          '/',
          '',
          '',
          '',
          '',
        ]);
        expect(one.slice(one.indexOf('://') + 3)).not.toMatch(/[/?#@\\\s]/);
        accepted += 1;
      }),
      { numRuns: 3_000 },
    );
    expect(accepted).toBeGreaterThan(20);
  });

  it('with anything more than an origin are refused', () => {
    const more = fc.constantFrom(
      '/',
      '/path',
      '?',
      '?q=1',
      '#',
      '#top',
      '\\',
      '.',
      ' ',
      '\t',
      '\n',
      '\u0000',
      '*',
    );
    fc.assert(
      fc.property(origin, more, (text, tail) => {
        expect(originOf(text + tail)).toBeUndefined();
        expect(originOf(tail + text)).toBeUndefined();
        expect(originOf(text.replace('://', '://user@'))).toBeUndefined();
        expect(originOf(text.replace('://', '://user:word@'))).toBeUndefined();
        expect(originOf(text.replace(/^https/i, 'http'))).toBeUndefined();
      }),
    );
  });

  it.each([
    ['http://app.example.com/', undefined],
    ['https://app.example.com/', undefined],
    ['http://app.example.com', undefined],
    ['https://app.example.com', 'https://app.example.com'],
    ['https://app.example.com:443', 'https://app.example.com'],
    ['https://app.example.com:8443', 'https://app.example.com:8443'],
    ['https://app.example.com:', undefined],
    ['https://app.example.com:99999', undefined],
    ['HTTPS://App.EXAMPLE.com', 'https://app.example.com'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://app.example.com.', undefined],
    ['https://example', undefined],
    ['https://co.uk', undefined],
    ['https://github.io', undefined],
    ['https://公司.cn', undefined],
    ['https://me.github.io', 'https://me.github.io'],
    ['https://203.0.113.7', undefined],
    ['https://3405803783', undefined],
    ['https://[2001:db8::1]', undefined],
    ['https://ex%61mple.com', undefined],
    ['https://*.example.com', undefined],
    ['https:app.example.com', undefined],
    ['https:///app.example.com', undefined],
    ['ftp://app.example.com', undefined],
    ['null', undefined],
    ['', undefined],
    [`https://${'a'.repeat(300)}.com`, undefined],
  ])('%s is %s', (text, wanted) => expect(originOf(text)).toBe(wanted));

  it.each(['http://localhost:3000', 'https://localhost', 'http://127.0.0.1:8080', 'http://[::1]:5173'])(
    '%s is for development only',
    (text) => {
      expect(originOf(text, true)).toBe(text);
      expect(originOf(text, false)).toBeUndefined();
    },
  );

  it('development changes nothing else', () => {
    for (const text of [
      'http://app.example.com',
      'http://10.0.0.1',
      'http://localhost.',
      'http://a.localhost',
    ])
      expect([text, originOf(text, true)]).toEqual([text, undefined]);
  });
});

describe('domain names', () => {
  it('are the host that URL makes of them, and making it once more changes nothing', () => {
    fc.assert(
      fc.property(host, (text) => {
        const found = domainOf(text);
        if (found === undefined) return;
        expect(found).toBe(new URL(`https://${text}`).hostname);
        expect(domainOf(found)).toBe(found);
        expect(hostProblem(found)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['App.Example.COM', 'app.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['example.com.', undefined],
    ['example', undefined],
    ['localhost', undefined],
    ['app.localhost', undefined],
    ['com', undefined],
    ['co.uk', undefined],
    ['github.io', undefined],
    ['127.0.0.1', undefined],
    ['0x7f.1', undefined],
    ['[::1]', undefined],
    ['::1', undefined],
    ['https://example.com', undefined],
    ['example.com/path', undefined],
    ['example.com:443', undefined],
    ['user@example.com', undefined],
    ['*.example.com', undefined],
    ['a..example.com', undefined],
    ['-a.example.com', undefined],
    ['a_b.example.com', undefined],
    ['xn--a.example.com', undefined],
    [' example.com', undefined],
    ['exa\u2060mple.com', undefined],
    [`${'a'.repeat(64)}.example.com`, undefined],
    [`${'a.'.repeat(130)}com`, undefined],
  ])('%s is %s', (text, wanted) => expect(domainOf(text)).toBe(wanted));

  it('a host lies under a domain by whole labels only', () => {
    expect(isUnder('example.com', 'example.com')).toBe(true);
    expect(isUnder('a.b.example.com', 'example.com')).toBe(true);
    expect(isUnder('evilexample.com', 'example.com')).toBe(false);
    expect(isUnder('example.com.evil.org', 'example.com')).toBe(false);
    expect(isUnder('com', 'example.com')).toBe(false);
  });
});
