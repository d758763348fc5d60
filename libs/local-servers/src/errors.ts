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
    super(message, options);
    this.name = 'LocalServerError';
    this.code = code;
    this.lastLines = options.lastLines ?? [];
  }
}
