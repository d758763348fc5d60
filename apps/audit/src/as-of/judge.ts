/**
 * Who could do what, judged from the fold of the log at a moment. Written from what the product promises, and not from
 * the code that answers checks: which role may do what is the one table that both know.
 */
import { ROLE_PERMISSIONS, ROLES, type Permission, type Role } from '@mcpstack/contracts';
import {
  type AuditedAgent,
  type AuditedKey,
  type AuditedMember,
  type AuditedOrganization,
  type AuditedPublishableKey,
  type AuditedSecret,
  type LogState,
} from '@mcpstack/replay';

const LOCAL_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

export interface Verdict {
  /** What a check would have answered, were nothing else in the way. */
  code: 'VALID' | 'REVOKED' | 'SUSPENDED' | 'EXPIRED' | 'ORIGIN_NOT_ALLOWED' | 'UNAVAILABLE';
  /** A few words. */
  why: string;
  /** Since when it is so, where that is known. */
  since?: string;
}

export function judgeKey(state: LogState, key: AuditedKey, atMs: number): Verdict {
  if (key.state === 'revoked') return ended('REVOKED', `revoked: ${key.revocationReason}`, key.revokedAt);
  const organization = state.organizations.get(key.organizationId);
  if (!organization) return { code: 'UNAVAILABLE', why: 'its organization is not in the log' };
  if (key.state === 'suspended') return ended('SUSPENDED', 'suspended', key.suspendedAt);
  if (organization.state === 'suspended')
    return ended('SUSPENDED', 'its organization was suspended', organization.suspendedAt);
  if (key.state === 'expired' || isOver(key.expiresAt, atMs))
    return ended('EXPIRED', 'expired', key.expiresAt);
  const since = latest(key.createdAt, key.resumedAt, organization.activeSince);
  if (key.kind === 'service') return { code: 'VALID', why: 'in force', since };
  const agent = state.agents.get(key.agentId);
  if (!agent) return { code: 'UNAVAILABLE', why: 'its agent is not in the log' };
  if (agent.state === 'removed') return { code: 'REVOKED', why: 'its agent was removed' };
  if (originsInForce(key, agent, atMs).length === 0)
    return { code: 'ORIGIN_NOT_ALLOWED', why: 'no page was allowed to use it' };
  return { code: 'VALID', why: 'in force', since };
}

function ended(code: Verdict['code'], why: string, since: string | undefined): Verdict {
  return { code, why, ...(since !== undefined && { since }) };
}

/** Secrets of a service key that worked: during a rotation there may be two. */
export function secretsInForce(
  { secrets }: { secrets: readonly AuditedSecret[] },
  atMs: number,
): readonly AuditedSecret[] {
  return secrets.filter(({ validUntil }) => !isOver(validUntil, atMs));
}

/**
 * From which origins a publishable key could be used: those that it names, under a domain of its agent that was
 * verified or in its time of grace; for development from this machine as well.
 */
export function originsInForce(
  { origins, development }: Pick<AuditedPublishableKey, 'origins' | 'development'>,
  { domains }: Pick<AuditedAgent, 'domains'>,
  atMs: number,
): string[] {
  const proven = [...domains.values()]
    .filter(
      ({ state, graceEndsAt }) =>
        state === 'verified' ||
        (state === 'stale' && graceEndsAt !== undefined && !isOver(graceEndsAt, atMs)),
    )
    .map(({ domain }) => domain);
  const isHeld = (origin: string): boolean => {
    const { protocol, hostname } = new URL(origin);
    if (LOCAL_HOSTS.includes(hostname)) return development;
    return (
      protocol === 'https:' && proven.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`))
    );
  };
  const named = origins.filter(({ expiresAt }) => !isOver(expiresAt, atMs)).map(({ origin }) => origin);
  return [...new Set(named)].filter(isHeld);
}

/** What a service key may do while it is valid. */
export function permissionsOfKey(key: { role: Role; permissions?: readonly Permission[] }): Permission[] {
  const { role, permissions } = key;
  return ROLE_PERMISSIONS[role].filter((one) => permissions?.includes(one) ?? true);
}

/** In a suspended organization members go on reading, and whoever may change it can resume it. */
export function permissionsOfMember(
  { state }: Pick<AuditedOrganization, 'state'>,
  { role, state: memberState }: Pick<AuditedMember, 'role' | 'state'>,
): Permission[] {
  if (memberState !== 'active') return [];
  return ROLE_PERMISSIONS[role].filter((one) => state === 'active' || outlivesSuspension(one));
}

function outlivesSuspension(permission: Permission): boolean {
  return permission.endsWith(':read') || permission === 'organization:write';
}

/** Since when a member who holds the permission has held it without a break. */
export function heldSince(
  { activeSince }: Pick<AuditedOrganization, 'activeSince'>,
  member: AuditedMember,
  permission: Permission,
): string {
  // The lowest role that gives it: whoever was given more meanwhile held it all along.
  const role = ROLES.findLast((one) => ROLE_PERMISSIONS[one].includes(permission))!;
  const byRole = member.heldSince[role] ?? member.roleAt;
  return latest(byRole, member.activeSince, outlivesSuspension(permission) ? undefined : activeSince);
}

export function isOver(time: string | undefined, atMs: number): boolean {
  return time !== undefined && Date.parse(time) <= atMs;
}

function latest(...times: (string | undefined)[]): string {
  return times
    .filter((time) => time !== undefined)
    .reduce((last, time) => (Date.parse(time) > Date.parse(last) ? time : last));
}
