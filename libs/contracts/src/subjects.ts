/** Every NATS subject and bucket of the system. Permissions in deploy/nats are made from this file by nats-permissions.ts. */

/** Key checks, served by the authorizer: plain JSON, any NATS client may call it. */
export const VERIFY_SUBJECT = 'mcpstack.keys.v1.verify';

/** Many key checks in one message; served by the authorizer, for whoever may ask over VERIFY_SUBJECT. */
export const VERIFY_BATCH_SUBJECT = 'mcpstack.keys.v1.verify-batch';

/** Why a key is or would be refused, step by step; served by the authorizer. A NATS permission of its own. */
export const EXPLAIN_SUBJECT = 'mcpstack.keys.v1.explain';

/**
 * Which keys these digests belong to, whatever their state; served by the authorizer, for the gateway alone:
 * reports of leaked keys, and imports. Up to 1,000 digests.
 */
export const IDENTIFY_SUBJECT = 'mcpstack.keys.v1.identify';

/**
 * Published by the active projection once Redis holds a change: whoever keeps answers drops those about these ids.
 * Makes a refusal visible within milliseconds; no safety rests on it, a hint may be lost.
 */
export const CHANGED_SUBJECT = 'mcpstack.keys.v1.changed';

/** Commands, served by issuance (queue group `issuance`). */
export const COMMAND_SUBJECTS = {
  createOrganization: 'mcpstack.issuance.v1.create-organization',
  renameOrganization: 'mcpstack.issuance.v1.rename-organization',
  changePolicy: 'mcpstack.issuance.v1.change-policy',
  suspendOrganization: 'mcpstack.issuance.v1.suspend-organization',
  resumeOrganization: 'mcpstack.issuance.v1.resume-organization',
  inviteMember: 'mcpstack.issuance.v1.invite-member',
  revokeInvitation: 'mcpstack.issuance.v1.revoke-invitation',
  acceptInvitation: 'mcpstack.issuance.v1.accept-invitation',
  changeMemberRole: 'mcpstack.issuance.v1.change-member-role',
  suspendMember: 'mcpstack.issuance.v1.suspend-member',
  resumeMember: 'mcpstack.issuance.v1.resume-member',
  removeMember: 'mcpstack.issuance.v1.remove-member',
  changeProfile: 'mcpstack.issuance.v1.change-profile',
  eraseProfile: 'mcpstack.issuance.v1.erase-profile',
  createAgent: 'mcpstack.issuance.v1.create-agent',
  renameAgent: 'mcpstack.issuance.v1.rename-agent',
  removeAgent: 'mcpstack.issuance.v1.remove-agent',
  addDomain: 'mcpstack.issuance.v1.add-domain',
  removeDomain: 'mcpstack.issuance.v1.remove-domain',
  recordDomainCheck: 'mcpstack.issuance.v1.record-domain-check',
  contestDomain: 'mcpstack.issuance.v1.contest-domain',
  createServer: 'mcpstack.issuance.v1.create-server',
  updateServer: 'mcpstack.issuance.v1.update-server',
  removeServer: 'mcpstack.issuance.v1.remove-server',
  createKey: 'mcpstack.issuance.v1.create-key',
  importKeys: 'mcpstack.issuance.v1.import-keys',
  updateKey: 'mcpstack.issuance.v1.update-key',
  rotateKey: 'mcpstack.issuance.v1.rotate-key',
  suspendKey: 'mcpstack.issuance.v1.suspend-key',
  resumeKey: 'mcpstack.issuance.v1.resume-key',
  revokeKey: 'mcpstack.issuance.v1.revoke-key',
  revokeKeys: 'mcpstack.issuance.v1.revoke-keys',
  reportCredentials: 'mcpstack.issuance.v1.report-credentials',
  recordExposure: 'mcpstack.issuance.v1.record-exposure',
  recordKeyExpiry: 'mcpstack.issuance.v1.record-key-expiry',
  recordSecretSeen: 'mcpstack.issuance.v1.record-secret-seen',
  recordUsage: 'mcpstack.issuance.v1.record-usage',
  createPublicKey: 'mcpstack.issuance.v1.create-public-key',
  updatePublicKey: 'mcpstack.issuance.v1.update-public-key',
  addTemporaryOrigin: 'mcpstack.issuance.v1.add-temporary-origin',
  createWebhook: 'mcpstack.issuance.v1.create-webhook',
  updateWebhook: 'mcpstack.issuance.v1.update-webhook',
  rotateWebhookSecret: 'mcpstack.issuance.v1.rotate-webhook-secret',
  disableWebhook: 'mcpstack.issuance.v1.disable-webhook',
  enableWebhook: 'mcpstack.issuance.v1.enable-webhook',
  removeWebhook: 'mcpstack.issuance.v1.remove-webhook',
} as const;
export type CommandName = keyof typeof COMMAND_SUBJECTS;

/** Answered by the active projection alone: "have the read models reached this position?" */
export const CONFIRM_SUBJECT = 'mcpstack.projection.v1.confirm';

/** Asks the active projection to rebuild the read models beside the live ones, then switch. */
export const REBUILD_SUBJECT = 'mcpstack.projection.v1.rebuild';

/** Answered by the active projection alone: "which keys in force did this member or key make?" */
export const KEYS_OF_MAKER_SUBJECT = 'mcpstack.projection.v1.keys-of-maker';

/** Served by the scheduler: looks for the proof of a domain now, and says what it found. */
export const CHECK_DOMAIN_SUBJECT = 'mcpstack.domains.v1.check';

/** Served by the webhooks service, for the gateway; what goes with deliveries by the active process alone. */
export const WEBHOOK_SUBJECTS = {
  /** Whether a URL may be delivered to; any process of the service answers. */
  checkUrl: 'mcpstack.webhooks.v1.check-url',
  test: 'mcpstack.webhooks.v1.test',
  replay: 'mcpstack.webhooks.v1.replay',
  deliveries: 'mcpstack.webhooks.v1.deliveries',
} as const;

/** A NATS server asks here who a client is (auth callout, from 2.10); served by nats-login. The name is the server's. */
export const NATS_LOGIN_SUBJECT = '$SYS.REQ.USER.AUTH';

/** Queue groups: instances of one service share the work. */
export const QUEUE_GROUPS = {
  issuance: 'issuance',
  authorizer: 'authorizer',
  scheduler: 'scheduler',
  webhooks: 'webhooks',
  natsLogin: 'nats-login',
} as const;

/** JetStream key-value buckets, each with its one writer. */
export const BUCKETS = {
  /** The projection's lease. */
  lease: 'mcpstack_lease',
  /** Sealed replies to create (issuance). Entries live 10 minutes. */
  replies: 'mcpstack_replies',
  /** People's sessions (gateway). */
  sessions: 'mcpstack_login_sessions',
  /** Devices that wait to be let in by a person (gateway). Entries live 10 minutes. */
  deviceGrants: 'mcpstack_device_grants',
  /** Logins under way (gateway). Entries live 10 minutes. */
  logins: 'mcpstack_logins',
  /** When each domain was last looked at (scheduler). */
  domainChecks: 'mcpstack_domain_checks',
  /** How far each webhook has been told, and its failures (webhooks). */
  webhooks: 'mcpstack_webhooks',
  /** The lease of the webhooks service. */
  webhookLease: 'mcpstack_webhook_lease',
} as const;

/** The JetStream stream that holds the log, where JetStream does; its events stand under `mcpstack.log.<category>.<id>`. */
export const LOG_STREAM = 'mcpstack_log';
