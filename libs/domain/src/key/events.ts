/**
 * Keys of both kinds: their events. These names and shapes are a storage format (G10): never edit, add. What they
 * come to is in state.ts.
 */
import { REVOCATION_REASONS } from '@mcpstack/contracts';
import { z } from 'zod';
import { eventCodec, firstVersion, nextVersion } from '../codec.ts';
import type { DomainEvent } from '../decider.ts';
import { credential, id, limit, name, permission, quota, role, scope, text, time } from '../schemas.ts';

const keyCreatedV1 = z.strictObject({
  keyId: id('key'),
  organizationId: id('org'),
  kind: z.literal('service'),
  name,
  role,
  /** Narrows the role to these; absent means all that the role may. */
  permissions: z.array(permission).exactOptional(),
  credential,
});
/** What may become narrower later. */
const terms = {
  scope: scope.exactOptional(),
  expiresAt: time.exactOptional(),
  allowedIps: z.array(text).exactOptional(),
  limits: z.array(limit).exactOptional(),
  quotas: z.array(quota).exactOptional(),
};
const keyCreated = keyCreatedV1.extend({
  ...terms,
  tags: z.array(text).exactOptional(),
  environment: text.exactOptional(),
  /** How a token of another make begins. */
  hint: text.exactOptional(),
});
const keyRenamed = z.strictObject({ name });
const keyTagged = z.strictObject({ tags: z.array(text) });
/** Each field that changed, with its whole new value. */
const keyNarrowed = z.strictObject({
  role: role.exactOptional(),
  permissions: z.array(permission).exactOptional(),
  ...terms,
});
const keyRotated = z.strictObject({
  /** Of the new secret: one more than the last. */
  version: z.int().min(2),
  credential,
  hint: text.exactOptional(),
  /** How the secret before it ends; all older ones end now. */
  previous: z.strictObject({
    validUntil: time,
    /** Or earlier, once the new one has been seen in use. */
    untilNextSeen: z.literal(true).exactOptional(),
  }),
});
/** The new secret was seen in use: this one ends. */
const keySecretRetired = z.strictObject({ version: z.int().min(1) });
const nothing = z.strictObject({});
const keyRevokedV1 = z.strictObject({
  /** `maker-lost-rights`: taken back by issuance before anyone saw the secret (G8). */
  reason: z.enum(['requested', 'maker-lost-rights']),
});
const keyRevoked = z.strictObject({
  reason: z.enum(REVOCATION_REASONS),
  /** Who found a leaked one. */
  source: text.exactOptional(),
});
const keyExpiring = z.strictObject({
  expiresAt: time,
  daysBefore: z.union([z.literal(30), z.literal(7), z.literal(1)]),
});
const keyExpired = z.strictObject({ expiresAt: time });

const allowedOrigin = z.strictObject({ origin: text, expiresAt: time.exactOptional() });
const publicKeyCreated = z.strictObject({
  keyId: id('key'),
  organizationId: id('org'),
  agentId: id('agent'),
  name,
  /** The token itself: no secret. */
  value: text,
  credential,
  origins: z.array(allowedOrigin),
  development: z.boolean(),
  expiresAt: time.exactOptional(),
});
const publicKeyOriginAdded = z.strictObject({ origin: text, expiresAt: time });
const publicKeyOriginRemoved = z.strictObject({ origin: text });

type Of<Type extends string, Schema extends z.ZodType> = DomainEvent<Type, z.infer<Schema>>;
export type KeyCreated = Of<'KeyCreated', typeof keyCreated>;
export type KeyRenamed = Of<'KeyRenamed', typeof keyRenamed>;
export type KeyTagged = Of<'KeyTagged', typeof keyTagged>;
export type KeyNarrowed = Of<'KeyNarrowed', typeof keyNarrowed>;
export type KeyRotated = Of<'KeyRotated', typeof keyRotated>;
export type KeySecretRetired = Of<'KeySecretRetired', typeof keySecretRetired>;
export type KeySuspended = Of<'KeySuspended', typeof nothing>;
export type KeyResumed = Of<'KeyResumed', typeof nothing>;
export type KeyRevoked = Of<'KeyRevoked', typeof keyRevoked>;
export type KeyExpiring = Of<'KeyExpiring', typeof keyExpiring>;
export type KeyExpired = Of<'KeyExpired', typeof keyExpired>;
/** The secret was sent by a web page, where everybody can read it. */
export type KeyExposed = Of<'KeyExposed', typeof nothing>;
export type PublicKeyCreated = Of<'PublicKeyCreated', typeof publicKeyCreated>;
export type PublicKeyOriginAdded = Of<'PublicKeyOriginAdded', typeof publicKeyOriginAdded>;
export type PublicKeyOriginRemoved = Of<'PublicKeyOriginRemoved', typeof publicKeyOriginRemoved>;
export type KeyEvent =
  | KeyCreated
  | KeyRenamed
  | KeyTagged
  | KeyNarrowed
  | KeyRotated
  | KeySecretRetired
  | KeySuspended
  | KeyResumed
  | KeyRevoked
  | KeyExpiring
  | KeyExpired
  | KeyExposed
  | PublicKeyCreated
  | PublicKeyOriginAdded
  | PublicKeyOriginRemoved;

export const keyCodec = eventCodec<KeyEvent>({
  KeyCreated: nextVersion(firstVersion(keyCreatedV1), keyCreated, (before) => before),
  KeyRenamed: firstVersion(keyRenamed),
  KeyTagged: firstVersion(keyTagged),
  KeyNarrowed: firstVersion(keyNarrowed),
  KeyRotated: firstVersion(keyRotated),
  KeySecretRetired: firstVersion(keySecretRetired),
  KeySuspended: firstVersion(nothing),
  KeyResumed: firstVersion(nothing),
  KeyRevoked: nextVersion(firstVersion(keyRevokedV1), keyRevoked, (before) => before),
  KeyExpiring: firstVersion(keyExpiring),
  KeyExpired: firstVersion(keyExpired),
  KeyExposed: firstVersion(nothing),
  PublicKeyCreated: firstVersion(publicKeyCreated),
  PublicKeyOriginAdded: firstVersion(publicKeyOriginAdded),
  PublicKeyOriginRemoved: firstVersion(publicKeyOriginRemoved),
});

/** What is stored of a secret: enough to recognize it with the pepper at hand, too little without. */
export type Credential = KeyCreated['data']['credential'];
