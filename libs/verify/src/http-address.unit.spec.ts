import fc from 'fast-check';
import { TrustedProxies } from './http-address.ts';

const ours = new TrustedProxies(['127.0.0.1', '10.0.0.0/8', '2001:db8:1::/48', 'fe80::/10']);
const nobodys = new TrustedProxies([]);

describe('the address of a client', () => {
  it.each<[string, string | undefined, string[], string | undefined]>([
    ['who connected', '203.0.113.7', [], '203.0.113.7'],
    ['through one of ours', '10.0.0.1', ['203.0.113.7'], '203.0.113.7'],
    ['through two of ours', '127.0.0.1', ['203.0.113.7, 10.1.2.3'], '203.0.113.7'],
    ['not what the client wrote before it', '10.0.0.1', ['198.51.100.1, 203.0.113.7'], '203.0.113.7'],
    ['not in a header of its own either', '10.0.0.1', ['198.51.100.1', '203.0.113.7'], '203.0.113.7'],
    ['not what a stranger reports', '203.0.113.7', ['198.51.100.1'], '203.0.113.7'],
    ['not one of ours behind a stranger', '10.0.0.1', ['10.9.9.9, 203.0.113.7'], '203.0.113.7'],
    ['the farthest where all are ours', '10.0.0.1', ['10.0.0.9, 10.0.0.2'], '10.0.0.9'],
    ['our own without the header', '10.0.0.1', [], '10.0.0.1'],
    ['our own with an empty header', '10.0.0.1', ['', ' '], '10.0.0.1'],
    ['IPv4 over a dual-stack socket', '::ffff:10.0.0.1', ['203.0.113.7'], '203.0.113.7'],
    ['IPv4 as IPv6 in the header', '10.0.0.1', ['::ffff:203.0.113.7'], '203.0.113.7'],
    ['not IPv4, but IPv6 that ends in dots', '::10.0.0.1', ['203.0.113.7'], '::a00:1'],
    ['IPv6 through a proxy with a zone', 'fe80::1%eth0', ['2001:DB8::7'], '2001:db8::7'],
    ['IPv6 through IPv6', '2001:db8:1::5', ['2001:db8:2::7'], '2001:db8:2::7'],
    ['with a port', '10.0.0.1', ['203.0.113.7:4711'], '203.0.113.7'],
    ['in brackets', '10.0.0.1', ['[2001:db8::7]'], '2001:db8::7'],
    ['in brackets with a port', '10.0.0.1', ['[2001:db8::7]:4711'], '2001:db8::7'],
    ['nothing for a hop that is none', '10.0.0.1', ['203.0.113.7, unknown'], undefined],
    ['nothing for an empty hop', '10.0.0.1', ['203.0.113.7, '], undefined],
    ['nothing for an empty hop in a header of its own', '10.0.0.1', ['203.0.113.7', ''], undefined],
    ['nothing for a number', '10.0.0.1', ['3405803783'], undefined],
    ['nothing for octal digits', '10.0.0.1', ['0313.0.0161.7'], undefined],
    ['nothing for a socket without an address', undefined, ['203.0.113.7'], undefined],
  ])('is %s', (_, remoteAddress, forwardedFor, address) => {
    expect(ours.clientOf(remoteAddress, forwardedFor)).toBe(address);
  });

  it('is who connected where nobody is trusted, whatever is claimed', () => {
    expect(nobodys.clientOf('127.0.0.1', ['203.0.113.7'])).toBe('127.0.0.1');
  });

  it('is nobody where only proxies connect and this one reports none; control: it is the client elsewhere', () => {
    const between = new TrustedProxies(['10.0.0.0/8'], { areClients: false });
    for (const reported of [[], [''], [' ', '']]) {
      expect(between.clientOf('::ffff:10.0.0.1', reported)).toBeUndefined();
      expect(ours.clientOf('::ffff:10.0.0.1', reported)).toBe('10.0.0.1');
      expect(between.clientOf('203.0.113.7', reported)).toBe('203.0.113.7');
    }
    expect(between.clientOf('10.0.0.1', ['203.0.113.7'])).toBe('203.0.113.7');
    expect(between.clientOf('10.0.0.1', ['10.0.0.9, 10.0.0.2'])).toBe('10.0.0.9');
  });

  it('is the same whatever the client itself puts before what our proxies added', () => {
    const hop = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.constantFrom('10.0.0.1', 'unknown', ''));
    fc.assert(
      fc.property(fc.array(hop), fc.array(hop), (claimed, more) => {
        const forwardedFor = [...claimed, [...more, '203.0.113.7', '10.0.0.2'].join(', ')];
        expect(ours.clientOf('10.0.0.1', forwardedFor)).toBe('203.0.113.7');
      }),
    );
  });

  it('control: the left-most hop is whatever the client says', () => {
    const leftMost = (forwardedFor: string) => forwardedFor.split(',')[0];
    const allowed = '198.51.100.1';
    const sent = `${allowed}, 203.0.113.7`;
    expect(leftMost(sent)).toBe(allowed);
    expect(ours.clientOf('10.0.0.1', [sent])).not.toBe(allowed);
  });
});

describe('trusted proxies', () => {
  it.each<[string | undefined, boolean]>([
    ['127.0.0.1', true],
    ['::ffff:10.1.2.3', true],
    ['2001:db8:1::7', true],
    ['127.0.0.2', false],
    ['::ffff:11.0.0.1', false],
    ['2001:db8:2::1', false],
    ['nonsense', false],
    ['', false],
    [undefined, false],
  ])('include %s: %s', (address, isOurs) => expect(ours.includes(address)).toBe(isOurs));

  it.each(['10.0.0.1', '10.0.0.0/8', '192.0.2.7/32', '::1', '2001:db8::/32', '2001:db8::1/128'])(
    'may be %s',
    (block) => {
      expect(() => new TrustedProxies([block])).not.toThrow();
    },
  );

  it.each<unknown>([
    '',
    'proxy.example',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '10.0.0.0/08',
    ' 10.0.0.1',
    '010.0.0.1',
    '0.0.0.0/0',
    '::/0',
    '2001:db8::/129',
    'fe80::1%eth0',
    '::ffff:10.0.0.0/104',
    '10.0.0.1, 10.0.0.2',
    7,
  ])('are not %p, and the error says what to write', (block) => {
    expect(() => new TrustedProxies(['10.0.0.1', block as string])).toThrow(
      `trustedProxies has ${JSON.stringify(block)}: write addresses and networks`,
    );
  });
});
