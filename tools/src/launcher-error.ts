/** Something that the person at the terminal can put right; the message is one sentence that says how. */
export class LauncherError extends Error {
  readonly code: 'bad-setting' | 'unreachable' | 'port-in-use' | 'already-running' | 'main-job-failed';

  constructor(code: LauncherError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LauncherError';
    this.code = code;
  }
}
