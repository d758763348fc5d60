/**
 * What a route demands of a key. It comes from the proxy's configuration alone (the query of the check's URL, or
 * Envoy's context extensions), so anything odd about it is a fault of the configuration and lets nobody through.
 */
import { isId, isPermission, PERMISSIONS, type KeyKind, type Permission } from '@mcpstack/contracts';
import type { RequireKeyOptions } from '@mcpstack/verify';

export type Demands = Pick<RequireKeyOptions, 'permission' | 'expect' | 'cost'>;

/** The proxy's configuration is at fault; the message says what to write there. */
export class DemandsError extends Error {
  override readonly name = 'DemandsError';
  readonly code = 'bad-demands';
}

const MAX_COST = 1_000_000;
/** Enough of a name to find it in a configuration. */
const SHOWN_LENGTH = 40;

/** Each name, and what is wrong with a value. */
const PARAMETERS: Readonly<Record<string, (value: string) => string | undefined>> = {
  permission: (value) => (isPermission(value) ? undefined : `write one of ${PERMISSIONS.join(', ')}`),
  'any-key': (value) => (value === 'true' ? undefined : 'write any-key=true'),
  kind: (value) =>
    value === 'service' || value === 'publishable' ? undefined : 'write service or publishable',
  agent: (value) => (isId('agent', value) ? undefined : "write an agent's id"),
  server: (value) => (isId('server', value) ? undefined : "write a server's id"),
  cost: (value) =>
    /^\d{1,7}$/.test(value) && Number(value) <= MAX_COST
      ? undefined
      : `write a whole number up to ${MAX_COST}`,
};

/**
 * Reads what is demanded. One of `permission` and `any-key=true` must be there: a check that demands nothing is
 * more likely a proxy that lost its query than somebody's wish.
 * @throws DemandsError that names the parameter.
 */
export function readDemands(entries: Iterable<readonly [string, string]>): Demands {
  const given = new Map<string, string>();
  for (const [name, value] of entries) {
    const objection = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name]!(value) : undefined;
    if (!Object.hasOwn(PARAMETERS, name)) {
      const known = Object.keys(PARAMETERS).join(', ');
      throw new DemandsError(`${JSON.stringify(name.slice(0, SHOWN_LENGTH))} is none of ${known}.`);
    }
    if (given.has(name)) throw new DemandsError(`${name} is given twice.`);
    if (objection) throw new DemandsError(`${name} cannot be used: ${objection}.`);
    given.set(name, value);
  }
  if (given.has('permission') === given.has('any-key')) {
    throw new DemandsError('Give permission=<what the route needs>, or any-key=true for any key in force.');
  }
  const expect = {
    ...(given.has('kind') && { kind: given.get('kind') as KeyKind }),
    ...(given.has('agent') && { agentId: given.get('agent')! }),
    ...(given.has('server') && { serverId: given.get('server')! }),
  };
  return {
    ...(given.has('permission') && { permission: given.get('permission') as Permission }),
    ...(Object.keys(expect).length > 0 && { expect }),
    ...(given.has('cost') && { cost: Number(given.get('cost')) }),
  };
}

/**
 * Reads the demands from the query of the check's URL.
 *
 * A proxy that puts the client's own query there (Caddy does when `uri` names a path alone) would let the client
 * say what is demanded. The client's query is known from `X-Forwarded-Uri`: where it is the very same, it is
 * refused.
 * @throws DemandsError
 */
export function demandsOfQuery(query: string, forwardedUri: string | undefined): Demands {
  if (query !== '' && forwardedUri !== undefined && queryOf(forwardedUri) === query) {
    throw new DemandsError(
      "The check's query is the client's own: write the demands into the URL of the check.",
    );
  }
  return readDemands(new URLSearchParams(query));
}

export function queryOf(uri: string): string {
  const start = uri.indexOf('?');
  return start < 0 ? '' : uri.slice(start + 1);
}
