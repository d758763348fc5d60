/**
 * Fetches one small text from a host that somebody else named, and from nowhere else. The addresses are resolved
 * once, all of them are checked, and the connection is bound to them: a name that leads elsewhere when it is
 * asked a second time gains nothing. Redirects stay on the same host, and no proxy, cookie or kept connection
 * takes part.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { pinnedTo, type AddressRule, type Names } from '@mcpstack/service-kit';

const MOST_BYTES = 1_024;
const MOST_HEADER_BYTES = 8_192;
const MOST_REDIRECTS = 2;

export interface FetchSettings {
  /** `https` in production. */
  scheme: 'http' | 'https';
  /** That of the scheme if absent, as in production. */
  port?: number;
  mayConnectTo: AddressRule;
  /** Certificates to trust instead of those of the platform; for tests. */
  ca?: string | readonly string[];
}

/** There is no text to be had; the message is for the person who put it there, and names no address. */
export class FetchProofError extends Error {
  override readonly name = 'FetchProofError';
}

/** The URL of the file under this host. @throws FetchProofError for what is no host name. */
export function proofUrl(host: string, path: string, { scheme, port }: FetchSettings): URL {
  const url = parseUrl(`${scheme}://${host}${port === undefined ? '' : `:${port}`}${path}`);
  // An address, in whatever spelling, would be connected to without being looked up, hence unchecked.
  if (!url || url.hostname !== host || isIP(host) !== 0) throw new FetchProofError('this is no host name');
  return url;
}

/** The text under `url`. @throws FetchProofError, or ResolveError. */
export async function fetchProof(
  url: URL,
  names: Names,
  settings: FetchSettings,
  signal: AbortSignal,
): Promise<string> {
  const addresses = await names.addresses(url.hostname);
  // One address that is not public is enough to refuse them all: nobody can say which would be taken.
  if (addresses.some(({ address }) => settings.mayConnectTo(address) !== undefined))
    throw new FetchProofError('the name leads to an address that is not public');
  const lookup = pinnedTo(addresses);
  let next = url;
  for (let redirects = 0; ; redirects += 1) {
    const response = await get(next, lookup, settings, signal);
    const { statusCode: status = 0 } = response;
    if (status === 200) return await readText(response, signal);
    response.destroy();
    if (![301, 302, 303, 307, 308].includes(status))
      throw new FetchProofError(`the answer is ${status}, not 200`);
    if (redirects === MOST_REDIRECTS) throw new FetchProofError('there are too many redirects');
    next = redirectOf(response, next);
  }
}

/** Where the response points to, if that is the same host, scheme and port. */
function redirectOf({ headers }: IncomingMessage, from: URL): URL {
  const target = parseUrl(headers.location ?? '', from);
  if (!headers.location || !target) throw new FetchProofError('there is a redirect to nowhere');
  if (target.origin !== from.origin || target.username !== '' || target.password !== '')
    throw new FetchProofError('there is a redirect to another host');
  return target;
}

function parseUrl(text: string, base?: URL): URL | undefined {
  return URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
}

function get(
  url: URL,
  lookup: LookupFunction,
  { scheme, ca }: FetchSettings,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options = {
    method: 'GET',
    lookup,
    signal,
    maxHeaderSize: MOST_HEADER_BYTES,
    headers: {
      'User-Agent': 'mcpstack-domain-check',
      Accept: 'text/plain',
      'Accept-Encoding': 'identity',
      Connection: 'close',
    },
  };
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new FetchProofError(inWords(error, signal), { cause: error }));
    const request =
      scheme === 'https'
        ? httpsRequest(url, {
            ...options,
            agent: new HttpsAgent({ keepAlive: false }),
            servername: url.hostname,
            ...(ca !== undefined && { ca: [ca].flat() }),
          })
        : httpRequest(url, { ...options, agent: new HttpAgent({ keepAlive: false }) });
    // A connection that ends without an answer or an error (an upgrade that nobody asked for) only closes.
    request
      .on('response', resolve)
      .on('error', fail)
      .on('close', () => fail(new Error('closed')));
    request.end();
  });
}

async function readText(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MOST_BYTES) throw new FetchProofError(`the file is longer than ${MOST_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof FetchProofError) throw error;
    throw new FetchProofError(inWords(error as Error, signal), { cause: error });
  } finally {
    response.destroy();
  }
  return Buffer.concat(chunks).toString('utf8');
}

function inWords(error: Error, signal: AbortSignal): string {
  if (signal.aborted) return 'the server did not answer in time';
  const { code = '' } = error as { code?: string };
  if (code === 'ECONNREFUSED') return 'the server does not take connections';
  if (code === 'HPE_HEADER_OVERFLOW') return 'the answer has too many headers';
  if (/CERT|TLS|SSL|SELF_SIGNED|VERIFY|ALTNAME/.test(code))
    return 'the certificate of the server is not valid';
  return 'the connection failed';
}
