import { makeToken, tokenDigest } from '@mcpstack/contracts';
import fc from 'fast-check';
import { identityOf, readQuestion, type Question } from './question.ts';

const KEY = makeToken('service');
const DIGEST = tokenDigest(KEY);
const read = (question: object, prefix?: string) => readQuestion(question, identityOf(question), prefix);

describe('the identity of a question', () => {
  it('is the same for a key and its digest, whatever the user agent', () => {
    const one = identityOf({ key: KEY, permission: 'servers:read', userAgent: 'curl/8', cost: 1 });
    expect(one).toEqual(identityOf({ digest: DIGEST, permission: 'servers:read' }));
    expect(one).toEqual({ digest: DIGEST, fields: 'servers:read' });
  });

  it('differs where any field differs that the answer depends on', () => {
    const text = fc.string({ minLength: 0, maxLength: 3, unit: fc.constantFrom('a', 'b', ':', '.') });
    const optional = fc.option(text, { nil: undefined });
    const questions = fc.record({
      digest: fc.constantFrom('a'.repeat(64), 'b'.repeat(64)),
      permission: optional,
      origin: optional,
      ip: optional,
      expect: fc.option(fc.record({ kind: optional, agentId: optional, serverId: optional }), {
        nil: undefined,
      }),
    }) as fc.Arbitrary<Question>;
    const meaning = ({ expect, ...rest }: Question) => JSON.stringify({ ...rest, expect: { ...expect } });
    fc.assert(
      fc.property(questions, questions, (one, other) => {
        const [a, b] = [identityOf(one), identityOf(other)];
        if (one.permission === '' || other.permission === '') return expect([a, b]).toContain(undefined);
        const isSame = a?.digest === b?.digest && a?.fields === b?.fields;
        expect(isSame).toBe(meaning(one) === meaning(other));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, object, object]>([
    [
      'a permission',
      { digest: DIGEST, permission: 'a:b', ip: '192.0.2.1', origin: 'https://a.example' },
      { digest: DIGEST, permission: 'a:b\nip:192.0.2.1', origin: 'https://a.example' },
    ],
    [
      'an origin',
      { digest: DIGEST, origin: 'https://a.example', ip: '192.0.2.1' },
      { digest: DIGEST, origin: 'https://a.example\nip:192.0.2.1' },
    ],
    [
      'an expected agent',
      { digest: DIGEST, expect: { agentId: 'a', kind: 'service' } },
      { digest: DIGEST, expect: { agentId: 'a\nexpect.kind:service' } },
    ],
  ])('is not that of another question whose field is written into %s', (_, valid, forged) => {
    expect(identityOf(valid)).toBeDefined();
    expect(identityOf(forged)).not.toEqual(identityOf(valid));
  });

  it.each<[string, object]>([
    ['an expectation that is not known', { key: KEY, expect: { agentId: 'a', 'kind:x': 'service' } }],
    ['a position', { key: KEY, position: '1' }],
    ['a cost', { key: KEY, cost: 2 }],
    ['a cost of nothing', { key: KEY, cost: 0 }],
    ['two names of the key', { key: KEY, digest: DIGEST }],
    ['no name of the key', { permission: 'servers:read' }],
    ['a field that is not known', { key: KEY, permision: 'servers:read' }],
    ['a permission that reads like another field', { key: KEY, permission: '\norigin:https://a.example' }],
    ['a field of the wrong shape', { key: KEY, permission: ['servers:read'] }],
    ['an expectation of the wrong shape', { key: KEY, expect: [] }],
    ['uses, which are ours to tell', { key: KEY, reused: 1 }],
    ['a very long key', { key: 'x'.repeat(513) }],
  ])('there is none with %s', (_, question) => {
    expect(identityOf(question as Question)).toBeUndefined();
  });
});

describe('a question as it is asked', () => {
  it('names the digest, never the key', () => {
    const asked = read({ key: KEY, permission: 'servers:read', ip: '192.0.2.1', position: '7' });
    expect(asked).toEqual({
      ok: true,
      text: `{"digest":"${DIGEST}","permission":"servers:read","ip":"192.0.2.1","position":"7"`,
      isSlow: true,
    });
  });

  it('carries no more of a user agent than is taken', () => {
    const asked = read({ digest: DIGEST, userAgent: 'x'.repeat(10_000) });
    expect(asked).toMatchObject({ ok: true, text: expect.stringMatching(/"userAgent":"x{512}"$/) as string });
  });

  it('may be about a key of another spelling, which may have been imported', () => {
    expect(read({ key: 'other_sk_0123456789abcdef' })).toMatchObject({ ok: true });
    expect(read({ key: makeToken('service', 'acme') }, 'acme')).toMatchObject({ ok: true });
  });

  it.each<[string, object]>([
    ['a typing error', { key: `${KEY.slice(0, -1)}${KEY.endsWith('a') ? 'b' : 'a'}` }],
    ['a truncated key', { key: KEY.slice(0, -1) }],
    ['a session', { key: 'mcpstack_st_0123456789abcdef0123' }],
    ['an invitation', { key: 'mcpstack_it_0123456789abcdef0123' }],
    ['a text with a blank', { key: 'Bearer 0123456789abcdef' }],
    ['a text that is too short', { key: 'abc' }],
    ['a text that is too long', { key: 'x'.repeat(513) }],
    ['no text', { key: 42 }],
    ['a digest in capitals', { digest: 'A'.repeat(64) }],
    ['both', { key: KEY, digest: DIGEST }],
    ['neither', {}],
    ['nothing', undefined as never],
    ['a text', KEY as never],
    ['an unknown field', { key: KEY, permision: 'servers:read' }],
    ['uses', { key: KEY, reused: 1 }],
    ['what is no JSON', { key: KEY, cost: 1n }],
  ])('is refused for %s, and the message repeats nothing', (_, question) => {
    const asked = read(question);
    expect(asked).toMatchObject({ ok: false, message: expect.any(String) as string });
    const { key = question } = Object(question) as { key?: unknown };
    if (typeof key === 'string') expect(JSON.stringify(asked)).not.toContain(key);
  });
});
