/** The headers that tell the service behind the proxy who calls. */
import type { CheckedKey } from '@mcpstack/verify';

/**
 * Every identity header. A proxy sets all of them at each request, so that what a client sent under these names
 * never arrives; the examples in deploy/proxies are held to this list.
 */
export const IDENTITY_HEADERS = [
  'Mcpstack-Key-Id',
  'Mcpstack-Org-Id',
  'Mcpstack-Kind',
  'Mcpstack-Role',
  'Mcpstack-Permissions',
  'Mcpstack-Agent-Id',
  'Mcpstack-Scope',
  'Mcpstack-Environment',
  'Mcpstack-Expires-At',
] as const;
export type IdentityHeader = (typeof IDENTITY_HEADERS)[number];

/** What is ours by name, also where a service reads `-` and `_` alike, as CGI and WSGI do. */
const OURS = /^mcpstack[-_]/i;
/** A value that could end a header, or that a proxy would refuse. */
const NO_HEADER_VALUE = /[^\x20-\x7e]/;
const KNOWN: ReadonlySet<string> = new Set(IDENTITY_HEADERS.map((name) => name.toLowerCase()));

/**
 * All identity headers for a key that may pass, empty where there is nothing to tell. `undefined` when the reply
 * holds what no header can carry: then nobody is let through.
 */
export function identityHeaders(reply: CheckedKey): Record<IdentityHeader, string> | undefined {
  const headers: Record<IdentityHeader, string> = {
    'Mcpstack-Key-Id': reply.keyId,
    'Mcpstack-Org-Id': reply.orgId,
    'Mcpstack-Kind': reply.kind,
    'Mcpstack-Role': reply.role ?? '',
    'Mcpstack-Permissions': (reply.permissions ?? []).join(','),
    'Mcpstack-Agent-Id': reply.agentId ?? '',
    // Never empty: a service that sees no scope must not take it for the widest one.
    'Mcpstack-Scope': reply.scope ? JSON.stringify(reply.scope) : '*',
    'Mcpstack-Environment': reply.environment ?? '',
    'Mcpstack-Expires-At': reply.expiresAt ?? '',
  };
  return Object.values(headers).some((value) => NO_HEADER_VALUE.test(value)) ? undefined : headers;
}

/** Of the names that a client sent, those that look like ours and are not set by us: to be removed. */
export function forgedNames(names: Iterable<string>): string[] {
  return [...names].filter((name) => OURS.test(name) && !KNOWN.has(name.toLowerCase()));
}
