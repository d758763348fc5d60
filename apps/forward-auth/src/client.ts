/** What a client sent, as far as a check is concerned: its one credential, its address, where it comes from. */
import { BlockList, isIP } from 'node:net';

/** By lower-case name; more than one value where a header was sent more than once. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export type Credential = { type: 'key'; key: string } | { type: 'none' } | { type: 'ambiguous' };

/** Envoy joins what was sent twice; no key contains a comma with a space. */
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/** `Authorization: Bearer` or `X-API-Key`, one of them, once: which of two would count is not guessed. */
export function credentialOf(headers: Headers): Credential {
  const authorization = valuesOf(headers, 'authorization');
  const apiKey = valuesOf(headers, 'x-api-key');
  if (authorization.length + apiKey.length > 1) return { type: 'ambiguous' };
  if (apiKey.length === 1) return { type: 'key', key: apiKey[0]!.trim() };
  const key = BEARER.exec(authorization[0] ?? '')?.[1];
  return key === undefined ? { type: 'none' } : { type: 'key', key };
}

/** Every value that was sent under a name. */
export function valuesOf(headers: Headers, name: string): readonly string[] {
  const value = headers[name];
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

/** Our own proxies: who may ask, and who is believed about others. */
export class TrustedProxies {
  readonly #networks = new BlockList();

  /** @param list addresses and networks with commas between them, as the setting was checked. */
  constructor(list: string) {
    for (const network of list.split(',')) {
      const [address = '', bits] = network.trim().split('/');
      const isV6 = isIP(address) === 6;
      this.#networks.addSubnet(address, Number(bits ?? (isV6 ? 128 : 32)), isV6 ? 'ipv6' : 'ipv4');
    }
  }

  includes(address: string | undefined): boolean {
    const plain = plainAddress(address);
    return plain !== undefined && this.#networks.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  }

  /**
   * The client's address: the first hop, from the nearest on, that is none of our proxies. What stands before it in
   * `X-Forwarded-For` anybody may have written. Nothing when a hop is no address, or when a proxy names nobody.
   */
  clientOf(connectedFrom: string | undefined, headers: Headers): string | undefined {
    const forwarded = valuesOf(headers, 'x-forwarded-for').join(',');
    const hops = forwarded.trim() === '' ? [] : forwarded.split(',').map((hop) => hop.trim());
    if (!this.includes(connectedFrom)) return plainAddress(connectedFrom);
    for (const hop of hops.reverse()) {
      if (!this.includes(hop)) return plainAddress(hop);
    }
    // All are ours: a client from within, the farthest of them.
    return plainAddress(hops.at(-1));
  }
}

/** The address as such: IPv4 in IPv6 is IPv4, and a zone is of no meaning elsewhere. */
function plainAddress(address: string | undefined): string | undefined {
  if (address === undefined || isIP(address) === 0 || address.includes('%')) return undefined;
  return /^::ffff:(?<v4>\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.groups?.v4 ?? address;
}
