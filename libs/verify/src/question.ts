/** What a service asks about a key, and how it is told to be the same question as another one. */
import { hash } from 'node:crypto';
import {
  DEFAULT_TOKEN_PREFIX,
  DIGEST_SHAPE,
  isTokenDigest,
  mayBeKey,
  NO_KEY,
  type VerifyRequest,
} from '@mcpstack/contracts';

/**
 * One check. Exactly one of `key` and `digest` is given; the key itself never leaves the process. A field of the
 * wrong shape, or one that is not known, is answered MALFORMED.
 */
export type Question = Omit<VerifyRequest, 'reused' | 'refresh'>;

/** Longer keys are refused before they are hashed. */
const MAX_KEY_LENGTH = 512;
/** A header may be longer; what tells the family stands at its beginning. */
const MAX_USER_AGENT_LENGTH = 512;
const LINE_FEED = 10;

/** A third of the time that `createHash` takes. */
const digestOf = (key: string): string => hash('sha256', key, 'hex');

/** What a question is about. Questions that agree in both have the same answer. */
export interface Identity {
  /** SHA-256 of the key, if `isTokenDigest`. */
  digest: string;
  /** Every other field that the answer depends on. */
  fields: string;
}

/**
 * The identity of a question; `undefined` for one that is answered for its one use alone (`position`, a `cost`
 * other than 1), and for one that is malformed as far as this looks. Every check passes here, so nothing is looked
 * at twice: what is no key was never VALID, and finds nothing.
 *
 * A permission alone is its own text, which costs nothing. Otherwise each field has its name and its length before
 * it: so no field that holds what looks like another one passes for two.
 */
export function identityOf(question: Question): Identity | undefined {
  let digest: string | undefined;
  let permission = '';
  let others = '';
  // In the order in which they stand: another order is another text, and merely asked again.
  for (const field in question) {
    const value = (question as Record<string, unknown>)[field];
    if (value === undefined || field === 'userAgent') continue;
    if (field === 'key') {
      if (digest !== undefined || typeof value !== 'string' || value.length > MAX_KEY_LENGTH)
        return undefined;
      digest = digestOf(value);
    } else if (field === 'digest') {
      if (digest !== undefined || typeof value !== 'string') return undefined;
      digest = value;
    } else if (field === 'permission') {
      // An empty one, or one that begins with a line feed, is another text's.
      if (typeof value !== 'string' || !(value.charCodeAt(0) > LINE_FEED)) return undefined;
      permission = value;
    } else if (field === 'origin' || field === 'ip') {
      if (typeof value !== 'string') return undefined;
      others += part(field, value);
    } else if (field === 'expect') {
      const expected = expectation(value);
      if (expected === undefined) return undefined;
      others += expected;
    } else if (field !== 'cost' || value !== 1) {
      return undefined;
    }
  }
  if (digest === undefined) return undefined;
  return { digest, fields: others === '' ? permission : part('permission', permission) + others };
}

function part(name: string, value: string): string {
  return `\n${name}:${value.length}:${value}`;
}

const EXPECTATIONS: ReadonlySet<string> = new Set(['kind', 'agentId', 'serverId']);

function expectation(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  let text = '';
  for (const field in value) {
    const expected = (value as Record<string, unknown>)[field];
    if (expected === undefined) continue;
    if (typeof expected !== 'string' || !EXPECTATIONS.has(field)) return undefined;
    text += part(`expect.${field}`, expected);
  }
  return text;
}

export type ReadQuestion =
  | {
      ok: true;
      /** The question as JSON, without the closing brace. */
      text: string;
      /** It may wait for long, so that no other one should wait with it. */
      isSlow: boolean;
    }
  /** What is wrong, for people; names fields, never values. */
  | { ok: false; message: string };

const FIELDS: ReadonlySet<string> = new Set([
  'key',
  'digest',
  'permission',
  'expect',
  'origin',
  'ip',
  'userAgent',
  'cost',
  'position',
]);

/** Reads a question that must be asked. `identity` as `identityOf` told it. */
export function readQuestion(
  question: Question,
  identity: Identity | undefined,
  prefix = DEFAULT_TOKEN_PREFIX,
): ReadQuestion {
  if (typeof question !== 'object' || question === null) return wrong('the question is not an object');
  for (const field in question) {
    if (!FIELDS.has(field))
      return wrong(`the question has a field that is not known here: there are ${[...FIELDS].join(', ')}`);
  }
  const { key, digest, permission, expect, origin, ip, userAgent, cost, position } = question;
  if ((key === undefined) === (digest === undefined)) return wrong('exactly one of key and digest is needed');
  if (digest !== undefined && !isTokenDigest(digest))
    return wrong(`digest is malformed: write ${DIGEST_SHAPE}`);
  if (key !== undefined && !mayBeKey(key, prefix)) return wrong(`key is no API key: ${NO_KEY}`);
  try {
    const text = JSON.stringify({
      digest: identity?.digest ?? digest ?? digestOf(key!),
      permission,
      expect,
      origin,
      ip,
      userAgent: typeof userAgent === 'string' ? userAgent.slice(0, MAX_USER_AGENT_LENGTH) : userAgent,
      cost,
      position,
    });
    return { ok: true, text: text.slice(0, -1), isSlow: position !== undefined };
  } catch {
    return wrong('the question cannot be written as JSON');
  }
}

function wrong(message: string): ReadQuestion {
  return { ok: false, message };
}
