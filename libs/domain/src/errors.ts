/** What can be wrong with a stored event. Messages name types, fields and rules, never a value. */

/** An event of our own categories that this version does not know. Never skipped in silence (G10). */
export class UnknownEventError extends Error {
  override readonly name = 'UnknownEventError';
  readonly code = 'unknown-event';
}

/** The event is one of ours, but its data or metadata does not fit the schema. */
export class InvalidEventError extends Error {
  override readonly name = 'InvalidEventError';
  readonly code = 'invalid-event';
}
