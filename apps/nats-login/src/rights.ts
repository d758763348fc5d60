/** What a key's permissions come to on NATS. The table stands in docs/nats-login.md. */
import { VERIFY_BATCH_SUBJECT, VERIFY_SUBJECT, type Permission } from '@mcpstack/contracts';

export interface Rights {
  pub: { allow?: string[]; deny?: string[] };
  sub: { allow: string[] };
}

export interface KnownKey {
  keyId: string;
  orgId: string;
  permissions: readonly Permission[];
}

/** The inbox of a client that logs in with this key; the authorizer may answer there. */
export function inboxOf(keyId: string): string {
  return `_INBOX_verifier.${keyId}`;
}

/** Its own inbox always; the rest as its permissions say. An empty list would allow everything. */
export function rightsOf({ keyId, orgId, permissions }: KnownKey): Rights {
  const space = `org.${orgId}.>`;
  const allow = [
    // Whoever runs servers checks the keys that come to them.
    ...(permissions.includes('servers:write') ? [VERIFY_SUBJECT, VERIFY_BATCH_SUBJECT] : []),
    ...(permissions.includes('telemetry:write') ? [space] : []),
  ];
  return {
    pub: allow.length > 0 ? { allow } : { deny: ['>'] },
    sub: { allow: [`${inboxOf(keyId)}.>`, ...(permissions.includes('servers:read') ? [space] : [])] },
  };
}
