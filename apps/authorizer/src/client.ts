/**
 * Who used a key, reduced to what may be kept: the network of its address, and the family of its user agent. Pure;
 * costs microseconds, so it is done when uses are sent, never while a check waits.
 */
import type { LastUsedFrom } from '@mcpstack/contracts';
import Bowser from 'bowser';
import ipaddr from 'ipaddr.js';

const IPV4_BITS = 24;
const IPV6_BITS = 48;
/** Product tokens that many agents begin with and that name none of them (RFC 9110, section 10.1.5). */
const SAYS_NOTHING = /^(mozilla|opera|compatible)$/i;
const FAMILY = /^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,63}$/;

/** What one use showed of where it came from, as the asking service told it. */
export interface Client {
  ip?: string | undefined;
  userAgent?: string | undefined;
}

/** `undefined` when nothing of it can be kept. */
export function lastUsedFrom(ip: string | undefined, family: string | undefined): LastUsedFrom | undefined {
  const prefix = ip === undefined ? undefined : addressPrefix(ip);
  if (prefix === undefined && family === undefined) return undefined;
  return {
    ...(prefix !== undefined && { addressPrefix: prefix }),
    ...(family !== undefined && { userAgent: family }),
  };
}

/** The IPv4 /24 or IPv6 /48 in canonical CIDR form. An IPv4 address that is written as IPv6 is the IPv4 address. */
export function addressPrefix(ip: string): string | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(ip) && !ipaddr.IPv6.isValid(ip)) return undefined;
  const whole = ipaddr.process(ip);
  const bits = whole.kind() === 'ipv4' ? IPV4_BITS : IPV6_BITS;
  const bytes = whole.toByteArray().map((byte, index) => (index < bits / 8 ? byte : 0));
  return `${inCanonicalForm(ipaddr.fromByteArray(bytes))}/${bits}`;
}

/** RFC 5952 for IPv6. */
function inCanonicalForm(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/**
 * The browser's name, or else the first product that the header names: `curl` of `curl/8.1`. At most 64 letters,
 * digits, spaces, dots, pluses, dashes, underscores; `undefined` for what names nothing.
 */
export function userAgentFamily(userAgent: string): string | undefined {
  if (userAgent.length === 0 || userAgent.length > 512) return undefined;
  const first = /^\s*([^\s/();,]+)/.exec(userAgent)?.[1];
  const family = first !== undefined && !SAYS_NOTHING.test(first) ? first : browserOf(userAgent);
  return family !== undefined && FAMILY.test(family) ? family : undefined;
}

function browserOf(userAgent: string): string | undefined {
  try {
    return Bowser.parse(userAgent).browser.name;
  } catch {
    return undefined;
  }
}
