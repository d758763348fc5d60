/** Failures as the command tells them: one sentence, and the exit code. */

export const EXIT = {
  fine: 0,
  /** The answer is no: the logs differ, the file is damaged, the target holds something else. */
  wrong: 1,
  usage: 2,
  /** No log, no permission, no space: it could not be done. */
  failed: 3,
} as const;

export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    readonly outcome: Exclude<keyof typeof EXIT, 'fine'>,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
