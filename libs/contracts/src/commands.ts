/** Commands from the gateway and the scheduler to issuance: one envelope, one input and one output each. */
import type {
  AddDomainInput,
  AgentIdInput,
  AgentOutput,
  ContestDomainInput,
  CreateAgentInput,
  CreateServerInput,
  DomainIdInput,
  DomainOutput,
  RecordDomainCheckInput,
  RenameAgentInput,
  ServerIdInput,
  ServerOutput,
  UpdateServerInput,
} from './commands-agents.ts';
import type {
  AddTemporaryOriginInput,
  CreateKeyInput,
  CreateKeyOutput,
  CreatePublicKeyInput,
  ImportKeysInput,
  ImportKeysOutput,
  KeyIdInput,
  KeyOutput,
  PublicKeyOutput,
  RecordExposureInput,
  RecordKeyExpiryInput,
  RecordSecretSeenInput,
  RecordUsageInput,
  ReportCredentialsInput,
  ReportCredentialsOutput,
  RevokeKeysInput,
  RevokeKeysOutput,
  RotateKeyInput,
  UpdateKeyInput,
  UpdatePublicKeyInput,
} from './commands-keys.ts';
import type {
  AcceptInvitationInput,
  ChangeMemberRoleInput,
  ChangePolicyInput,
  ChangeProfileInput,
  CreateOrganizationInput,
  EraseProfileInput,
  InvitationIdInput,
  InviteMemberInput,
  InviteMemberOutput,
  MemberIdInput,
  MemberOutput,
  OrganizationIdInput,
  OrganizationOutput,
  RemovedMemberOutput,
  RenameOrganizationInput,
} from './commands-organizations.ts';
import type {
  CreateWebhookInput,
  CreateWebhookOutput,
  DisableWebhookInput,
  RotateWebhookSecretInput,
  UpdateWebhookInput,
  WebhookIdInput,
  WebhookOutput,
} from './commands-webhooks.ts';
import type { Actor } from './resources.ts';

export interface CommandEnvelope<Input> {
  /** UUID. The same for every retry of one command: event ids and new identifiers derive from it. */
  commandId: string;
  /** The HTTP request that asked for it; becomes `$correlationId`. */
  requestId: string;
  actor: Actor;
  /** SHA-256 of what was asked, so that one Idempotency-Key with another body is found out. */
  requestDigest: string;
  /** The caller's Idempotency-Key: opens the kept reply. Never logged, never stored. */
  idempotencyKey?: string;
  input: Input;
}

/** Every output carries the log position of the last event, decimal. */
export interface Positioned {
  position: string;
}

/**
 * A command that restricts (marked R) answers only when it is final (G3): no VALID that rests on what it took
 * away, for a request that begins after the reply. One marked S is for actors of type `system` alone.
 */
export interface CommandContracts {
  createOrganization: { input: CreateOrganizationInput; output: OrganizationOutput };
  renameOrganization: { input: RenameOrganizationInput; output: OrganizationOutput };
  changePolicy: { input: ChangePolicyInput; output: OrganizationOutput };
  /** R */
  suspendOrganization: { input: OrganizationIdInput; output: OrganizationOutput };
  resumeOrganization: { input: OrganizationIdInput; output: OrganizationOutput };

  inviteMember: { input: InviteMemberInput; output: InviteMemberOutput };
  revokeInvitation: { input: InvitationIdInput; output: Positioned };
  acceptInvitation: { input: AcceptInvitationInput; output: MemberOutput };
  /** R when it takes rights away, also from keys that the member made. */
  changeMemberRole: { input: ChangeMemberRoleInput; output: MemberOutput };
  /** R */
  suspendMember: { input: MemberIdInput; output: MemberOutput };
  resumeMember: { input: MemberIdInput; output: MemberOutput };
  /** R. Members may remove themselves; the last owner may not. */
  removeMember: { input: MemberIdInput; output: RemovedMemberOutput };
  changeProfile: { input: ChangeProfileInput; output: Positioned };
  eraseProfile: { input: EraseProfileInput; output: Positioned };

  createAgent: { input: CreateAgentInput; output: AgentOutput };
  renameAgent: { input: RenameAgentInput; output: AgentOutput };
  /** R: its publishable keys end with it. */
  removeAgent: { input: AgentIdInput; output: Positioned };
  addDomain: { input: AddDomainInput; output: DomainOutput };
  /** R: origins under it are allowed no more. */
  removeDomain: { input: DomainIdInput; output: Positioned };
  /** S; R when the domain lapses. */
  recordDomainCheck: { input: RecordDomainCheckInput; output: DomainOutput };
  /** S, R: another organization has proven the same domain later. */
  contestDomain: { input: ContestDomainInput; output: DomainOutput };
  createServer: { input: CreateServerInput; output: ServerOutput };
  updateServer: { input: UpdateServerInput; output: ServerOutput };
  removeServer: { input: ServerIdInput; output: Positioned };

  createKey: { input: CreateKeyInput; output: CreateKeyOutput };
  importKeys: { input: ImportKeysInput; output: ImportKeysOutput };
  /** R when it narrows. */
  updateKey: { input: UpdateKeyInput; output: KeyOutput };
  /** R: what the old secret lost is lost when this answers. */
  rotateKey: { input: RotateKeyInput; output: CreateKeyOutput };
  /** R */
  suspendKey: { input: KeyIdInput; output: Positioned };
  resumeKey: { input: KeyIdInput; output: Positioned };
  /** R */
  revokeKey: { input: KeyIdInput; output: Positioned };
  /** R */
  revokeKeys: { input: RevokeKeysInput; output: RevokeKeysOutput };
  /** S, R */
  reportCredentials: { input: ReportCredentialsInput; output: ReportCredentialsOutput };
  /** S */
  recordExposure: { input: RecordExposureInput; output: Positioned };
  /** S */
  recordKeyExpiry: { input: RecordKeyExpiryInput; output: Positioned };
  /** S */
  recordSecretSeen: { input: RecordSecretSeenInput; output: Positioned };
  /** S */
  recordUsage: { input: RecordUsageInput; output: Positioned };
  createPublicKey: { input: CreatePublicKeyInput; output: PublicKeyOutput };
  /** R when an origin goes. */
  updatePublicKey: { input: UpdatePublicKeyInput; output: PublicKeyOutput };
  addTemporaryOrigin: { input: AddTemporaryOriginInput; output: PublicKeyOutput };

  createWebhook: { input: CreateWebhookInput; output: CreateWebhookOutput };
  updateWebhook: { input: UpdateWebhookInput; output: WebhookOutput };
  rotateWebhookSecret: { input: RotateWebhookSecretInput; output: CreateWebhookOutput };
  /** S unless it is `requested`. */
  disableWebhook: { input: DisableWebhookInput; output: WebhookOutput };
  enableWebhook: { input: WebhookIdInput; output: WebhookOutput };
  removeWebhook: { input: WebhookIdInput; output: Positioned };
}

/** Asked of the active projection by issuance. */
export interface ConfirmRequest {
  /** Log position, decimal. `-1`, before the first event: asks only whether a projection is active. */
  position: string;
  /**
   * `visible`: the read models hold it. `final`: they hold it, and no reader may still answer from a
   * primary of before this projection's session.
   */
  need: 'visible' | 'final';
  /** Give up after this long. Milliseconds. */
  timeoutMs: number;
}
export interface ConfirmReply {
  confirmed: boolean;
  /** Why not, for the log. */
  reason?: string;
}

/** Asked of the active projection by issuance, over `KEYS_OF_MAKER_SUBJECT`. */
export interface KeysOfMakerRequest {
  organizationId: string;
  maker: Actor;
  /** Answer only once the read models hold this position. Decimal. */
  position: string;
  /** Give up after this long. Milliseconds. */
  timeoutMs: number;
}
/**
 * Service keys that `maker` made: those in force (neither revoked nor expired), and of those that have ended the ones
 * that made keys themselves, because these may still be in force. Absent: no answer can be given now.
 */
export interface KeysOfMakerReply {
  keyIds?: readonly string[];
  reason?: string;
}

/** Asked of the scheduler by the gateway, over `CHECK_DOMAIN_SUBJECT`; answered within 15 seconds. */
export interface CheckDomainRequest extends DomainIdInput {
  requestId: string;
}
export interface CheckDomainReply {
  /** Absent when there is no such domain, or the result could not be recorded. */
  domain?: DomainOutput['domain'];
  position?: string;
  /** What was looked for and found, for the person who set the record. */
  found?: {
    dns: { name: string; ok: boolean; values: readonly string[]; problem?: string };
    file: { url: string; ok: boolean; problem?: string };
  };
  /** `not-found`, or `unavailable`. */
  problem?: 'not-found' | 'unavailable';
}
