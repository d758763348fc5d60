import { BlockList, isIPv4 } from 'node:net';
import fc from 'fast-check';
import { isAddressIn } from './addresses.ts';

/** What Node's own block list says. */
function platformSays(ip: string, block: string): boolean {
  const [network = '', prefix] = block.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), isIPv4(network) ? 'ipv4' : 'ipv6');
  return list.check(ip, isIPv4(ip) ? 'ipv4' : 'ipv6');
}

function isMapped(ip: string): boolean {
  return new URL(`http://[${ip}]`).hostname.startsWith('[::ffff:');
}

const v4 = fc.ipV4();
const v6 = fc.ipV6();
/** A block around an address: often one that holds a neighbour of it. */
const near = (bits: number) => fc.integer({ min: 0, max: bits });

describe('an allow list', () => {
  it('agrees with the platform on IPv4', () => {
    fc.assert(
      fc.property(v4, v4, near(32), (ip, network, prefix) => {
        const block = `${network}/${prefix}`;
        expect(isAddressIn(ip, [block])).toBe(platformSays(ip, block));
        expect(isAddressIn(ip, [`${ip}/${prefix}`])).toBe(true);
      }),
    );
  });

  it('agrees with the platform on IPv6', () => {
    fc.assert(
      fc.property(v6, v6, near(128), (ip, network, prefix) => {
        // Stored blocks are canonical, and an IPv4-mapped address is none of IPv6.
        fc.pre(!network.includes('.') && !isMapped(ip));
        const block = `${network}/${prefix}`;
        expect(isAddressIn(ip, [block])).toBe(platformSays(ip, block));
        const canonical = new URL(`http://[${ip}]`).hostname.slice(1, -1);
        expect(isAddressIn(ip, [`${canonical}/${prefix}`])).toBe(true);
      }),
      {
        examples: [
          ['::10.0.0.1', '::a00:0', 104],
          ['64:ff9b::10.0.0.1', '64:ff9b::', 96],
        ],
      },
    );
  });

  it('takes an IPv4 address that is written as IPv6 for what it is', () => {
    fc.assert(
      fc.property(v4, v4, near(32), (ip, network, prefix) => {
        const block = `${network}/${prefix}`;
        const hex = ip
          .split('.')
          .map((part) => Number(part).toString(16).padStart(2, '0'))
          .join('');
        for (const mapped of [`::ffff:${ip}`, `::FFFF:${hex.slice(0, 4)}:${hex.slice(4)}`])
          expect(isAddressIn(mapped, [block])).toBe(platformSays(ip, block));
      }),
    );
    expect(isAddressIn('::ffff:10.0.0.1', ['::/0'])).toBe(false);
  });

  it.each([
    ['10.0.0.255', ['10.0.0.0/24'], true],
    ['10.0.1.0', ['10.0.0.0/24'], false],
    ['10.0.1.0', ['192.0.2.0/24', '10.0.1.0/32'], true],
    ['2001:db8::1', ['2001:db8::/32'], true],
    ['2001:DB8:0:0:0:0:0:1', ['2001:db8::1/128'], true],
    ['2001:db9::1', ['2001:db8::/32'], false],
    ['10.0.0.1', ['::/0'], false],
    ['2001:db8::1', ['0.0.0.0/0'], false],
    // `::10.0.0.1` is not the mapped form: an IPv6 address of its own.
    ['::10.0.0.1', ['10.0.0.0/8'], false],
    ['64:ff9b::10.0.0.1', ['10.0.0.0/8'], false],
    ['10.0.0.1', [], false],
    ['10.0.0.1', ['10.0.0.1', 'nonsense', '10.0.0.0/33'], false],
    ['10.0.0.1', ['nonsense', '10.0.0.0/8'], true],
  ])('%s in %j: %s', (ip, blocks, expected) => expect(isAddressIn(ip, blocks)).toBe(expected));
});
