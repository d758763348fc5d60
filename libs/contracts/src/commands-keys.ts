/** Commands on service keys and publishable keys. */
import type { Positioned } from './commands.ts';
import type { OrganizationIdInput } from './commands-organizations.ts';
import { deriveId } from './ids.ts';
import type { WireProblem } from './problems.ts';
import type {
  AllowedOrigin,
  ApiKey,
  KeyScope,
  LastUsedFrom,
  PublicKey,
  Quota,
  RateLimit,
} from './resources.ts';
import type { Permission, Role } from './roles.ts';
import type { KeyKind } from './token.ts';

/** What a service key may be. */
export interface KeyTerms {
  role: Role;
  /** Narrows the role to these; absent means all that the role may. */
  permissions?: readonly Permission[];
  scope?: KeyScope;
  expiresAt?: string;
  /** CIDR blocks or addresses, v4 and v6, at most 64. Host bits beyond the prefix are an error. */
  allowedIps?: readonly string[];
  limits?: readonly RateLimit[];
  quotas?: readonly Quota[];
}

export interface CreateKeyInput extends OrganizationIdInput, KeyTerms {
  name: string;
  tags?: readonly string[];
  environment?: string;
  /** SHA-256 of a token that the client made, hexadecimal. Then no secret is made or shown. */
  digest?: string;
}
export interface CreateKeyOutput extends Positioned {
  key: ApiKey;
  /** Shown once. Absent for a client-made one; and when a retry cannot open the kept reply. */
  secret?: string;
  /** A retry whose secret was shown before and cannot be shown again. */
  secretAlreadyShown?: true;
}

export interface ImportKeysInput extends OrganizationIdInput {
  /** 1 to 1,000; each is answered by itself. */
  keys: readonly ImportedKey[];
}
export interface ImportedKey extends KeyTerms {
  name: string;
  tags?: readonly string[];
  environment?: string;
  /** SHA-256 of the token, hexadecimal. */
  digest: string;
  /** How the token begins, such as `acme_live_`: at most 16 characters. */
  hint?: string;
}
export interface ImportKeysOutput extends Positioned {
  /** One for each key, in order. */
  results: readonly ({ key: ApiKey } | { problem: WireProblem })[];
}

/** The id of a key that an import makes: whoever sends the same import again knows its own keys by it. */
export function importedKeyId(commandId: string, digest: string): string {
  return deriveId('key', `${commandId}:${digest}`);
}

/** `kind`: a key of the other kind is not found. */
export interface KeyIdInput extends OrganizationIdInput {
  keyId: string;
  kind: KeyKind;
}

/** Renames, tags, narrows. What is absent stays. Each of the terms may only become narrower. */
export interface UpdateKeyInput extends OrganizationIdInput, Partial<KeyTerms> {
  keyId: string;
  name?: string;
  tags?: readonly string[];
  ifRevision?: string;
}
export interface KeyOutput extends Positioned {
  key: ApiKey;
}

export interface RotateKeyInput extends OrganizationIdInput {
  keyId: string;
  /**
   * How long the current secret still works: 0 to 7 days; or until the new one has been seen in use, and 7
   * days at most.
   */
  previous: { validForMs: number } | { untilNextSeen: true };
  /** SHA-256 of a token that the client made. */
  digest?: string;
}
export const LONGEST_OVERLAP_MS = 7 * 24 * 60 * 60 * 1_000;

export interface RevokeKeysInput extends OrganizationIdInput {
  /** 1 to 1,000 service keys. */
  keyIds: readonly string[];
}
export interface RevokeKeysOutput extends Positioned {
  /** Those that this command revoked; a repetition names them again. */
  revokedKeyIds: readonly string[];
}

export interface ReportCredentialsInput {
  /** 1 to 1,000. One whose digest is not that of a working secret of the key is passed over. */
  credentials: readonly { organizationId: string; keyId: string; digest: string }[];
  /** `holder`: whoever has the secret ends it. `github`: secret scanning found it. */
  source: 'holder' | 'github';
}
export interface ReportCredentialsOutput extends Positioned {
  revokedKeyIds: readonly string[];
}

export interface RecordExposureInput extends OrganizationIdInput {
  keyId: string;
}
/** Writes what is due by the clock: KeyExpiring, KeyExpired. */
export interface RecordKeyExpiryInput extends OrganizationIdInput {
  keyId: string;
}
export interface RecordSecretSeenInput extends OrganizationIdInput {
  keyId: string;
  /** Of the secret that was used. */
  version: number;
}
/**
 * Uses that one authorizer counted. `source` and `number` make a repetition count once: a key's uses are sent again,
 * under the same number, until they are taken, and only then are its next ones sent, under a higher number.
 */
export interface RecordUsageInput {
  /** One run of one authorizer: 16 to 36 of A-Z, a-z, 0-9, dash, underscore. */
  source: string;
  /** Of the source's batches: 1, 2, 3, … */
  number: number;
  windows: readonly UsageWindow[];
}
export interface UsageWindow {
  keyId: string;
  organizationId: string;
  from: string;
  to: string;
  /** VALID answers. */
  count: number;
  lastUsedAt: string;
  lastUsedFrom?: LastUsedFrom;
}

export interface CreatePublicKeyInput extends OrganizationIdInput {
  name: string;
  agentId: string;
  /** 1 to 50. */
  origins: readonly AllowedOrigin[];
  development?: boolean;
  expiresAt?: string;
}
export interface UpdatePublicKeyInput extends OrganizationIdInput {
  keyId: string;
  name?: string;
  /** The origins that stay; nothing else may be named. */
  origins?: readonly string[];
  ifRevision?: string;
}
/** Widens a publishable key for a while: the one exception to "only narrower", bounded by 7 days. */
export interface AddTemporaryOriginInput extends OrganizationIdInput {
  keyId: string;
  origin: string;
  expiresAt: string;
}
export interface PublicKeyOutput extends Positioned {
  publicKey: PublicKey;
}
