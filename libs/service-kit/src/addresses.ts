/**
 * Which addresses a connection to a host that somebody else named may lead to: global unicast, and nothing else. Every other range is refused, also the
 * ones that carry an IPv4 address inside (mapped, NAT64, 6to4, Teredo), which a gateway would unwrap for us.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Answers why this address must not be connected to; `undefined` for one that may. Pure. */
export type AddressRule = (address: string) => string | undefined;

/** 2000::/3 is all that is assigned as global unicast (IANA IPv6 Address Space). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** `…:0:5efe:a.b.c.d` and `…:200:5efe:a.b.c.d`: ISATAP (RFC 5214, section 6.1) carries an IPv4 address too. */
const ISATAP_WORD = 0x5efe;

export const onlyPublic: AddressRule = (address) => {
  // The parser knows more spellings (octal, shortened, with a zone) than a name server may answer with.
  if (isIP(address) === 0 || address.includes('%')) return 'it is no IP address';
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range !== 'unicast') return `it is in a special range (${range})`;
  if (parsed instanceof ipaddr.IPv4) return undefined;
  if (!parsed.match(GLOBAL_UNICAST)) return 'it is not in a range that is assigned';
  return parsed.parts[5] === ISATAP_WORD ? 'it is in a special range (isatap)' : undefined;
};

/** For tests and local use alone. */
export const anyAddress: AddressRule = (address) => (isIP(address) === 0 ? 'it is no IP address' : undefined);
