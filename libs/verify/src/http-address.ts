/** The client's address, as far as our own proxies vouch for it. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** `192.0.2.1:4711`, as some load balancers write it. */
const V4_WITH_PORT = /^([0-9.]+):[0-9]{1,5}$/;
/** `[2001:db8::1]` and `[2001:db8::1]:4711`. */
const V6_IN_BRACKETS = /^\[([^\]]+)\](?::[0-9]{1,5})?$/;

/** Your own proxies: who is believed about a client's address. Read once, and used for many checks. */
export class TrustedProxies {
  readonly #blocks: readonly [Address, number][];
  readonly #areClients: boolean;

  /**
   * @param blocks addresses and CIDR blocks.
   * @param options `areClients`: whether one that reports nobody is the client itself, as where the services beside a
   *   proxy call as well; true by default. Where only proxies connect, such a request has no address.
   * @throws RangeError that names the entry that is none.
   */
  constructor(blocks: readonly string[], { areClients = true }: { areClients?: boolean } = {}) {
    this.#blocks = blocks.map(readBlock);
    this.#areClients = areClients;
  }

  /** Whether the address is one of them; what is no address is none of them. */
  includes(address: string | undefined): boolean {
    const read = readAddress(address);
    return read !== undefined && this.#trusts(read);
  }

  /**
   * The client's address, as far as these proxies vouch for it.
   *
   * The right-most hop that is not trusted: from the socket towards the client, each hop is known by the one before
   * it, and believed only while that one is ours. What stands further left anybody may have written. Where all are
   * ours it is the farthest.
   *
   * A hop that is no address ends the walk with nothing: whoever is behind it is not known, and the proxy before it is
   * not the client. A key with an allow list is then refused, and all others are not concerned.
   *
   * @param remoteAddress who connected.
   * @param forwardedFor every value of `X-Forwarded-For`, in order.
   */
  clientOf(remoteAddress: string | undefined, forwardedFor: readonly string[]): string | undefined {
    let address = readAddress(remoteAddress);
    const hops = forwardedFor.some((value) => value.trim() !== '') ? forwardedFor.join(',').split(',') : [];
    if (hops.length === 0 && !this.#areClients && this.includes(remoteAddress)) return undefined;
    while (address !== undefined && hops.length > 0 && this.#trusts(address))
      address = readAddress(hops.pop());
    return address?.toString();
  }

  #trusts(address: Address): boolean {
    return this.#blocks.some(
      ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
    );
  }
}

/** IPv4 in IPv6 is IPv4, as dual-stack sockets write it; a zone has no meaning on another machine. */
function readAddress(text: string | undefined): Address | undefined {
  const trimmed = text?.trim() ?? '';
  const bare = V4_WITH_PORT.exec(trimmed)?.[1] ?? V6_IN_BRACKETS.exec(trimmed)?.[1] ?? trimmed;
  const plain = bare.replace(/%.*$/, '');
  return isIP(plain) === 0 ? undefined : ipaddr.process(inColons(plain));
}

function readBlock(block: string): [Address, number] {
  const [address = '', bits, ...rest] = typeof block === 'string' ? block.split('/') : [];
  const width = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  // Not all the world either, which could then name itself whatever it likes.
  const isBits = bits === undefined || (/^[1-9][0-9]{0,2}$/.test(bits) && Number(bits) <= width);
  const read = width === 0 ? undefined : ipaddr.process(inColons(address));
  const isMapped = read?.kind() === 'ipv4' && width === 128;
  if (!read || address.includes('%') || rest.length > 0 || !isBits || isMapped) {
    throw new RangeError(
      `trustedProxies has ${JSON.stringify(block)}: write addresses and networks of your own proxies, such as 10.0.0.0/8`,
    );
  }
  return [read, bits === undefined ? width : Number(bits)];
}

/**
 * The library takes every IPv6 address that ends in dots, such as `::10.0.0.1`, for an IPv4 address. The platform
 * writes all of them in colons, whereupon only the mapped ones are.
 */
function inColons(address: string): string {
  return address.includes(':') && address.includes('.')
    ? new URL(`http://[${address}]`).hostname.slice(1, -1)
    : address;
}
