/** Which web pages a publishable key may be used from. Pure. */
import type { KeyLookup } from '@mcpstack/read-models';
import { endOf } from './times.ts';

type FoundKey = Extract<KeyLookup, { status: 'found' }>;
export type PublicKeyRecord = Extract<FoundKey['key'], { kind: 'publishable' }>;
export type AgentRecord = NonNullable<FoundKey['agent']>;

const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Until when the key may be used from this origin, in ms since 1970: in the past for one that is not allowed.
 * Two things must hold: the key names exactly this origin, and its host is still the agent's, which
 * lapsed, contested and removed domains end without any change of the key.
 */
export function originAllowedUntil(
  key: Pick<PublicKeyRecord, 'origins' | 'development'>,
  agent: Pick<AgentRecord, 'domains'>,
  origin: string,
): number {
  const named = latest(key.origins.filter((allowed) => allowed.origin === origin).map(endOfOrigin));
  return named === -Infinity ? named : Math.min(named, heldUntil(key, agent, new URL(origin)));
}

function endOfOrigin({ expiresAt }: { expiresAt?: string }): number {
  return endOf(expiresAt);
}

/** Until when the host is one of the agent's, or of the developer's own machine. */
function heldUntil(
  { development }: Pick<PublicKeyRecord, 'development'>,
  { domains }: Pick<AgentRecord, 'domains'>,
  { protocol, hostname }: URL,
): number {
  if (LOCAL_HOSTS.has(hostname)) return development ? Infinity : -Infinity;
  if (protocol !== 'https:') return -Infinity;
  const above = domains.filter(({ domain }) => hostname === domain || hostname.endsWith(`.${domain}`));
  return latest(above.map(endOfProof));
}

function endOfProof({ state, graceEndsAt }: AgentRecord['domains'][number]): number {
  if (state === 'verified') return Infinity;
  // Without an end the grace would last for ever.
  return state === 'stale' && graceEndsAt !== undefined ? endOf(graceEndsAt) : -Infinity;
}

function latest(times: readonly number[]): number {
  return Math.max(-Infinity, ...times);
}
