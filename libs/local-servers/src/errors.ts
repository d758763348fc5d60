/** What can go wrong with a server that we start ourselves: one sentence each, for the person at the terminal. */
export type LocalServerErrorCode =
  | 'server-missing'
  | 'server-too-old'
  | 'install-failed'
  | 'port-in-use'
  | 'data-folder-unwritable'
  | 'start-failed'
  | 'timed-out';

export class LocalServerError extends Error {
  readonly code: LocalServerErrorCode;

  constructor(code: LocalServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LocalServerError';
    this.code = code;
  }
}
