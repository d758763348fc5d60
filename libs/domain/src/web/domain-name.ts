/** Domain names as the web knows them: one spelling each, and none that many owners share. */
import { parse } from 'tldts';

/** What is wrong, as a sentence that goes on after the field's name. */
export interface Problem {
  problem: string;
}

const LONGEST_NAME = 253;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Nothing but a host may stand here. The URL parser would read these as something else, or drop them. */
const NO_HOST = /[\s\p{C}/\\?#@:%[\]*]/u;

/**
 * The name in lower case and A-labels, as the WHATWG URL standard makes it. Refused: anything that is more than
 * a host, a trailing dot, an IP address, a single label, a public suffix (those of hosting services too), and
 * names under `localhost`.
 */
export function normalDomain(text: string): { domain: string } | Problem {
  if (text.length === 0 || text.length > LONGEST_NAME || NO_HOST.test(text))
    return { problem: 'must be a domain name such as app.example.com, with nothing before or after it' };
  const url = parsed(`https://${text}`);
  if (!url) return { problem: 'must be a domain name such as app.example.com' };
  const problem = hostProblem(url.hostname);
  return problem === undefined ? { domain: url.hostname } : { problem };
}

/** What is wrong with a host that came out of the URL parser; `undefined` when it can be proven to be someone's. */
export function hostProblem(host: string): string | undefined {
  if (host.endsWith('.')) return 'must not end with a dot';
  const { isIp, domain, publicSuffix } = parse(host, { allowPrivateDomains: true });
  if (isIp || host.startsWith('[')) return 'must be a domain name, not an IP address';
  if (host === 'localhost' || host.endsWith('.localhost')) return 'must not be localhost';
  const labels = host.split('.');
  if (host.length > LONGEST_NAME || !labels.every((label) => LABEL.test(label)))
    return 'must be made of letters, digits and dashes';
  if (labels.length < 2) return 'must have at least two parts, such as example.com';
  if (domain === null || publicSuffix === host)
    return 'must not be a public suffix: name a domain of your own under it';
  return undefined;
}

/** Whether `host` is the domain or lies under it. Both in normal form. */
export function isUnder(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** The platform's own reading of an address; `undefined` when it has none. */
export function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
