import { isTokenDigest, makeToken, mayBeKey, tokenDigest, tokenKind } from './token.ts';

describe('token', () => {
  it('is what it says it is', () => {
    const token = makeToken('service');
    expect(token).toMatch(/^mcpstack_sk_[0-9A-Za-z]{49}$/);
    expect(tokenKind(token)).toBe('service');
    expect(tokenKind(makeToken('publishable'))).toBe('publishable');
    expect(isTokenDigest(tokenDigest(token))).toBe(true);
  });

  it('refuses any single changed, dropped or doubled character without I/O', () => {
    const token = makeToken('service');
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === 'a' ? 'b' : 'a';
      expect(tokenKind(token.slice(0, at) + other + token.slice(at + 1))).toBeUndefined();
      expect(tokenKind(token.slice(0, at) + token.slice(at + 1))).toBeUndefined();
      expect(tokenKind(token.slice(0, at) + token[at]! + token.slice(at))).toBeUndefined();
    }
  });

  it.each([
    undefined,
    null,
    7,
    '',
    'mcpstack_sk_',
    'mcpstack_sk_xxxx',
    `mcpstack_sk_${'é'.repeat(49)}`,
    ' '.repeat(1e6),
  ])('refuses %p', (text) => expect(tokenKind(text)).toBeUndefined());

  it('has no two alike in 10,000', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => makeToken('service'))).size).toBe(10_000);
  });

  it('keeps to the configured prefix', () => {
    const token = makeToken('service', 'acme');
    expect(tokenKind(token, 'acme')).toBe('service');
    expect(tokenKind(token)).toBeUndefined();
  });
});

describe('a text that may be a key', () => {
  const token = makeToken('service');

  it.each([
    ['a token', token],
    ['a token for browsers', makeToken('publishable')],
    ['one of another prefix, whatever its checksum', makeToken('service', 'acme').slice(0, -1)],
    ['one that only begins like the prefix', `mcpstacked_sk_${'x'.repeat(16)}`],
    ['one of another make', 'sk-0123456789+/=abc'],
    ['the shortest', '!'.repeat(16)],
    ['the longest', '~'.repeat(512)],
  ])('is %s', (_, text) => expect(mayBeKey(text)).toBe(true));

  it.each<[string, unknown]>([
    ['a typing error', `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`],
    ['a truncated paste', token.slice(0, -1)],
    ['a mark of ours without a token', `mcpstack_pk_${'x'.repeat(16)}`],
    ['a session', `mcpstack_st_${'x'.repeat(43)}`],
    ['an invitation', `mcpstack_it_${'x'.repeat(43)}`],
    ['what is too short', 'x'.repeat(15)],
    ['what is too long', 'x'.repeat(513)],
    ['two words', 'Bearer 0123456789abcdef'],
    ['another alphabet', 'é'.repeat(16)],
    ['a line feed at its end', `${'x'.repeat(16)}\n`],
    ['no text', 42],
    ['nothing', undefined],
  ])('is not %s', (_, text) => expect(mayBeKey(text)).toBe(false));

  it('goes by the configured prefix', () => {
    const session = `acme_st_${'x'.repeat(43)}`;
    expect([mayBeKey(session), mayBeKey(session, 'acme')]).toEqual([true, false]);
    expect(mayBeKey(token.slice(0, -1), 'acme')).toBe(true);
  });
});
