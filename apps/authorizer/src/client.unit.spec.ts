/** What is kept of who used a key: its network and its kind of program, and nothing else. */
import fc from 'fast-check';
import { Agents } from './client-agents.ts';
import { addressPrefix, lastUsedFrom, userAgentFamily } from './client.ts';

describe('the network of an address', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['0.0.0.0', '0.0.0.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['::ffff:cb00:714d', '203.0.113.0/24'],
    ['2001:DB8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:db8:0:2::1', '2001:db8::/48'],
    ['::1', '::/48'],
  ])('%s is of %s', (ip, prefix) => expect(addressPrefix(ip)).toBe(prefix));

  it.each(['', 'localhost', '1.2.3', '0x7f.1', '1.2.3.4.5', '1.2.3.4/8', '12345', ':::', ' 1.2.3.4'])(
    '%j is none',
    (ip) => expect(addressPrefix(ip)).toBeUndefined(),
  );

  it('tells nothing of the host: all addresses of one network give the same', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(255), (ip, host) => {
        const other = ip.replace(/\d+$/, String(host));
        expect(addressPrefix(other)).toBe(addressPrefix(ip));
      }),
    );
  });
});

describe('the family of a user agent', () => {
  it.each([
    ['curl/8.1', 'curl'],
    ['python-requests/2.31', 'python-requests'],
    ['Go-http-client/2.0', 'Go-http-client'],
    ['node', 'node'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
      'Chrome',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0',
      'Microsoft Edge',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15',
      'Safari',
    ],
  ])('%s is %s', (agent, family) => expect(userAgentFamily(agent)).toBe(family));

  it.each(['', ' ', '()', '<script>', '\u0000curl/1', 'é/1', 'a'.repeat(65), 'x'.repeat(600), '/1.0'])(
    '%j names nothing',
    (agent) => expect(userAgentFamily(agent)).toBeUndefined(),
  );

  it('is short and harmless, whatever the header is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 600, unit: 'binary' }), (agent) => {
        expect(userAgentFamily(agent) ?? 'none').toMatch(/^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,63}$/);
      }),
    );
  });
});

it('both, either, or nothing', () => {
  const ip = '198.51.100.9';
  expect(lastUsedFrom(ip, 'curl')).toEqual({ addressPrefix: '198.51.100.0/24', userAgent: 'curl' });
  expect(lastUsedFrom(ip, undefined)).toEqual({ addressPrefix: '198.51.100.0/24' });
  expect(lastUsedFrom(undefined, 'curl')).toEqual({ userAgent: 'curl' });
  expect(lastUsedFrom('x', undefined)).toBeUndefined();
});

it('a flood of ever other user agents takes no memory: beyond a thousand in a tick, none is known', () => {
  const agents = new Agents();
  const seen = Array.from({ length: 1_500 }, (_, n) => agents.of(`agent${n}/1.0`)?.family);
  expect(seen.filter((family) => family !== undefined)).toHaveLength(1_000);
  expect(agents.of('agent3/1.0')?.family).toBe('agent3');
  expect(agents.of(undefined)).toBeUndefined();
  agents.renew();
  expect(agents.of('agent1499/1.0')?.family).toBe('agent1499');
});
