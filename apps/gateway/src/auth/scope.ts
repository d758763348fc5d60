/**
 * Scoped keys: a service key that is limited to some agents or servers. To such a key everything outside is not
 * there; what would change the organization as a whole is forbidden. Issuance decides the same again.
 */
import { ProblemError, type KeyScope } from '@mcpstack/contracts';
import type { Caller } from './caller.ts';

/** What a scope can name, and the route parameter that carries its id. */
const SCOPED = { agents: 'agentId', servers: 'serverId' } as const;
export type ScopedKind = keyof typeof SCOPED;

/** Whether the caller may see this agent or server at all: lists leave out what is not. */
export function isInScope(caller: Caller, kind: ScopedKind, id: string): boolean {
  const only = scopeOf(caller)?.[kind];
  return only === undefined || only.includes(id);
}

/** @throws ProblemError as for one that does not exist, when the scope leaves it out. */
export function refuseOutOfScope(caller: Caller, kind: ScopedKind, id: string): void {
  if (!isInScope(caller, kind, id)) throw notThere(kind);
}

/** The answer for an agent or a server that is unknown, foreign or out of scope: one, word for word. */
export function notThere(kind: ScopedKind): ProblemError {
  const one = kind === 'agents' ? 'agent' : 'server';
  return new ProblemError('not-found', `There is no such ${one} in this organization.`);
}

/**
 * Called for every route with an organization. A route that writes and names no agent or server is for the whole
 * organization, unless it is about keys: those check the scope of what they make.
 */
export function checkScope(
  caller: Caller,
  permission: string,
  params: Readonly<Record<string, string>>,
): void {
  if (!scopeOf(caller)) return;
  // Of an event it can not always be told which agent or server it is about.
  if (permission === 'audit:read')
    throw new ProblemError(
      'forbidden',
      'A key that is limited to some agents or servers may not read events.',
    );
  let named = false;
  for (const [kind, parameter] of Object.entries(SCOPED) as [ScopedKind, string][]) {
    const id = params[parameter];
    if (id === undefined) continue;
    named = true;
    refuseOutOfScope(caller, kind, id);
  }
  // Webhooks tell of everything in the organization.
  const isOfAll = permission.endsWith(':write')
    ? permission !== 'api-keys:write'
    : permission === 'webhooks:read';
  if (!named && isOfAll)
    throw new ProblemError('forbidden', 'A key that is limited to some agents or servers may not do this.');
}

function scopeOf(caller: Caller): KeyScope | undefined {
  return caller.type === 'key' ? caller.scope : undefined;
}
