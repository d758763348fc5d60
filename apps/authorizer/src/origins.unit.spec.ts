import fc from 'fast-check';
import { agent, at, domain, NOW, publicKey } from '../test/records.ts';
import { originAllowedUntil } from './origins.ts';

const PAGE = 'https://app.example.com';
const isAllowed = (
  origin: string,
  key: Parameters<typeof publicKey>[0] = {},
  domains: readonly ReturnType<typeof domain>[] = [domain()],
) => originAllowedUntil(publicKey(key), agent({ domains }), origin) > NOW.wallMs;

describe('an allowed origin', () => {
  it.each([
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://example.com',
    'https://xapp.example.com',
    'https://app.example.com.',
    'https://app.example.com.evil.test',
    'https://app.example.co',
  ])('is one string, and %s is another', (origin) => {
    expect(isAllowed(PAGE)).toBe(true);
    expect(isAllowed(origin)).toBe(false);
  });

  it('equals what the platform itself makes of a URL of the page, and nothing else does', () => {
    const scheme = fc.constantFrom('https', 'http', 'HTTPS');
    const host = fc.constantFrom(
      'app.example.com',
      'APP.example.com',
      'app.example.com.',
      'bücher.example.com',
      'xn--bcher-kva.example.com',
    );
    const port = fc.constantFrom('', ':443', ':80', ':8443', ':0443');
    const rest = fc.constantFrom('', '/', '/a?b#c', '#x');
    const user = fc.constantFrom('', 'user@', 'a:b@');
    const listed = fc.constantFrom(
      'https://app.example.com',
      'https://xn--bcher-kva.example.com',
      'https://app.example.com:8443',
    );
    fc.assert(
      fc.property(scheme, user, host, port, rest, listed, (s, u, h, p, r, allowed) => {
        const { origin } = new URL(`${s}://${u}${h}${p}${r}`);
        expect(isAllowed(origin, { origins: [{ origin: allowed }] })).toBe(origin === allowed);
      }),
    );
  });

  it('ends when a temporary one does; the longest counts', () => {
    expect(isAllowed(PAGE, { origins: [{ origin: PAGE, expiresAt: at(0) }] })).toBe(false);
    expect(isAllowed(PAGE, { origins: [{ origin: PAGE, expiresAt: at(1) }] })).toBe(true);
    expect(isAllowed(PAGE, { origins: [{ origin: PAGE, expiresAt: at(0) }, { origin: PAGE }] })).toBe(true);
    expect(isAllowed(PAGE, { origins: [{ origin: PAGE, expiresAt: 'never' }] })).toBe(false);
  });
});

describe('the domain above it', () => {
  it.each<[string, boolean, Parameters<typeof domain>[0]]>([
    ['verified', true, { state: 'verified' }],
    ['stale, in its grace', true, { state: 'stale', graceEndsAt: at(1) }],
    ['stale, the grace over', false, { state: 'stale', graceEndsAt: at(0) }],
    ['stale without an end', false, { state: 'stale' }],
    ['pending', false, { state: 'pending' }],
    ['contested', false, { state: 'pending', contestedAt: at(-1) }],
    ['lapsed', false, { state: 'lapsed' }],
    ['of the future', false, { state: 'blessed' as never }],
    ['the host itself', true, { domain: 'app.example.com' }],
    ['a sibling', false, { domain: 'www.example.com' }],
    ['below it', false, { domain: 'x.app.example.com' }],
    ['that ends alike', false, { domain: 'p.example.com' }],
  ])('%s: %s', (_, expected, change) => expect(isAllowed(PAGE, {}, [domain(change)])).toBe(expected));

  it('is any of the domains of the agent', () => {
    expect(isAllowed(PAGE, {}, [domain({ state: 'lapsed' }), domain({ domain: 'app.example.com' })])).toBe(
      true,
    );
    expect(isAllowed(PAGE, {}, [])).toBe(false);
  });

  it('does not make http good, whatever the list says', () => {
    const origin = 'http://app.example.com';
    expect(isAllowed(origin, { origins: [{ origin }] })).toBe(false);
  });
});

describe("the developer's own machine", () => {
  it.each([
    ['http://localhost:5173', true],
    ['https://localhost', true],
    ['http://127.0.0.1:3000', true],
    ['http://[::1]:3000', true],
    ['http://localhost.evil.test', false],
    ['http://127.0.0.2', false],
    ['http://app.localhost', false],
  ])('%s: %s on keys for development, and never on others', (origin, expected) => {
    const origins = [{ origin }];
    expect(isAllowed(origin, { origins, development: true })).toBe(expected);
    expect(isAllowed(origin, { origins, development: false })).toBe(false);
    // Named it must be, port and all.
    expect(isAllowed(origin, { origins: [{ origin: PAGE }], development: true })).toBe(false);
  });

  it('is no domain of anybody', () => {
    const origin = 'https://localhost';
    expect(isAllowed(origin, { origins: [{ origin }] }, [domain({ domain: 'localhost' })])).toBe(false);
  });
});
