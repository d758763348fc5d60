/** Looks for the proof of a domain in both places where it may be, and says what was found. */
import {
  DOMAIN_PROOF_LABEL,
  DOMAIN_PROOF_PATH,
  type AgentDomain,
  type CheckDomainReply,
} from '@mcpstack/contracts';
import { Names, ResolveError } from '@mcpstack/service-kit';
import { fetchProof, proofUrl, FetchProofError, type FetchSettings } from './fetch-proof.ts';

export const LOOK_TIMEOUT_MS = 5_000;
/** How every challenge begins. */
const OURS = 'mcpstack-verify=';
const MOST_VALUES = 10;
const MOST_VALUE_LENGTH = 100;

export type Found = NonNullable<CheckDomainReply['found']>;

export interface LookSettings extends FetchSettings {
  /** Name servers; those of the machine if absent. */
  dnsServers?: readonly string[];
  /** For everything together; 5 seconds by default. Milliseconds. */
  timeoutMs?: number;
}

export type Look = (
  domain: Pick<AgentDomain, 'domain' | 'challenge'>,
  stopping?: AbortSignal,
) => Promise<Found>;

/**
 * Makes the look. It always settles within its time, and rejects only when `stopping` aborts: then nothing has
 * been found out.
 */
export function lookWith(settings: LookSettings): Look {
  const { timeoutMs = LOOK_TIMEOUT_MS } = settings;
  return async ({ domain, challenge }, stopping) => {
    stopping?.throwIfAborted();
    // Not AbortSignal.any: `stopping` lives as long as the process, and would keep something of each look.
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const timer = setTimeout(end, timeoutMs);
    stopping?.addEventListener('abort', end, { once: true });
    const names = new Names(settings.dnsServers, ending.signal);
    try {
      const [dns, file] = await Promise.all([
        lookInDns(domain, challenge, names),
        lookInFile(domain, challenge, names, settings, ending.signal),
      ]);
      stopping?.throwIfAborted();
      return { dns, file };
    } finally {
      clearTimeout(timer);
      stopping?.removeEventListener('abort', end);
    }
  };
}

async function lookInDns(domain: string, challenge: string, names: Names): Promise<Found['dns']> {
  const name = `${DOMAIN_PROOF_LABEL}.${domain}`;
  try {
    const all = await names.txt(name);
    const ok = all.some((value) => value.trim() === challenge);
    // Only what is spelled as a challenge is shown: a name may lead to records that are not the asker's to read.
    const values = all
      .filter((value) => value.trim().startsWith(OURS))
      .slice(0, MOST_VALUES)
      .map((value) => value.slice(0, MOST_VALUE_LENGTH));
    return { name, ok, values, ...(!ok && { problem: 'no TXT value is the challenge' }) };
  } catch (error) {
    return { name, ok: false, values: [], problem: problemOf(error) };
  }
}

async function lookInFile(
  domain: string,
  challenge: string,
  names: Names,
  settings: LookSettings,
  signal: AbortSignal,
): Promise<Found['file']> {
  let url = `${settings.scheme}://${domain}${DOMAIN_PROOF_PATH}`;
  try {
    const target = proofUrl(domain, DOMAIN_PROOF_PATH, settings);
    url = target.href;
    const text = await fetchProof(target, names, settings, signal);
    const ok = text.trim() === challenge;
    return { url, ok, ...(!ok && { problem: 'the content of the file is not the challenge' }) };
  } catch (error) {
    return { url, ok: false, problem: problemOf(error) };
  }
}

function problemOf(error: unknown): string {
  if (error instanceof ResolveError || error instanceof FetchProofError) return error.message;
  return 'the look failed';
}
