/** Identifiers: opaque, prefixed by kind, never carrying personal data. */
import { createHash, randomBytes } from 'node:crypto';
import { base62 } from './base62.ts';

/** The kinds of identifier and the prefix each is spelled with. */
export const ID_PREFIXES = {
  organization: 'org',
  key: 'key',
  user: 'user',
  invitation: 'inv',
  agent: 'agent',
  domain: 'dom',
  server: 'srv',
  session: 'ses',
  webhook: 'whk',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/** 128 random bits in base62 are at most 22 characters; we always write 22. */
const BODY_LENGTH = 22;
const BODY = /^[0-9A-Za-z]{1,64}$/;

/** A new random identifier, for example `org_4fZ…` (prefix, underscore, 22 base62 characters). */
export function newId(kind: IdKind): string {
  return `${ID_PREFIXES[kind]}_${base62(randomBytes(16), BODY_LENGTH)}`;
}

/**
 * The identifier that a command creates, always the same for one command id: a retried create meets
 * the stream that its first try wrote.
 */
export function deriveId(kind: IdKind, commandId: string): string {
  const digest = createHash('sha256').update(`${kind}:${commandId}`).digest();
  return `${ID_PREFIXES[kind]}_${base62(digest.subarray(0, 16), BODY_LENGTH)}`;
}

/** Whether `value` is spelled as an identifier of this kind. Says nothing of whether it exists. */
export function isId(kind: IdKind, value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const prefix = `${ID_PREFIXES[kind]}_`;
  return value.startsWith(prefix) && BODY.test(value.slice(prefix.length));
}
