/**
 * The requests of checks, read strictly: a field that is unknown or malformed makes the request MALFORMED; it is
 * never ignored, because the caller meant something by it. No I/O happens before this has passed.
 */
import { isIP } from 'node:net';
import {
  DIGEST_SHAPE,
  EXPLAIN_SUBJECT,
  isTokenDigest,
  MAX_BATCH,
  mayBeKey,
  NO_KEY,
  tokenDigest,
  type KeyKind,
} from '@mcpstack/contracts';
import { isObject, readObject, type JsonObject } from './json.ts';

const MAX_REQUEST_BYTES = 4_096;
/** What a NATS server takes by default. */
const MAX_BATCH_BYTES = 1_048_576;
const MAX_COUNT = 1_000_000;
const MAX_ORIGIN_LENGTH = 2_048;
const ID = /^[0-9A-Za-z_-]{1,80}$/;

/** A request in which everything is in order. */
export interface ParsedRequest extends Terms {
  /** SHA-256 of the token. */
  digest: string;
}

/** What is asked of the key, whichever it is. */
export interface Terms {
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
  userAgent?: string;
  reused?: number;
  refresh?: true;
}

export interface ParsedExplain {
  key: { digest: string } | { keyId: string; organizationId: string };
  terms: Terms;
}

export type ParseResult<Request = ParsedRequest> =
  | { ok: true; request: Request }
  /** What is wrong, for people; names fields, never values. */
  | { ok: false; message: string };

/** Reads the bytes of a request. Pure. */
export function parseRequest(bytes: Uint8Array, tokenPrefix: string): ParseResult {
  const value = readObject(bytes, MAX_REQUEST_BYTES);
  return typeof value === 'string' ? wrong(value) : readRequest(value, tokenPrefix);
}

/** Reads the bytes of many requests: each is in order or not for itself. Pure. */
export function parseBatch(bytes: Uint8Array, tokenPrefix: string): ParseResult<readonly ParseResult[]> {
  const value = readObject(bytes, MAX_BATCH_BYTES);
  if (typeof value === 'string') return wrong(value);
  const { requests, ...others } = value;
  if (!Array.isArray(requests) || requests.length > MAX_BATCH || Object.keys(others).length > 0)
    return wrong(`the message is not {"requests": [0 to ${MAX_BATCH} requests]}`);
  return { ok: true, request: requests.map((request) => readRequest(request, tokenPrefix)) };
}

/** Reads the bytes of a request to explain. Pure. */
export function parseExplain(bytes: Uint8Array, tokenPrefix: string): ParseResult<ParsedExplain> {
  const value = readObject(bytes, MAX_REQUEST_BYTES);
  if (typeof value === 'string') return wrong(value);
  const problem = problemWith(value, EXPLAIN_CHECKS);
  if (problem !== undefined) return wrong(problem);
  const { key, digest, keyId, organizationId } = value as Fields;
  if ([key, digest, keyId].filter((named) => named !== undefined).length !== 1)
    return wrong('exactly one of key, digest and keyId is needed');
  if ((keyId === undefined) !== (organizationId === undefined))
    return wrong('organizationId is needed with keyId, and with it alone');
  if (key !== undefined && !mayBeKey(key, tokenPrefix)) return wrong(`key is no API key: ${NO_KEY}`);
  const terms = termsOf(value);
  if (keyId !== undefined)
    return { ok: true, request: { key: { keyId, organizationId: organizationId! }, terms } };
  return { ok: true, request: { key: { digest: digest ?? tokenDigest(key!) }, terms } };
}

function readRequest(value: unknown, tokenPrefix: string): ParseResult {
  if (!isObject(value)) return wrong('the request is not a JSON object');
  const problem = problemWith(value, CHECKS);
  if (problem !== undefined) return wrong(problem);
  const { key, digest, cost, refresh } = value as Fields;
  if ((key === undefined) === (digest === undefined)) return wrong('exactly one of key and digest is needed');
  if (key !== undefined && !mayBeKey(key, tokenPrefix)) return wrong(`key is no API key: ${NO_KEY}`);
  if (refresh && cost !== undefined) return wrong('cost must be absent where refresh is set');
  return { ok: true, request: { digest: digest ?? tokenDigest(key!), ...termsOf(value) } };
}

function problemWith(value: JsonObject, checks: Checks): string | undefined {
  for (const field of Object.keys(value)) {
    const check = checks.get(field);
    if (!check)
      return field === 'explain'
        ? `explain is no field: ask over ${EXPLAIN_SUBJECT}`
        : `the request has a field that is not known here: there are ${[...checks.keys()].join(', ')}`;
    if (!check(value[field])) return `${field} is malformed: write ${SHAPES[field]}`;
  }
  return undefined;
}

function termsOf(value: JsonObject): Terms {
  const { permission, expect, origin, ip, cost, position, userAgent, reused, refresh } = value as Fields;
  return {
    ...(permission !== undefined && { permission }),
    ...(expect?.kind !== undefined && { expectKind: expect.kind }),
    ...(expect?.agentId !== undefined && { expectAgentId: expect.agentId }),
    ...(expect?.serverId !== undefined && { expectServerId: expect.serverId }),
    ...(origin !== undefined && { origin }),
    ...(ip !== undefined && { ip }),
    ...(cost !== undefined && { cost }),
    ...(position !== undefined && { position }),
    ...(userAgent !== undefined && { userAgent }),
    ...(reused !== undefined && { reused }),
    ...(refresh !== undefined && { refresh }),
  };
}

interface Fields {
  key?: string;
  digest?: string;
  keyId?: string;
  organizationId?: string;
  permission?: string;
  expect?: { kind?: KeyKind; agentId?: string; serverId?: string };
  origin?: string;
  ip?: string;
  cost?: number;
  position?: string;
  userAgent?: string;
  reused?: number;
  refresh?: true;
}

type Checks = ReadonlyMap<string, (value: unknown) => boolean>;

const isText =
  (spelling: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && spelling.test(value);

const isCount = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_COUNT;

/** What each field must look like. One that is present must be right, `null` included. */
const COMMON_CHECKS: Checks = new Map([
  // Which spellings there are depends on the prefix: that is looked at last.
  ['key', (value) => typeof value === 'string'],
  ['digest', isTokenDigest],
  // One that is not in our table is well-formed: no key holds it, so it is FORBIDDEN.
  ['permission', isText(/^[a-z][a-z-]{0,31}:[a-z][a-z-]{0,31}$/)],
  ['expect', isExpectation],
  ['origin', isOrigin],
  ['ip', isAddress],
  ['cost', isCount],
  ['position', isText(/^[0-9]{1,16}$/)],
]);
const CHECKS: Checks = new Map([
  ...COMMON_CHECKS,
  ['userAgent', (value) => isText(/^\P{Cc}*$/u)(value) && (value as string).length <= 512],
  ['reused', isCount],
  ['refresh', (value) => value === true],
]);
const EXPLAIN_CHECKS: Checks = new Map([
  ...COMMON_CHECKS,
  ['keyId', isText(ID)],
  ['organizationId', isText(ID)],
]);
const EXPECTATIONS: Checks = new Map([
  ['kind', (value: unknown) => value === 'service' || value === 'publishable'],
  ['agentId', isText(ID)],
  ['serverId', isText(ID)],
]);

/** What to write, for people. */
const SHAPES: Readonly<Record<string, string>> = {
  key: 'the key as a text',
  digest: DIGEST_SHAPE,
  permission: 'one such as servers:read',
  expect: 'kind (service or publishable), agentId and serverId, or some of them',
  origin: 'scheme://host[:port] as browsers send it, or null',
  ip: 'an IPv4 or IPv6 address without port and zone',
  cost: `a whole number from 0 to ${MAX_COUNT}`,
  position: 'what a Mcpstack-Position header said, as a text',
  userAgent: 'at most 512 characters, no control characters among them',
  reused: `a whole number from 0 to ${MAX_COUNT}`,
  refresh: 'true, or leave it out',
  keyId: "the key's id",
  organizationId: "the organization's id",
};

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

function wrong(message: string): { ok: false; message: string } {
  return { ok: false, message };
}
