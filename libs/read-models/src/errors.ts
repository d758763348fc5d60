/** What can go wrong with the read models. A `switch` over `code` narrows. */

/** Why the read models cannot be read or written now; for logs and health, never for callers. */
export type UnavailableReason =
  /** No connection, or it broke. */
  | 'disconnected'
  /** No answer within the deadline: hung, half-open or far too slow. The connection was dropped. */
  | 'timed-out'
  /** The server is not a primary. */
  | 'not-primary'
  /** No generation is in force: emptied, or not built yet. */
  | 'not-built'
  /** The server answered with an error of its own (loading, out of memory, …). */
  | 'server-error'
  /** Too many calls wait already. */
  | 'overloaded'
  /** The data asked for is parked behind an event that could not be read. */
  | 'parked'
  | 'closed';

/** The read models cannot answer now. Nothing may be concluded from it. */
export class ReadModelsUnavailableError extends Error {
  override readonly name = 'ReadModelsUnavailableError';
  readonly code = 'unavailable';
  constructor(
    readonly reason: UnavailableReason,
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
  }
}

/** A cursor that no list of ours ever answered. */
export class BadCursorError extends Error {
  override readonly name = 'BadCursorError';
  readonly code = 'bad-cursor';
}

/**
 * The data set or the server is no longer this writer's: another session began, another identity answers,
 * or the data was emptied. Nothing was written; the writer must begin a new session.
 */
export class SessionEndedError extends Error {
  override readonly name = 'SessionEndedError';
  readonly code = 'session-ended';
}

export type ReadModelsError = ReadModelsUnavailableError | BadCursorError | SessionEndedError;
