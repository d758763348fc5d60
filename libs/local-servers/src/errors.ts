/** What can go wrong with a server that we start ourselves: one sentence each, for the person at the terminal. */
export type LocalServerErrorCode =
  | 'server-missing'
  | 'server-too-old'
  | 'install-failed'
  | 'port-in-use'
  | 'data-folder-unwritable'
  | 'start-failed'
  | 'ended'
  | 'timed-out';

export class LocalServerError extends Error {
  readonly code: LocalServerErrorCode;
  /** The last lines of the process that it is about. */
  readonly lastLines: readonly string[];

  constructor(
    code: LocalServerErrorCode,
    message: string,
    options: ErrorOptions & { lastLines?: readonly string[] } = {},
  ) {
    const lastLines = options.lastLines ?? [];
    // What a test runner prints of an error is its message and its cause.
    super(message, { cause: options.cause ?? (lastLines.length > 0 ? lastLines.join('\n') : undefined) });
    this.name = 'LocalServerError';
    this.code = code;
    this.lastLines = lastLines;
  }
}
