/** Asks the domain name system, within a time, and says in words what went wrong. */
import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

/** A name with more addresses than this has some that nobody needs. */
const MOST_ADDRESSES = 8;
const QUERY_TIMEOUT_MS = 1_500;
const TRIES = 2;

export interface HostAddress {
  address: string;
  family: 4 | 6;
}

/** The question was not answered with a record; the message is for the person who set the record. */
export class ResolveError extends Error {
  override readonly name = 'ResolveError';
}

/** The questions of one errand: all are given up together when the signal aborts. */
export class Names {
  readonly #resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: TRIES });
  readonly #signal: AbortSignal;

  constructor(servers: readonly string[] | undefined, signal: AbortSignal) {
    if (servers) this.#resolver.setServers(servers);
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#resolver.cancel(), { once: true });
  }

  /** The TXT values of a name; a value of several strings is one text (RFC 7208, section 3.3). */
  async txt(name: string): Promise<string[]> {
    const records = await this.#ask(() => this.#resolver.resolveTxt(name));
    return records.map((strings) => strings.join(''));
  }

  /** IPv4 and IPv6 addresses of a host. @throws ResolveError when there is none of either kind. */
  async addresses(host: string): Promise<HostAddress[]> {
    const [v4, v6] = await Promise.allSettled([
      this.#ask(() => this.#resolver.resolve4(host)),
      this.#ask(() => this.#resolver.resolve6(host)),
    ]);
    const found = [
      ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 as const })) : []),
      ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 as const })) : []),
    ];
    if (found.length === 0)
      throw v4.status === 'rejected' ? v4.reason : new ResolveError('there is no address');
    if (found.length > MOST_ADDRESSES)
      throw new ResolveError(`the name has more than ${MOST_ADDRESSES} addresses`);
    return found;
  }

  async #ask<Value>(question: () => Promise<Value>): Promise<Value> {
    if (this.#signal.aborted) throw new ResolveError('the name servers did not answer in time');
    try {
      return await question();
    } catch (error) {
      throw new ResolveError(inWords((error as { code?: unknown }).code), { cause: error });
    }
  }
}

/** For a connection that goes to these addresses and nowhere else: the name is not asked about again. */
export function pinnedTo(addresses: readonly HostAddress[]): LookupFunction {
  return (_host, options, callback) => {
    if (options.all) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
}

function inWords(code: unknown): string {
  switch (code) {
    case 'ENOTFOUND':
      return 'there is no such name';
    case 'ENODATA':
      return 'the name has no such record';
    case 'ESERVFAIL':
      return 'the name servers answer with a failure (SERVFAIL)';
    case 'EREFUSED':
      return 'the name servers refuse to answer';
    case 'ETIMEOUT':
    case 'ECANCELLED':
      return 'the name servers did not answer in time';
    default:
      return 'the name servers gave no usable answer';
  }
}
