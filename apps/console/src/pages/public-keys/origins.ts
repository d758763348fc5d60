/** Origins as they are typed: what is wrong with one, in words, before the API says so. */

export interface Surroundings {
  /** Names of the agent's domains under which pages work; `undefined` while they are not known. */
  domains: readonly string[] | undefined;
  /** Whether this machine's own pages are fine. */
  development: boolean;
}

const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/**
 * What is wrong, as a sentence that says what to write instead; `undefined` when nothing is that can be told here. The
 * API has the last word.
 */
export function originProblem(text: string, { domains, development }: Surroundings): string | undefined {
  if (text.trim() === '') return 'Name an origin, such as https://app.example.com.';
  if (/\s/.test(text)) return 'Leave out the white space.';
  if (text.includes('*')) return 'There are no wildcards: name each subdomain in a line of its own.';
  if (!/^https?:\/\//i.test(text)) {
    const guess = parsed(`https://${text}`);
    return guess ? `Begin with the scheme: ${guess.origin}` : 'Begin with https://';
  }
  const url = parsed(text);
  if (!url || url.hostname === '') return 'This is no address: write one such as https://app.example.com.';
  const isWhole = /^https?:\/\/[^/\\?#@]+$/i.test(text);
  if (!isWhole) return `Only scheme, host and port, with no slash at the end: ${url.origin}`;
  if (LOCAL_HOSTS.includes(url.hostname))
    return development ? undefined : 'localhost works on development keys only: mark this one as such.';
  if (url.protocol !== 'https:') return `Begin with https://: ${url.origin.replace(/^http:/, 'https:')}`;
  if (!domains || domains.some((domain) => isUnder(url.hostname, domain))) return undefined;
  if (domains.length === 0) return 'No domain of the agent is verified yet.';
  return `${url.hostname} is under no verified domain of the agent: ${domains.join(', ')}`;
}

export const isUnder = (host: string, domain: string): boolean =>
  host === domain || host.endsWith(`.${domain}`);

/** The domain that an origin stands or falls with; `undefined` for this machine's own. */
export function hostOf(origin: string): string | undefined {
  const host = parsed(origin)?.hostname;
  return host === undefined || LOCAL_HOSTS.includes(host) ? undefined : host;
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
