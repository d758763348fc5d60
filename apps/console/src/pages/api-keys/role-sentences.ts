/** What a key of each role may do, in a sentence. */
import type { Role } from '@mcpstack/contracts';

export const ROLE_SENTENCES: Readonly<Record<Role, string>> = {
  viewer: 'Looks at agents, servers, domains, members and keys, and changes nothing.',
  developer: 'For automation that manages servers and agents, and for telemetry. Enough for most.',
  admin: 'Also manages keys, domains, members and webhooks, and reads the audit trail.',
  owner: 'Also changes owners and the organization itself. Hardly ever right for a key.',
};

export function titled(role: Role): string {
  return role.charAt(0).toUpperCase() + role.slice(1);
}
