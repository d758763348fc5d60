/** The published language of MCPStack Keys. */
export { base62 } from './base62.ts';
export { deriveId, ID_PREFIXES, isId, newId, type IdKind } from './ids.ts';
export { MAX_NAME_LENGTH, nameProblem } from './names.ts';
export {
  isPermission,
  isRole,
  PERMISSIONS,
  permissionsOf,
  ROLE_PERMISSIONS,
  ROLES,
  type Permission,
  type Role,
} from './roles.ts';
export {
  DEFAULT_TOKEN_PREFIX,
  isTokenDigest,
  makeToken,
  tokenDigest,
  tokenKind,
  type KeyKind,
} from './token.ts';
export {
  BUCKETS,
  COMMAND_SUBJECTS,
  CONFIRM_SUBJECT,
  QUEUE_GROUPS,
  REBUILD_SUBJECT,
  VERIFY_SUBJECT,
  type CommandName,
} from './subjects.ts';
export { VERIFY_CODES, type VerifyCode, type VerifyReply, type VerifyRequest } from './verify.ts';
export {
  fromWireProblem,
  ProblemError,
  PROBLEMS,
  problemType,
  toWireProblem,
  type FieldError,
  type Problem,
  type ProblemCode,
  type WireProblem,
} from './problems.ts';
export type {
  Actor,
  ApiKey,
  CommandContracts,
  CommandEnvelope,
  ConfirmReply,
  ConfirmRequest,
  CreateKeyInput,
  CreateKeyOutput,
  CreateOrganizationInput,
  CreateOrganizationOutput,
  RenameKeyInput,
  RenameKeyOutput,
  RevokeKeyInput,
  RevokeKeyOutput,
} from './commands.ts';
export { DEFAULT_FRESHNESS, withMargin, type FreshnessSettings } from './freshness.ts';
export { parseNatsUrl, type NatsServers } from './nats-url.ts';
export { uuidFrom } from './uuid.ts';
