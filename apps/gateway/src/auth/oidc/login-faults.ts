/** Why a login did not come about. Each fault has its page; what the operator has to know goes into the log. */

export const LOGIN_FAULTS = {
  /** OIDC_ISSUER is not set. */
  'not-set-up': 404,
  /** The provider is down, slow, or answers something that is no answer. */
  'provider-down': 503,
  /** The provider answers, but not as the settings of this gateway have it. */
  'provider-unusable': 503,
  /** Begun in another browser, used already, or too long ago. */
  'unknown-state': 400,
  /** The provider said no, such as `access_denied`. */
  'provider-refused': 400,
  /** The provider does not take the code: used already, or run out. */
  'code-refused': 400,
  /** What the provider answered proves nothing. */
  'token-refused': 400,
  /** The clocks here and at the provider differ. */
  'clock-off': 400,
} as const;
export type LoginFault = keyof typeof LOGIN_FAULTS;

export class LoginError extends Error {
  override readonly name = 'LoginError';
  /** What the person may read beside the sentence of the fault; it is not logged. */
  readonly shown: string | undefined;
  /** Where the login was to lead, once that is known. */
  returnTo: string | undefined;

  /** @param message for the log: no code, no token, nothing that somebody wrote. */
  constructor(
    readonly code: LoginFault,
    message: string,
    { shown, cause }: { shown?: string; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.shown = shown;
  }
}
