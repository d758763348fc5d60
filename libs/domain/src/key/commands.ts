/** Commands on keys of both kinds, as the decisions see them. Time, ids and credentials arrive in them. */
import type {
  Actor,
  AllowedOrigin,
  KeyKind,
  KeyTerms,
  OrganizationPolicy,
  RotateKeyInput,
} from '@mcpstack/contracts';
import type { AgentState } from '../agent/events.ts';
import type { Authority } from '../authority.ts';
import type { Credential } from './events.ts';

interface KeyCommandBase {
  /** ISO 8601, UTC. */
  at: string;
  actor: Actor;
  organizationId: string;
  keyId: string;
}
interface AuthorizedKeyCommand extends KeyCommandBase {
  /** `authorityOf` the actor in the organization; `undefined` for whoever has none there. */
  authority: Authority | undefined;
}

export interface CreateKey extends AuthorizedKeyCommand, KeyTerms {
  type: 'CreateKey';
  name: string;
  tags?: readonly string[];
  environment?: string;
  hint?: string;
  credential: Credential;
  policy: OrganizationPolicy;
  /** Of the ids in `scope`: those that are no agent or server in force of the organization. */
  unknownScopeIds: readonly string[];
}
/** Renames, tags, narrows. What is absent stays. */
export interface UpdateKey extends AuthorizedKeyCommand, Partial<KeyTerms> {
  type: 'UpdateKey';
  name?: string;
  tags?: readonly string[];
  /** Of the ids in `scope`: those that are no agent or server in force of the organization. */
  unknownScopeIds?: readonly string[];
}
export interface RotateKey extends AuthorizedKeyCommand {
  type: 'RotateKey';
  credential: Credential;
  hint?: string;
  previous: RotateKeyInput['previous'];
}
/** On a key of this kind; the other kind is not found. */
export interface ChangeKeyState extends AuthorizedKeyCommand {
  type: 'SuspendKey' | 'ResumeKey' | 'RevokeKey';
  kind: KeyKind;
}
/** The maker lost the rights that the key holds (G8). By the system; nobody's right is asked. */
export interface WithdrawKey extends KeyCommandBase {
  type: 'WithdrawKey';
}
/** By the system, for whoever showed that they have the secret. Publishable keys are no secret: left alone. */
export interface ReportKeyLeak extends KeyCommandBase {
  type: 'ReportKeyLeak';
  source: 'holder' | 'github';
}
/** By the system. */
export interface RecordExposure extends KeyCommandBase {
  type: 'RecordExposure';
}
/** By the system: writes what is due at `at`. */
export interface RecordKeyExpiry extends KeyCommandBase {
  type: 'RecordKeyExpiry';
}
/** By the system. */
export interface RecordSecretSeen extends KeyCommandBase {
  type: 'RecordSecretSeen';
  version: number;
}
export interface CreatePublicKey extends AuthorizedKeyCommand {
  type: 'CreatePublicKey';
  name: string;
  agentId: string;
  value: string;
  credential: Credential;
  origins: readonly AllowedOrigin[];
  development: boolean;
  expiresAt?: string;
  /** Of the stream of `agentId`. */
  agent: AgentState;
}
export interface UpdatePublicKey extends AuthorizedKeyCommand {
  type: 'UpdatePublicKey';
  name?: string;
  /** Those that stay. */
  origins?: readonly string[];
}
export interface AddTemporaryOrigin extends AuthorizedKeyCommand {
  type: 'AddTemporaryOrigin';
  origin: string;
  expiresAt: string;
  /** Of the key's agent. */
  agent: AgentState;
}
export type KeyCommand =
  | CreateKey
  | UpdateKey
  | RotateKey
  | ChangeKeyState
  | WithdrawKey
  | ReportKeyLeak
  | RecordExposure
  | RecordKeyExpiry
  | RecordSecretSeen
  | CreatePublicKey
  | UpdatePublicKey
  | AddTemporaryOrigin;
