/** Blocks of IP addresses: CIDR (RFC 4632, RFC 4291), one spelling each (RFC 5952). */
import ipaddr from 'ipaddr.js';
import type { Problem } from './domain-name.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
interface Block {
  address: Address;
  prefix: number;
}

const LONGEST_BLOCK = 64;

/**
 * The block in canonical form; a plain address is the block of it alone (/32 or /128). Bits beyond the prefix are
 * an error that names the right block: whoever wrote 10.0.0.7/8 meant one thing or the other.
 */
export function normalBlock(text: string): { block: string } | Problem {
  const found = text.length <= LONGEST_BLOCK ? readBlock(text) : undefined;
  if (!found)
    return { problem: 'must be an IP address or a CIDR block such as 203.0.113.0/24 or 2001:db8::/32' };
  const { address, prefix } = found;
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress())
    return { problem: `must be written as IPv4: ${address.toIPv4Address().toString()}` };
  const block = `${spelled(networkOf(found))}/${prefix}`;
  if (block !== `${spelled(address)}/${prefix}`)
    return { problem: `has bits set beyond its prefix: the block is ${block}` };
  return { block };
}

/** Whether every address of `inner` lies in `outer`. Both in canonical form. */
export function blockContains(outer: string, inner: string): boolean {
  const [wide, narrow] = [readBlock(outer), readBlock(inner)];
  if (!wide || !narrow || wide.address.kind() !== narrow.address.kind()) return false;
  if (wide.prefix > narrow.prefix) return false;
  return spelled(networkOf({ ...narrow, prefix: wide.prefix })) === spelled(networkOf(wide));
}

/** Strict: no octal, hexadecimal or shortened IPv4, no zone, no leading zero in the prefix. */
function readBlock(text: string): Block | undefined {
  const [host = '', length, ...rest] = text.split('/');
  if (rest.length > 0) return undefined;
  const isV4 = ipaddr.IPv4.isValidFourPartDecimal(host);
  if (!isV4 && (host.includes('%') || !host.includes(':') || !ipaddr.IPv6.isValid(host))) return undefined;
  const address = ipaddr.parse(host);
  const bits = isV4 ? 32 : 128;
  if (length === undefined) return { address, prefix: bits };
  if (!/^(0|[1-9][0-9]{0,2})$/.test(length) || Number(length) > bits) return undefined;
  return { address, prefix: Number(length) };
}

function networkOf({ address, prefix }: Block): Address {
  const bytes = address.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, prefix - index * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return ipaddr.fromByteArray(bytes);
}

function spelled(address: Address): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}
