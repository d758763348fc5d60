/** Which URLs messages may be sent to, as far as the text tells: one rule at every edge. */

const LONGEST_URL = 2_048;
const LONGEST_HOST = 253;
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** Names that mean this machine or this network, wherever they are looked up (RFC 6761, 6762, 8375, ICANN). */
const LOCAL_NAMES = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|home\.arpa|onion|invalid|test)$/;
/** Below it live services that speak other protocols than HTTP. */
const LEAST_PORT = 1_024;

/**
 * What is wrong with a URL to send messages to, as a sentence that goes on after the field's name; `undefined` when
 * nothing is. Where the name leads is for whoever connects to look at, each time.
 * @param local for tests and local use: http, any port, and this machine too.
 */
export function webhookUrlProblem(text: unknown, { local = false } = {}): string | undefined {
  if (typeof text !== 'string') return 'must be a string';
  if (text.length > LONGEST_URL) return `must have at most ${LONGEST_URL} characters`;
  const scheme = local ? /^https?:\/\/[^/]/i : /^https:\/\/[^/]/i;
  // The parser drops white space and control characters in silence, and takes a backslash for a slash.
  if (/[\s\p{C}\\]/u.test(text) || !scheme.test(text) || !URL.canParse(text))
    return local ? 'must be an absolute http or https URL' : 'must be an absolute https URL';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(text))
    return 'must not carry a user name or password: messages are signed instead';
  if (text.includes('#')) return 'must not have a fragment';
  if (local) return undefined;
  if (url.port !== '' && Number(url.port) < LEAST_PORT)
    return `must have no port, or one from ${LEAST_PORT} to 65535`;
  return hostProblem(url.hostname);
}

/** The parser has turned every spelling of an address, decimal, octal or short, into the one with dots. */
function hostProblem(host: string): string | undefined {
  if (host.startsWith('[') || /^[0-9.]+$/.test(host)) return 'must name a host, not an IP address';
  const labels = host.split('.');
  if (host.length > LONGEST_HOST || !labels.every((label) => LABEL.test(label)))
    return 'must name a host made of letters, digits and dashes, with no dot at the end';
  if (labels.length < 2 || LOCAL_NAMES.test(host)) return 'must name a host of the public internet';
  return undefined;
}
