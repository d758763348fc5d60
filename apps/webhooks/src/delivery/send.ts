/**
 * Sends one message to an address that somebody else named, and to nowhere else. The name is looked up once, every
 * address it leads to is checked, and the connection is bound to them: a name that leads elsewhere when it is asked a
 * second time gains nothing. No redirect is followed, and no proxy, cookie or kept connection takes part.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { webhookUrlProblem } from '@mcpstack/contracts';
import {
  anyAddress,
  Names,
  onlyPublic,
  pinnedTo,
  ResolveError,
  type HostAddress,
} from '@mcpstack/service-kit';

const MOST_HEADER_BYTES = 16_384;
/** Of an answer so much is read and thrown away, so that the receiver can end in peace. */
const MOST_ANSWER_BYTES = 65_536;

export interface SendSettings {
  /** For everything together. Milliseconds. */
  timeoutMs: number;
  /** For tests and local use: this machine and private networks too, and http. */
  local: boolean;
  /** Name servers; those of the machine if absent. */
  dnsServers?: readonly string[] | undefined;
  /** Certificates to trust instead of those of the platform; for tests. */
  ca?: string | undefined;
}

export interface Answer {
  ok: boolean;
  /** The HTTP status, where there was an answer. */
  status?: number;
  /** Why it failed, for whoever runs the receiver; names no address. */
  reason?: string;
  /** What `Retry-After` asks for. Milliseconds. */
  askedMs?: number;
}

/** Never rejects. */
export async function send(
  url: string,
  { headers, body }: { headers: Record<string, string>; body: string },
  settings: SendSettings,
  stopping?: AbortSignal,
): Promise<Answer> {
  // Not AbortSignal.any: `stopping` lives as long as the process, and would keep something of each message.
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const timer = setTimeout(end, settings.timeoutMs);
  stopping?.addEventListener('abort', end, { once: true });
  try {
    const target = await checked(url, settings, ending.signal);
    if ('problem' in target) return { ok: false, reason: target.problem };
    return await post(target, { headers, body }, settings, ending.signal);
  } catch (error) {
    return { ok: false, reason: inWords(error as Error, ending.signal) };
  } finally {
    clearTimeout(timer);
    stopping?.removeEventListener('abort', end);
  }
}

/** Why nothing may be sent there, as it goes on after "the URL"; `undefined` where it may be. */
export async function targetProblem(url: string, settings: SendSettings): Promise<string | undefined> {
  const target = await checked(url, settings, AbortSignal.timeout(settings.timeoutMs));
  return 'problem' in target ? target.problem : undefined;
}

interface Target {
  url: URL;
  addresses: readonly HostAddress[];
}

async function checked(
  text: string,
  { local, dnsServers }: SendSettings,
  signal: AbortSignal,
): Promise<Target | { problem: string }> {
  const problem = webhookUrlProblem(text, { local });
  if (problem !== undefined) return { problem };
  const url = new URL(text);
  const mayConnectTo = local ? anyAddress : onlyPublic;
  try {
    const addresses = await addressesOf(url, new Names(dnsServers, signal));
    // One address that is not public is enough to refuse them all: nobody can say which would be taken.
    if (addresses.some(({ address }) => mayConnectTo(address) !== undefined))
      return { problem: 'must lead to public addresses alone' };
    return { url, addresses };
  } catch (error) {
    if (error instanceof ResolveError)
      return { problem: `must name a host that can be found: ${error.message}` };
    throw error;
  }
}

/** An address, where one may be named, needs no name server; this machine's name is known to none. */
async function addressesOf({ hostname }: URL, names: Names): Promise<HostAddress[]> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family: family as 4 | 6 }];
  if (host === 'localhost') return [{ address: '127.0.0.1', family: 4 }];
  return names.addresses(host);
}

function post(
  { url, addresses }: Target,
  { headers, body }: { headers: Record<string, string>; body: string },
  { ca }: SendSettings,
  signal: AbortSignal,
): Promise<Answer> {
  const options = {
    method: 'POST',
    lookup: pinnedTo(addresses),
    signal,
    maxHeaderSize: MOST_HEADER_BYTES,
    headers: { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' },
  };
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, {
            ...options,
            agent: new HttpsAgent({ keepAlive: false }),
            ...(isIP(url.hostname) === 0 && { servername: url.hostname }),
            ...(ca !== undefined && { ca: [ca] }),
          })
        : httpRequest(url, { ...options, agent: new HttpAgent({ keepAlive: false }) });
    // A connection that ends without an answer or an error (an upgrade that nobody asked for) only closes.
    request
      .on('response', (response) => resolve(answerOf(response)))
      .on('error', reject)
      .on('close', () => reject(new Error('closed')));
    request.end(body);
  });
}

/** The status is what counts; the rest of the answer is read up to a bound and thrown away. */
async function answerOf(response: IncomingMessage): Promise<Answer> {
  const { statusCode: status = 0, headers } = response;
  await discard(response);
  if (status >= 200 && status < 300) return { ok: true, status };
  const askedMs = askedIn(headers['retry-after']);
  const isRedirect = status >= 300 && status < 400;
  const reason = isRedirect ? 'redirects are not followed' : `the answer is ${status}, not 2xx`;
  return { ok: false, status, reason, ...(askedMs !== undefined && { askedMs }) };
}

async function discard(response: IncomingMessage): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MOST_ANSWER_BYTES) break;
    }
  } catch {
    // It was answered; how the answer ended says nothing.
  } finally {
    response.destroy();
  }
}

/** Seconds, or a date (RFC 9110, section 10.2.3). */
export function askedIn(header: string | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const ms = Date.parse(header) - nowMs;
  return Number.isNaN(ms) || !/GMT$/.test(header) ? undefined : Math.max(0, ms);
}

function inWords(error: Error, signal: AbortSignal): string {
  if (signal.aborted) return 'the receiver did not answer in time';
  const { code = '' } = error as { code?: string };
  if (code === 'ECONNREFUSED') return 'the receiver does not take connections';
  if (code === 'HPE_HEADER_OVERFLOW') return 'the answer has too many headers';
  if (/CERT|TLS|SSL|SELF_SIGNED|VERIFY|ALTNAME/.test(code))
    return 'the certificate of the receiver is not valid';
  return 'the connection failed';
}
