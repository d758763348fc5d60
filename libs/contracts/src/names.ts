/** Names that people give to organizations and keys, and their own addresses: one rule at every edge. */

/** Longest name, in Unicode code points. */
export const MAX_NAME_LENGTH = 100;

/**
 * What is wrong with a name, as a sentence for the caller; `undefined` when nothing is. A name is stored
 * as it was given and never corrected in silence: 1 to 100 code points, no white space at either end, no
 * control character or line separator (log lines), no bidirectional control (a name that reads as
 * another), no lone surrogate (has no UTF-8 form, so it would not come back as it was sent), and no key
 * that was pasted into the wrong field (a name is stored and shown).
 */
export function nameProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value.length === 0) return 'must not be empty';
  // A code point takes at most two UTF-16 units: an overlong text is refused before it is looked at.
  if (value.length > 2 * MAX_NAME_LENGTH || [...value].length > MAX_NAME_LENGTH)
    return `must have at most ${MAX_NAME_LENGTH} characters`;
  if (/\p{Surrogate}/u.test(value)) return 'must not contain a lone surrogate';
  if (/[\p{Control}\u2028\u2029]/u.test(value)) return 'must not contain control characters';
  if (/\p{Bidi_Control}/u.test(value)) return 'must not contain bidirectional control characters';
  if (/_[sp]k_[0-9A-Za-z]{40}/.test(value)) return 'must not contain a key';
  if (value.trim() !== value) return 'must not begin or end with white space';
  return undefined;
}

/**
 * What is wrong with an e-mail address, as a sentence for the caller; `undefined` when nothing is. Whether mail
 * arrives is told by sending one; this keeps out what can be none. A host without a dot passes: `owner@localhost`
 * is an address, and so are those of an intranet. RFC 5321, section 4.5.3.1: 64 and 254 octets.
 */
export function emailProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value.length > 254) return 'must have at most 254 characters';
  if (/[\s\p{C}\p{Bidi_Control}<>"]/u.test(value)) return 'must not contain white space, quotes or brackets';
  return /^[^@]{1,64}@[^@.]+(\.[^@.]+)*$/.test(value)
    ? undefined
    : 'must be an address such as ada@example.com';
}
