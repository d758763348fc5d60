/**
 * What a key may do, decided from one reading. Pure.
 *
 * Order: what the data set proves, then whether the key is the expected one, then whether it is in force, then
 * where it is used from, then what it covers. Only a trusted and fresh reading permits, and only it may say
 * "unknown": an emptied or outdated data set knows nothing. That a key is revoked is answered from an untrusted
 * one too: a key never comes back, so an old answer cannot be wrong there, and a refusal permits nothing.
 */
import type { ExplainedCheck, Permission, VerifyReply } from '@mcpstack/contracts';
import type { KeyLookup, Reading } from '@mcpstack/read-models';
import { isAddressIn } from './addresses.ts';
import { boundsOf } from './limits.ts';
import { originAllowedUntil, type PublicKeyRecord } from './origins.ts';
import { refuse, unavailable, type RefusalCode } from './replies.ts';
import type { Terms } from './request.ts';
import { endOf } from './times.ts';

export type FoundKey = Extract<KeyLookup, { status: 'found' }>;
type ServiceKeyRecord = Exclude<FoundKey['key'], PublicKeyRecord>;

/** The two clocks of a decision. */
export interface Now {
  /** Of `performance.now()`, on which readings are timed. */
  monotonicMs: number;
  /** Since 1970: keys, secrets, origins and proofs end by it. */
  wallMs: number;
}

/** What stands in the way; or until when nothing does, in ms since 1970. */
export type Finding = { code: RefusalCode; message?: string } | number;

export function evaluate(request: Terms, reading: Reading<KeyLookup>, now: Now): VerifyReply {
  return decide(request, reading, now).reply;
}

/** @returns besides, until when nothing that ends by the wall clock stands in the way; of a refusal `-Infinity`. */
export function decide(
  request: Terms,
  reading: Reading<KeyLookup>,
  now: Now,
): { reply: VerifyReply; endsMs: number } {
  const { value } = reading;
  const refused = (reply: VerifyReply) => ({ reply, endsMs: -Infinity });
  let endsMs = Infinity;
  for (const { find } of STEPS) {
    const finding = find(reading, request, now);
    if (typeof finding !== 'number') return refused(refusalOf(finding, value));
    if (finding < endsMs) endsMs = finding;
  }
  if (value.status !== 'found') return refused(unavailable('the records say nothing of the key'));
  // Whoever reuses the answer must not carry it beyond what ends by the clock, nor past a limit.
  const reusableMs = boundsOf(value.key) ? 0 : reading.freshForMs(now.monotonicMs);
  const freshForMs = Math.min(reusableMs, endsMs - now.wallMs);
  const reply: VerifyReply = {
    valid: true,
    code: 'VALID',
    freshForMs,
    ...known(value.key),
    ...described(value.key),
  };
  return { reply, endsMs };
}

/** All that a check takes, in this order; the first that stands in the way is the answer. */
export const STEPS: readonly {
  check: ExplainedCheck['check'];
  find: (reading: Reading<KeyLookup>, request: Terms, now: Now) => Finding;
}[] = [
  { check: 'proof', find: proven },
  // Another key than expected is answered like an unknown one, so that it shows nothing of what it is.
  {
    check: 'expectation',
    find: ({ value }, request) =>
      value.status === 'found' && isExpected(request, value.key) ? Infinity : { code: 'NOT_FOUND' },
  },
  { check: 'secret', find: ofKey(secretInForce) },
  { check: 'state', find: ofKey(keyInForce) },
  {
    check: 'origin',
    find: ofKey(({ key, agent }, { origin }, wallMs) =>
      key.kind === 'publishable' ? pageAllowed(key, agent, origin, wallMs) : notFromPage(origin),
    ),
  },
  { check: 'address', find: ofKey(({ key }, { ip }) => addressAllowed(key, ip)) },
  { check: 'permission', find: ofKey(({ key }, request) => covered(key, request)) },
];

function ofKey(find: (found: FoundKey, request: Terms, wallMs: number) => Finding) {
  return ({ value }: Reading<KeyLookup>, request: Terms, { wallMs }: Now): Finding =>
    value.status === 'found' ? find(value, request, wallMs) : unprovable('there is no key to look at');
}

function proven(reading: Reading<KeyLookup>, request: Terms, now: Now): Finding {
  const { value } = reading;
  if (value.status === 'unprovable') return unprovable(value.reason);
  if (isProof(reading, now)) return Infinity;
  if (value.status === 'found' && value.key.state === 'revoked' && isExpected(request, value.key))
    return Infinity;
  return unprovable(reading.reason ?? 'the read took longer than an answer may be based on');
}

/** A reading is good for Δ from when it began; later than that it proves nothing any more (G3). */
export function isProof({ trusted, freshUntilMs }: Reading<unknown>, { monotonicMs }: Now): boolean {
  return trusted && monotonicMs < freshUntilMs;
}

function refusalOf({ code, message }: Exclude<Finding, number>, value: KeyLookup): VerifyReply {
  const refusal = refuse(code, message);
  const isNamed = value.status === 'found' && code !== 'UNAVAILABLE' && code !== 'NOT_FOUND';
  return isNamed ? { ...refusal, ...known(value.key) } : refusal;
}

function known({ id, organizationId, kind }: FoundKey['key']) {
  return { keyId: id, orgId: organizationId, kind };
}

function isExpected({ expectKind, expectAgentId, expectServerId }: Terms, key: FoundKey['key']): boolean {
  if (expectKind !== undefined && expectKind !== key.kind) return false;
  // A publishable key is its one agent's, and no server's.
  if (key.kind !== 'publishable') return true;
  return (expectAgentId === undefined || expectAgentId === key.agentId) && expectServerId === undefined;
}

/** Rotation leaves older secrets in force for a while: which one was shown is told by the digest that matched. */
function secretInForce({ key, digest }: FoundKey, _: Terms, wallMs: number): Finding {
  if (key.state === 'revoked') return Infinity;
  const version = key.credentials.find((credential) => credential.digest === digest)?.version;
  if (key.kind === 'publishable')
    return version === undefined ? unprovable('the key is not the one that was shown') : Infinity;
  const secret = key.secrets.find((candidate) => candidate.version === version);
  const endsMs = secret ? endOf(secret.validUntil) : -Infinity;
  return wallMs < endsMs
    ? endsMs
    : { code: 'EXPIRED', message: "This secret was replaced by a newer one: use the key's current secret." };
}

function keyInForce({ key, organization }: FoundKey, _: Terms, wallMs: number): Finding {
  if (key.state === 'revoked') return { code: 'REVOKED' };
  if (organization.id !== key.organizationId) return unprovable('the organization is not that of the key');
  if (key.state === 'suspended') return { code: 'SUSPENDED' };
  if (organization.state === 'suspended')
    return { code: 'SUSPENDED', message: 'The organization is suspended.' };
  const endsMs = endOf(key.expiresAt);
  if (key.state === 'expired' || wallMs >= endsMs) return { code: 'EXPIRED' };
  // An unknown state fails closed: a newer version may know it, this one does not.
  if (key.state !== 'active') return unprovable('the key is in a state that is not known here');
  if (organization.state !== 'active')
    return unprovable('the organization is in a state that is not known here');
  return endsMs;
}

function pageAllowed(
  key: PublicKeyRecord,
  agent: FoundKey['agent'],
  origin: string | undefined,
  wallMs: number,
): Finding {
  if (agent?.id !== key.agentId || agent.organizationId !== key.organizationId)
    return unprovable("the key's agent is not known");
  // A removed agent never comes back, and neither do its keys.
  if (agent.state === 'removed') return { code: 'REVOKED', message: "The key's agent was removed." };
  if (agent.state !== 'active') return unprovable('the agent is in a state that is not known here');
  // `null` is what sandboxed frames and local files say: anybody's page.
  if (origin === undefined || origin === 'null')
    return {
      code: 'ORIGIN_NOT_ALLOWED',
      message: 'A publishable key is used from a page that tells its origin.',
    };
  const endsMs = originAllowedUntil(key, agent, origin);
  return wallMs < endsMs ? endsMs : { code: 'ORIGIN_NOT_ALLOWED' };
}

/** A secret that a web page sends is a secret that everybody can read. */
function notFromPage(origin: string | undefined): Finding {
  if (origin === undefined) return Infinity;
  return {
    code: 'ORIGIN_NOT_ALLOWED',
    message: 'A service key is a secret, and must not be used in a web page.',
  };
}

/** Whether the answer depends on where the key is used from. */
export function isBoundToAddress(key: FoundKey['key']): boolean {
  return key.kind === 'service' && key.allowedIps !== undefined;
}

function addressAllowed(key: FoundKey['key'], ip: string | undefined): Finding {
  if (key.kind !== 'service' || key.allowedIps === undefined) return Infinity;
  return ip !== undefined && isAddressIn(ip, key.allowedIps) ? Infinity : { code: 'IP_NOT_ALLOWED' };
}

function covered(key: FoundKey['key'], { permission, expectAgentId, expectServerId }: Terms): Finding {
  if (key.kind === 'service') {
    const { scope, permissions } = key;
    if (!includes(scope?.agents, expectAgentId))
      return { code: 'FORBIDDEN', message: "the agent is outside of the key's scope" };
    if (!includes(scope?.servers, expectServerId))
      return { code: 'FORBIDDEN', message: "the server is outside of the key's scope" };
    if (permission === undefined || permissions.includes(permission as Permission)) return Infinity;
  } else if (permission === undefined) return Infinity;
  return { code: 'FORBIDDEN', message: `the key lacks ${permission}` };
}

/** A list that is absent limits nothing. */
function includes(list: readonly string[] | undefined, id: string | undefined): boolean {
  return list === undefined || id === undefined || list.includes(id);
}

function described(key: FoundKey['key']): Partial<VerifyReply> {
  const expiry = key.expiresAt !== undefined && { expiresAt: key.expiresAt };
  if (key.kind === 'publishable') return { agentId: key.agentId, ...expiry };
  return { ...describedService(key), ...expiry };
}

function describedService({ role, permissions, scope, environment }: ServiceKeyRecord): Partial<VerifyReply> {
  return {
    role,
    permissions,
    ...(scope && { scope }),
    ...(environment !== undefined && { environment }),
  };
}

function unprovable(message: string): Finding {
  return { code: 'UNAVAILABLE', message };
}
