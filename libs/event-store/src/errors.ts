/** What can go wrong with the log. A `switch` over `code` narrows. */
import type { ExpectedRevision, StreamName } from './event-store.ts';

/** The stream does not stand where the append expected it. Nothing was written by this call. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  readonly code = 'conflict';
  constructor(
    readonly stream: StreamName,
    readonly expected: ExpectedRevision,
    readonly actual: ExpectedRevision,
  ) {
    super(`stream ${stream} stands at ${actual}, not at ${expected}`);
  }
}

/** The log did not answer in time, or not at all. */
export class EventStoreUnavailableError extends Error {
  override readonly name = 'EventStoreUnavailableError';
  readonly code = 'unavailable';
  /** Of an append: it may have been written. Retry with the same ids and revision. */
  readonly inDoubt: boolean;
  constructor(message: string, options: { inDoubt: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.inDoubt = options.inDoubt;
  }
}

/** Another log is being brought into this one: what stands there is a part of it. */
export class LogIncompleteError extends EventStoreUnavailableError {
  constructor(where: string) {
    super(
      `The event log at ${where} is being restored, and not complete: finish the restoring (mcpstack-log), then start again.`,
      { inDoubt: false },
    );
  }
}

export class AccessDeniedError extends Error {
  override readonly name = 'AccessDeniedError';
  readonly code = 'access-denied';
}

export class AppendTooLargeError extends Error {
  override readonly name = 'AppendTooLargeError';
  readonly code = 'append-too-large';
}

export class StreamDeletedError extends Error {
  override readonly name = 'StreamDeletedError';
  readonly code = 'stream-deleted';
  constructor(readonly stream: StreamName) {
    super(`stream ${stream} was deleted`);
  }
}

/** The beginning of a stream that was to go has to stay. Nothing was changed. */
export class TruncationRefusedError extends Error {
  override readonly name = 'TruncationRefusedError';
  readonly code = 'truncation-refused';
  constructor(
    readonly stream: StreamName,
    readonly before: bigint,
    reason: string,
  ) {
    super(`stream ${stream} cannot be truncated before revision ${before}: ${reason}`);
  }
}

/** The URL of the log cannot be used as it is; the message says what to write instead. */
export class EventStoreUrlError extends Error {
  override readonly name = 'EventStoreUrlError';
  readonly code = 'bad-url';
}

/** Text that cannot name a stream or a category. Nothing was sent. */
export class InvalidStreamNameError extends Error {
  override readonly name = 'InvalidStreamNameError';
  readonly code = 'bad-stream-name';
  constructor(name: string) {
    super(
      `${JSON.stringify(name.slice(0, 80))} cannot name a stream: write <category>-<id> with letters, digits and _ (the id may hold dashes too).`,
    );
  }
}

/** The log holds what no adapter of ours wrote. Reading on would mean to skip it in silence. */
export class LogCorruptError extends Error {
  override readonly name = 'LogCorruptError';
  readonly code = 'log-corrupt';
  /** @param position of what is wrong in one place: no event at this position or before it is still to come. */
  constructor(
    message: string,
    readonly position?: bigint,
  ) {
    super(message);
  }
}

export type EventStoreError =
  | ConflictError
  | EventStoreUnavailableError
  | AccessDeniedError
  | AppendTooLargeError
  | StreamDeletedError
  | TruncationRefusedError
  | EventStoreUrlError
  | InvalidStreamNameError
  | LogCorruptError;
