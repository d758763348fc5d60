/** The rules of MCPStack Keys: events, state, decisions. */
export type { Decider, DomainEvent, EncodedEvent, EventCodec, EventMetadata } from './decider.ts';
export { InvalidEventError, UnknownEventError } from './errors.ts';
export type { DescribedCodec } from './codec.ts';
export { CATEGORIES, categoryOf, codecFor, streamName, type Category } from './categories.ts';
export { authorityOf, type Authority } from './authority.ts';
export { notFound } from './refusals.ts';
export { organization, type CreateOrganization, type OrganizationCommand } from './organization/decide.ts';
export {
  evolveOrganization,
  organizationCodec,
  type OrganizationCreated,
  type OrganizationEvent,
  type OrganizationState,
} from './organization/events.ts';
export {
  key,
  type CreateKey,
  type KeyCommand,
  type RenameKey,
  type RevokeKey,
  type WithdrawKey,
} from './key/decide.ts';
export {
  evolveKey,
  keyCodec,
  type ActiveKey,
  type Credential,
  type KeyCreated,
  type KeyEvent,
  type KeyRenamed,
  type KeyRevoked,
  type KeyState,
  type RevokedKey,
} from './key/events.ts';
