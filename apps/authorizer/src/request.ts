/**
 * The verify request, read strictly: a field that is unknown or malformed makes the request MALFORMED; it
 * is never ignored, because the caller meant something by it. No I/O happens before this has passed.
 */
import { isIP } from 'node:net';
import { isTokenDigest, tokenDigest, tokenKind, type KeyKind } from '@mcpstack/contracts';

const MAX_REQUEST_BYTES = 4_096;
const MAX_COST = 1_000_000;
const MAX_ORIGIN_LENGTH = 2_048;
const ID = /^[0-9A-Za-z_-]{1,80}$/;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** A request in which everything is in order. */
export interface ParsedRequest {
  /** SHA-256 of the token. */
  digest: string;
  permission?: string;
  expectKind?: KeyKind;
  expectAgentId?: string;
  expectServerId?: string;
  /** Serialised as browsers do; or `null`, which they say where they tell none. */
  origin?: string;
  /** IPv4 or IPv6, without a zone. */
  ip?: string;
  cost?: number;
  position?: string;
}

export type ParseResult =
  | { ok: true; request: ParsedRequest }
  /** What is wrong, for people; names fields, never values. */
  | { ok: false; message: string };

/** Reads the bytes of a request. Pure. */
export function parseRequest(bytes: Uint8Array, tokenPrefix: string): ParseResult {
  if (bytes.length > MAX_REQUEST_BYTES) return wrong(`the request is longer than ${MAX_REQUEST_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(bytes));
  } catch {
    return wrong('the request is not JSON');
  }
  if (!isObject(value)) return wrong('the request is not a JSON object');
  for (const field of Object.keys(value)) {
    const check = CHECKS.get(field);
    if (!check) return wrong('the request has a field that is not known here');
    if (!check(value[field])) return wrong(`${field} is malformed`);
  }
  const { key, digest, permission, expect, origin, ip, cost, position } = value as Fields;
  if ((key === undefined) === (digest === undefined)) return wrong('exactly one of key and digest is needed');
  if (key !== undefined && !isCredential(key, tokenPrefix)) return wrong('key is not a key');
  return {
    ok: true,
    request: {
      digest: digest ?? tokenDigest(key!),
      ...(permission !== undefined && { permission }),
      ...(expect?.kind !== undefined && { expectKind: expect.kind }),
      ...(expect?.agentId !== undefined && { expectAgentId: expect.agentId }),
      ...(expect?.serverId !== undefined && { expectServerId: expect.serverId }),
      ...(origin !== undefined && { origin }),
      ...(ip !== undefined && { ip }),
      ...(cost !== undefined && { cost }),
      ...(position !== undefined && { position }),
    },
  };
}

interface Fields {
  key?: string;
  digest?: string;
  permission?: string;
  expect?: { kind?: KeyKind; agentId?: string; serverId?: string };
  origin?: string;
  ip?: string;
  cost?: number;
  position?: string;
}

const isText =
  (spelling: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && spelling.test(value);

/** What each field must look like. One that is present must be right, `null` included. */
const CHECKS: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  // Visible ASCII. Keys that were imported have a spelling of their own.
  ['key', isText(/^[!-~]{16,512}$/)],
  ['digest', isTokenDigest],
  // One that is not in our table is well-formed: no key holds it, so it is FORBIDDEN.
  ['permission', isText(/^[a-z][a-z-]{0,31}:[a-z][a-z-]{0,31}$/)],
  ['expect', isExpectation],
  ['origin', isOrigin],
  ['ip', isAddress],
  ['cost', (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_COST],
  ['position', isText(/^[0-9]{1,16}$/)],
]);
const EXPECTATIONS: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['kind', (value: unknown) => value === 'service' || value === 'publishable'],
  ['agentId', isText(ID)],
  ['serverId', isText(ID)],
]);

/**
 * Whether the text may be a key. One of our own spelling tells a typing error or a truncated paste by its
 * checksum; sessions and invitations are no keys; anything else may have been imported.
 */
function isCredential(text: string, prefix: string): boolean {
  switch (text.startsWith(`${prefix}_`) ? text.slice(prefix.length, prefix.length + 4) : '') {
    case '_sk_':
    case '_pk_':
      return tokenKind(text, prefix) !== undefined;
    case '_st_':
    case '_it_':
      return false;
    default:
      return true;
  }
}

function isExpectation(value: unknown): boolean {
  return isObject(value) && Object.keys(value).every((field) => EXPECTATIONS.get(field)?.(value[field]));
}

/** An Origin header as browsers write it (RFC 6454): scheme, host, port, nothing else; or `null`. */
function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_ORIGIN_LENGTH) return false;
  if (value === 'null') return true;
  try {
    return new URL(value).origin === value;
  } catch {
    return false;
  }
}

/** A zone names an interface of one machine, and says nothing on another one. */
function isAddress(value: unknown): boolean {
  return typeof value === 'string' && isIP(value) !== 0 && !value.includes('%');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(message: string): ParseResult {
  return { ok: false, message };
}
