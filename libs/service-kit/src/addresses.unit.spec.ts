import { anyAddress, onlyPublic } from './addresses.ts';

/** IANA's special-purpose registries, range by range, and the ranges that carry an IPv4 address. */
const SPECIAL = [
  ['this network', '0.0.0.0'],
  ['this network', '0.255.255.255'],
  ['private', '10.0.0.1'],
  ['private', '172.16.0.1'],
  ['private', '172.31.255.255'],
  ['private', '192.168.1.1'],
  ['shared (carrier-grade NAT)', '100.64.0.1'],
  ['shared (carrier-grade NAT)', '100.127.255.255'],
  ['loopback', '127.0.0.1'],
  ['loopback', '127.255.255.254'],
  ['link-local, cloud metadata', '169.254.169.254'],
  ['protocol assignments', '192.0.0.8'],
  ['documentation', '192.0.2.1'],
  ['documentation', '198.51.100.1'],
  ['documentation', '203.0.113.1'],
  ['AS112', '192.31.196.1'],
  ['AMT', '192.52.193.1'],
  ['6to4 relay', '192.88.99.1'],
  ['AS112', '192.175.48.1'],
  ['benchmarking', '198.18.0.1'],
  ['benchmarking', '198.19.255.255'],
  ['multicast', '224.0.0.1'],
  ['multicast', '239.255.255.255'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['unspecified', '::'],
  ['loopback', '::1'],
  ['IPv4-compatible', '::10.0.0.1'],
  ['IPv4-compatible, public inside', '::8.8.8.8'],
  ['IPv4-mapped', '::ffff:10.0.0.1'],
  ['IPv4-mapped, in hexadecimal', '::ffff:7f00:1'],
  ['IPv4-mapped, public inside', '::ffff:8.8.8.8'],
  ['IPv4-translated', '::ffff:0:10.0.0.1'],
  ['NAT64', '64:ff9b::10.0.0.1'],
  ['NAT64, public inside', '64:ff9b::8.8.8.8'],
  ['NAT64, local', '64:ff9b:1::a00:1'],
  ['discard', '100::1'],
  ['Teredo', '2001::1'],
  ['benchmarking', '2001:2::1'],
  ['ORCHID', '2001:10::1'],
  ['ORCHIDv2', '2001:20::1'],
  ['documentation', '2001:db8::1'],
  ['documentation', '3fff::1'],
  ['6to4', '2002:a00:1::'],
  ['6to4, public inside', '2002:808:808::1'],
  ['ISATAP', '2606:4700::5efe:10.0.0.1'],
  ['ISATAP, unique', '2606:4700::200:5efe:10.0.0.1'],
  ['AS112', '2620:4f:8000::1'],
  ['segment routing', '5f00::1'],
  ['unassigned', '1::1'],
  ['unassigned', '4000::1'],
  ['unique local', 'fc00::1'],
  ['unique local', 'fd12:3456:789a::1'],
  ['link-local', 'fe80::1'],
  ['site-local', 'fec0::1'],
  ['multicast', 'ff02::1'],
] as const;

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '192.0.1.1',
  '223.255.255.255',
].concat(['2606:4700:4700::1111', '2a00:1450:4001:80b::200e', '2001:4860:4860::8888']);

describe('an address that a name leads to', () => {
  it.each(SPECIAL)('is refused where it is %s: %s', (_range, address) => {
    expect(onlyPublic(address)).toMatch(/^it is /);
  });

  it.each(PUBLIC)('is taken where it is global unicast: %s', (address) => {
    expect(onlyPublic(address)).toBeUndefined();
  });

  it.each([
    '',
    '0x7f.1',
    '127.1',
    '2130706433',
    '0177.0.0.1',
    'fe80::1%eth0',
    'example.com',
    '1.1.1.1 ',
    '[::1]',
  ])('is refused in any spelling but its own: %j', (address) => {
    expect(onlyPublic(address)).toBe('it is no IP address');
    expect(anyAddress(address === 'fe80::1%eth0' ? '' : address)).toBe('it is no IP address');
  });

  it('control: without the rule, every special address would be connected to', () => {
    for (const [, address] of SPECIAL) expect(anyAddress(address)).toBeUndefined();
  });
});
