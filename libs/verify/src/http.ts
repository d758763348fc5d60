/** Checks the key of an HTTP request, whatever the framework: what was sent, what is asked, what is answered. */
import { isPermission, PERMISSIONS, type Permission, type VerifyReply } from '@mcpstack/contracts';
import { TrustedProxies } from './http-address.ts';
import { credentialOf, type HeaderValues } from './http-credentials.ts';
import {
  ambiguous,
  keyInUrl,
  refusalOf,
  unauthenticated,
  unavailable,
  wrongOrigin,
  type Refusal,
} from './http-refusals.ts';
import type { Question } from './question.ts';
import type { Verifier } from './verifier.ts';

/** What a route demands of a key, and whom it believes about the client's address. */
export interface RequireKeyOptions {
  /** What the key must be allowed to do; without it any key in force passes. */
  permission?: Permission;
  /** What the service takes the key for: its kind, an agent, a server. */
  expect?: NonNullable<Question['expect']>;
  /** Units that a request costs against the key's limits and quotas, 0 to 1,000,000; 1 by default. */
  cost?: number;
  /**
   * Addresses and CIDR blocks of your own proxies, whose `X-Forwarded-For` is believed; nobody's by default, and the
   * client is whoever connected. A `TrustedProxies` says the same, and was read before.
   */
  trustedProxies?: readonly string[] | TrustedProxies;
  /** Stands in `WWW-Authenticate`; `mcpstack` by default. */
  realm?: string;
}

/** A request as far as its key is concerned. */
export interface CheckedRequest {
  /** As it was sent: the path and the query, or all of it. */
  url: string;
  /** Names and values in turns, as Node's `rawHeaders`: what was sent twice stands there twice. */
  headers: readonly string[];
  /** Who connected: the socket's other end. */
  remoteAddress?: string | undefined;
}

/** A reply that let a request through. */
export type CheckedKey = VerifyReply & {
  valid: true;
  code: 'VALID';
} & Required<Pick<VerifyReply, 'keyId' | 'orgId' | 'kind'>>;

export type Outcome = { ok: true; key: CheckedKey } | Refusal;

const MAX_COST = 1_000_000;
const MAX_USER_AGENT_LENGTH = 512;
const MAX_ORIGIN_LENGTH = 2_048;
const ID = /^[0-9A-Za-z_-]{1,80}$/;
const OPTIONS: ReadonlySet<string> = new Set(['permission', 'expect', 'cost', 'trustedProxies', 'realm']);

/**
 * A check of requests, for a framework that has no adapter here. Never rejects: what cannot be proven is refused.
 *
 * @throws RangeError for an option that cannot be used, which says what to write; TypeError for what is no verifier.
 */
export function requestCheck(
  verifier: Verifier,
  options: RequireKeyOptions = {},
): (request: CheckedRequest) => Promise<Outcome> {
  // A promise of one would refuse everything, and never say why.
  if (typeof (verifier as Partial<Verifier> | undefined)?.verify !== 'function')
    throw new TypeError('the first argument must be a verifier: write `await createVerifier(…)`');
  validate(options);
  const { permission, expect, cost, trustedProxies = [], realm = 'mcpstack' } = options;
  const proxies =
    trustedProxies instanceof TrustedProxies ? trustedProxies : new TrustedProxies(trustedProxies);
  const demanded = { realm, permission, expect, cost };
  const demands = {
    ...(permission && { permission }),
    ...(expect && { expect }),
    ...(cost !== undefined && { cost }),
  };

  return async ({ url, headers, remoteAddress }) => {
    const values = valuesIn(headers);
    const credential = credentialOf(url, values);
    if (credential.type === 'in-url') return keyInUrl();
    if (credential.type === 'ambiguous') return ambiguous();
    if (credential.type === 'none') return unauthenticated('missing', demanded);
    const [origin, ...origins] = values('origin');
    // No key works from what is no origin, and the check would blame the key.
    if (origins.length > 0 || (origin !== undefined && !isOrigin(origin))) return wrongOrigin(demanded);
    const ip = proxies.clientOf(remoteAddress, values('x-forwarded-for'));
    const userAgent = values('user-agent')
      .join(' ')
      .replace(/\p{Cc}/gu, ' ')
      .slice(0, MAX_USER_AGENT_LENGTH);
    let reply: VerifyReply;
    try {
      reply = await verifier.verify({
        key: credential.key,
        ...demands,
        ...(origin !== undefined && { origin }),
        ...(ip !== undefined && { ip }),
        ...(userAgent && { userAgent }),
      });
    } catch {
      // Ours never rejects; another one must not open the door, nor show its stack.
      return unavailable();
    }
    return isCheckedKey(reply) ? { ok: true, key: reply } : refusalOf(reply, demanded);
  };
}

function isCheckedKey(reply: VerifyReply): reply is CheckedKey {
  const { valid, code, keyId, orgId, kind } = reply;
  return valid && code === 'VALID' && Boolean(keyId && orgId && kind);
}

function valuesIn(headers: readonly string[]): HeaderValues {
  return (name) => {
    const values: string[] = [];
    for (let index = 0; index + 1 < headers.length; index += 2) {
      if (headers[index]!.toLowerCase() === name) values.push(headers[index + 1]!);
    }
    return values;
  };
}

/** As browsers write it (RFC 6454): scheme, host, port, nothing else; or `null`. */
function isOrigin(text: string): boolean {
  if (text.length > MAX_ORIGIN_LENGTH) return false;
  return text === 'null' || (URL.canParse(text) && new URL(text).origin === text);
}

/** What is wrong in an option would be wrong in every check, where it would look like a fault of the key. */
function validate(options: RequireKeyOptions): void {
  const { permission, expect, cost, trustedProxies, realm } = options;
  for (const name of Object.keys(options)) {
    if (!OPTIONS.has(name))
      throw new RangeError(`${name} is no option: there are ${[...OPTIONS].join(', ')}`);
  }
  if (permission !== undefined) validatePermission(permission);
  if (expect !== undefined) validateExpectation(expect);
  if (cost !== undefined && !(Number.isInteger(cost) && cost >= 0 && cost <= MAX_COST))
    throw new RangeError('cost must be a whole number from 0 to 1000000');
  const isRead = trustedProxies instanceof TrustedProxies;
  if (trustedProxies !== undefined && !isRead && !Array.isArray(trustedProxies))
    throw new RangeError("trustedProxies must be a list, such as ['10.0.0.0/8']");
  if (realm !== undefined && !/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(realm))
    throw new RangeError('realm must be 1 to 100 characters of ASCII without quotes and backslashes');
}

/** @throws RangeError */
export function validatePermission(permission: unknown): asserts permission is Permission {
  if (isPermission(permission)) return;
  throw new RangeError(`permission must be one of ${PERMISSIONS.join(', ')}; it is ${String(permission)}`);
}

function validateExpectation(expect: NonNullable<RequireKeyOptions['expect']>): void {
  const { kind, agentId, serverId, ...others } = expect;
  const isKind = kind === undefined || kind === 'service' || kind === 'publishable';
  const areIds = [agentId, serverId].every((id) => id === undefined || ID.test(id));
  if (isKind && areIds && Object.keys(others).length === 0) return;
  throw new RangeError("expect must be { kind?: 'service' | 'publishable', agentId?: id, serverId?: id }");
}
