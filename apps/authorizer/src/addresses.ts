/** Allow lists: whether an address is in one of some CIDR blocks. Pure. */
import ipaddr from 'ipaddr.js';

/**
 * Whether `ip` (valid, without a zone) is in one of `blocks`. An IPv4 address that is written as IPv6
 * (`::ffff:10.0.0.1`, as dual-stack sockets do) is the IPv4 address. A block that cannot be read holds nothing.
 */
export function isAddressIn(ip: string, blocks: readonly string[]): boolean {
  const address = ipaddr.process(inOneSpelling(ip));
  const isV6 = address.kind() === 'ipv6';
  return blocks.some((block) => block.includes(':') === isV6 && holds(block, address));
}

function holds(block: string, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  try {
    return address.match(ipaddr.parseCIDR(block));
  } catch {
    return false;
  }
}

/**
 * The library takes every IPv6 address that ends in dots, such as `::10.0.0.1`, for an IPv4 address. The platform
 * writes all of them in colons, whereupon only the mapped ones are.
 */
function inOneSpelling(ip: string): string {
  return ip.includes(':') && ip.includes('.') ? new URL(`http://[${ip}]`).hostname.slice(1, -1) : ip;
}
