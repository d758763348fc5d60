import { isTokenDigest, makeToken, tokenDigest, tokenKind } from './token.ts';

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
