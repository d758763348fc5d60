/**
 * The verify request, read strictly: a field that is unknown or malformed makes the request MALFORMED; it
 * is never ignored, because the caller meant something by it. No I/O happens before this has passed.
 */
import { isIP } from 'node:net';
import { isTokenDigest, tokenDigest, tokenKind, type KeyKind } from '@mcpstack/contracts';

const MAX_REQUEST_BYTES = 4_096;
const MAX_COST = 1_000_000;
const FIELDS = new Set(['key', 'digest', 'permission', 'expect', 'origin', 'ip', 'cost', 'position']);
const EXPECT_FIELDS = new Set(['kind', 'agentId']);

/** A request in which everything is in order. */
export interface ParsedRequest {
  /** SHA-256 of the token. */
  digest: string;
  permission?: string;
  expectKind?: KeyKind;
  expectAgentId?: string;
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
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return wrong('the request is not JSON');
  }
  if (!isObject(value)) return wrong('the request is not a JSON object');
  const unknown = Object.keys(value).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) return wrong('the request has a field that is not known here');
  const problem = problemOf(value);
  if (problem) return wrong(problem);

  const { key, digest, permission, expect, position } = value as Fields;
  if ((key === undefined) === (digest === undefined)) return wrong('exactly one of key and digest is needed');
  // A typing error or a truncated paste is told by the checksum.
  if (key !== undefined && !tokenKind(key, tokenPrefix)) return wrong('key is not a token');
  return {
    ok: true,
    request: {
      digest: digest ?? tokenDigest(key!),
      ...(permission !== undefined && { permission }),
      ...(expect?.kind !== undefined && { expectKind: expect.kind }),
      ...(expect?.agentId !== undefined && { expectAgentId: expect.agentId }),
      ...(position !== undefined && { position }),
    },
  };
}

interface Fields {
  key?: string;
  digest?: string;
  permission?: string;
  expect?: { kind?: KeyKind; agentId?: string };
  position?: string;
}

/** The first field whose shape is wrong. A field that is present must be right, `null` included. */
function problemOf(value: Record<string, unknown>): string | undefined {
  const checks: Record<string, (field: unknown) => boolean> = {
    key: (field) => typeof field === 'string',
    digest: isTokenDigest,
    // One that is not in our table is well-formed: no key holds it, so it is FORBIDDEN.
    permission: (field) => typeof field === 'string' && /^[a-z][a-z-]{0,31}:[a-z][a-z-]{0,31}$/.test(field),
    expect: isExpectation,
    origin: isOrigin,
    ip: (field) => typeof field === 'string' && isIP(field) !== 0,
    cost: (field) => Number.isInteger(field) && (field as number) >= 0 && (field as number) <= MAX_COST,
    position: (field) => typeof field === 'string' && /^[0-9]{1,16}$/.test(field),
  };
  for (const [name, check] of Object.entries(checks))
    if (name in value && !check(value[name])) return `${name} is malformed`;
  return undefined;
}

function isExpectation(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).some((field) => !EXPECT_FIELDS.has(field))) return false;
  const { kind, agentId } = value;
  if ('kind' in value && kind !== 'service' && kind !== 'publishable') return false;
  return !('agentId' in value) || (typeof agentId === 'string' && /^[0-9A-Za-z_-]{1,80}$/.test(agentId));
}

/** An Origin header as browsers write it (RFC 6454): scheme, host, port, nothing else; or `null`. */
function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 300) return false;
  if (value === 'null') return true;
  try {
    return new URL(value).origin === value;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(message: string): ParseResult {
  return { ok: false, message };
}
