/** Every NATS subject and bucket of the system. Permissions in deploy/ are made from this file. */

/** Key checks, served by the authorizer: plain JSON, any NATS client may call it. */
export const VERIFY_SUBJECT = 'mcpstack.keys.v1.verify';

/** Commands, served by issuance (queue group `issuance`). */
export const COMMAND_SUBJECTS = {
  createOrganization: 'mcpstack.issuance.v1.create-organization',
  createKey: 'mcpstack.issuance.v1.create-key',
  renameKey: 'mcpstack.issuance.v1.rename-key',
  revokeKey: 'mcpstack.issuance.v1.revoke-key',
} as const;
export type CommandName = keyof typeof COMMAND_SUBJECTS;

/** Answered by the active projection alone: "have the read models reached this position?" */
export const CONFIRM_SUBJECT = 'mcpstack.projection.v1.confirm';

/** Asks the active projection to rebuild the read models beside the live ones, then switch. */
export const REBUILD_SUBJECT = 'mcpstack.projection.v1.rebuild';

/** Queue groups: instances of one service share the work. */
export const QUEUE_GROUPS = { issuance: 'issuance', authorizer: 'authorizer' } as const;

/** JetStream key-value buckets, each with its one writer. */
export const BUCKETS = {
  /** The projection's lease. */
  lease: 'mcpstack_lease',
  /** Sealed replies to create (issuance). Entries live 10 minutes. */
  replies: 'mcpstack_replies',
  /** People's sessions (gateway). */
  sessions: 'mcpstack_sessions',
} as const;
