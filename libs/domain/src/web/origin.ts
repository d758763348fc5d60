/** Browser origins: exactly what a browser sends in `Origin`, so that a check is one comparison of texts. */
import { hostProblem, parsed, type Problem } from './domain-name.ts';

export interface Origin {
  /** Serialised as the WHATWG URL standard says: `new URL(…).origin`. */
  origin: string;
  host: string;
  /** Of this machine; under no domain. */
  isLocal: boolean;
}

const LONGEST_ORIGIN = 300;
/** Scheme, host, port, and not one character more: what is more would be dropped in silence. */
const SHAPE = /^https?:\/\/(\[[0-9a-f:.]+\]|[^\s\p{C}/\\?#@:%[\]*]+)(:[0-9]{1,5})?$/iu;
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The origin in the one spelling that browsers use. Refused: anything beyond scheme, host and port (the one slash
 * at the end, too), plain http, and hosts that nobody can prove to be theirs.
 * @param development whether `localhost` and the loopback addresses are fine, over http as well.
 */
export function normalOrigin(text: string, { development }: { development: boolean }): Origin | Problem {
  const url = text.length <= LONGEST_ORIGIN && SHAPE.test(text) ? parsed(text) : undefined;
  if (!url)
    return {
      problem:
        'must be scheme, host and port alone, such as https://app.example.com, with no slash at the end',
    };
  const { origin, hostname: host, protocol } = url;
  if (LOCAL_HOSTS.includes(host)) {
    if (development) return { origin, host, isLocal: true };
    return { problem: 'may be localhost only on a key that is made for development' };
  }
  if (protocol !== 'https:') return { problem: 'must begin with https://' };
  const problem = hostProblem(host);
  return problem === undefined ? { origin, host, isLocal: false } : { problem };
}
