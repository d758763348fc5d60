/** Fixed actors, ids and times for the domain's specs. */
import { ROLE_PERMISSIONS, type Actor, type Role } from '@mcpstack/contracts';
import type { Authority, Credential } from '../src/index.ts';

export const AT = '2026-11-24T08:00:00.000Z';
export const LATER = '2026-11-24T09:30:00.000Z';

export const ORGANIZATION_ID = 'org_0000000000000000000001';
export const FOREIGN_ORGANIZATION_ID = 'org_0000000000000000000002';
export const KEY_ID = 'key_0000000000000000000001';
export const OWNER_ID = 'user_000000000000000000001';
export const AGENT_ID = 'agent_0000000000000000000001';
export const SERVER_ID = 'srv_0000000000000000000001';
export const DOMAIN_ID = 'dom_0000000000000000000001';
export const INVITATION_ID = 'inv_0000000000000000000001';

export const OWNER: Actor = { type: 'user', id: OWNER_ID };
export const SYSTEM: Actor = { type: 'system', id: 'setup' };
export const BOT: Actor = { type: 'key', id: 'key_0000000000000000000009' };

export const CREDENTIAL: Credential = { digest: 'ab'.repeat(32), pepperVersion: 1 };

export function holds(role: Role, scope?: Authority['scope']): Authority {
  return { permissions: ROLE_PERMISSIONS[role], ...(scope && { scope }) };
}

/** So many days after `AT`. */
export function daysOn(days: number): string {
  return new Date(Date.parse(AT) + days * 86_400_000).toISOString();
}
