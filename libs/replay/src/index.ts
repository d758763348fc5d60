/** The log folded once more, for auditors: see fold.ts. */
export { LogFold, type BrokenStream, type Fault, type FoldOptions } from './fold.ts';
export {
  hasEnded,
  type AuditedAgent,
  type AuditedDomain,
  type AuditedInvitation,
  type AuditedKey,
  type AuditedMember,
  type AuditedOrganization,
  type AuditedPublishableKey,
  type AuditedSecret,
  type AuditedServer,
  type AuditedServiceKey,
  type AuditedUsage,
  type AuditedUser,
  type AuditedWebhook,
  type LogState,
} from './state.ts';
export {
  expectedNames,
  expectedValue,
  isLogName,
  READ_MODELS_SCHEMA,
  type ExpectedName,
  type NameKind,
} from './read-models.ts';
export { markOf, type ToldMark } from './told.ts';
