/** The rules of MCPStack Keys: events, state, decisions. */
export type { Decider, DomainEvent, EncodedEvent, EventCodec, EventMetadata } from './decider.ts';
export { InvalidEventError, UnknownEventError } from './errors.ts';
export type { DescribedCodec } from './codec.ts';
export {
  CATEGORIES,
  categoryOf,
  checkpointStream,
  codecFor,
  streamName,
  type Category,
} from './categories.ts';
export { auditEventOf, type StoredPlace } from './audit-events.ts';
export { authorityOf, type Authority } from './authority.ts';
export { notFound, requirePermission } from './refusals.ts';
export { nextDueAt } from './key/expiry.ts';
export { keyExceeds, requireToGrant, type Grant } from './key/grants.ts';
export { agent } from './agent/decide.ts';
export type {
  CreateAgent,
  RenameAgent,
  RemoveAgent,
  AddDomain,
  RemoveDomain,
  RecordDomainCheck,
  ContestDomain,
  AgentCommand,
} from './agent/commands.ts';
export {
  agentCodec,
  noAgent,
  evolveAgent,
  evolveDomain,
  type AgentCreated,
  type AgentRenamed,
  type AgentRemoved,
  type AgentDomainAdded,
  type AgentDomainVerified,
  type AgentDomainStale,
  type AgentDomainLapsed,
  type AgentDomainContested,
  type AgentDomainRemoved,
  type AgentEvent,
  type DomainOfAgent,
  type KnownAgent,
  type AgentState,
} from './agent/events.ts';
export {
  checkpointCodec,
  MOST_LEAVES_PER_CHECKPOINT,
  type CheckpointSigned,
  type CheckpointEvent,
} from './checkpoint/events.ts';
export { formatErasable, parseErasable, type ErasableLeaves } from './checkpoint/erasable.ts';
export { key } from './key/decide.ts';
export type {
  CreateKey,
  UpdateKey,
  RotateKey,
  ChangeKeyState,
  WithdrawKey,
  ReportKeyLeak,
  RecordExposure,
  RecordKeyExpiry,
  RecordSecretSeen,
  CreatePublicKey,
  UpdatePublicKey,
  AddTemporaryOrigin,
  KeyCommand,
} from './key/commands.ts';
export {
  keyCodec,
  type KeyCreated,
  type KeyRenamed,
  type KeyTagged,
  type KeyNarrowed,
  type KeyRotated,
  type KeySecretRetired,
  type KeySuspended,
  type KeyResumed,
  type KeyRevoked,
  type KeyExpiring,
  type KeyExpired,
  type KeyExposed,
  type PublicKeyCreated,
  type PublicKeyOriginAdded,
  type PublicKeyOriginRemoved,
  type KeyEvent,
  type Credential,
} from './key/events.ts';
export {
  EXPIRY_NOTICES,
  noKey,
  evolveKey,
  type Secret,
  type ServiceKey,
  type PublishableKey,
  type KeyState,
} from './key/state.ts';
export { organization } from './organization/decide.ts';
export { LONGEST_INVITATION_MS } from './organization/invitations.ts';
export type {
  CreateOrganization,
  RenameOrganization,
  ChangePolicy,
  ChangeOrganizationState,
  InviteMember,
  RevokeInvitation,
  AcceptInvitation,
  ChangeMemberRole,
  ChangeMemberState,
  OrganizationCommand,
} from './organization/commands.ts';
export {
  organizationCodec,
  noOrganization,
  DEFAULT_POLICY,
  evolveInvitation,
  type OrganizationCreated,
  type OrganizationRenamed,
  type OrganizationPolicyChanged,
  type OrganizationSuspended,
  type OrganizationResumed,
  type MemberInvited,
  type InvitationRevoked,
  type InvitationAccepted,
  type MemberRoleChanged,
  type MemberSuspended,
  type MemberResumed,
  type MemberRemoved,
  type OrganizationEvent,
  type MemberOfOrganization,
  type InvitationToOrganization,
  type KnownOrganization,
  type OrganizationState,
} from './organization/events.ts';
export { server } from './server/decide.ts';
export type { CreateServer, UpdateServer, RemoveServer, ServerCommand } from './server/commands.ts';
export {
  serverCodec,
  noServer,
  evolveServer,
  type ServerCreated,
  type ServerRenamed,
  type ServerUrlChanged,
  type ServerRemoved,
  type ServerEvent,
  type KnownServer,
  type ServerState,
} from './server/events.ts';
export { usageCodec, type KeyUsed, type UsageEvent } from './usage/events.ts';
export { user } from './user/decide.ts';
export { MOST_ERASED_AT_ONCE, type Erasure } from './user/erasure.ts';
export type { ChangeProfile, EraseProfile, StandingEvent, UserCommand } from './user/commands.ts';
export {
  userCodec,
  type UserProfileChanged,
  type UserProfileErased,
  type UserEvent,
  type UserState,
} from './user/events.ts';
export { requireToTell, webhook } from './webhook/decide.ts';
export type {
  CreateWebhook,
  UpdateWebhook,
  RotateWebhookSecret,
  DisableWebhook,
  EnableWebhook,
  RemoveWebhook,
  WithdrawWebhook,
  WebhookCommand,
} from './webhook/commands.ts';
export {
  webhookCodec,
  noWebhook,
  evolveWebhook,
  type WebhookCreated,
  type WebhookRenamed,
  type WebhookUrlChanged,
  type WebhookEventTypesChanged,
  type WebhookSecretRotated,
  type WebhookDisabled,
  type WebhookEnabled,
  type WebhookRemoved,
  type WebhookEvent,
  type KnownWebhook,
  type WebhookSecretPart,
  type WebhookState,
} from './webhook/events.ts';
