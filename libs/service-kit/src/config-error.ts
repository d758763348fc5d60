/** What is wrong with the settings of a start. */

/** A setting is missing or wrong. Each problem is a sentence that says what to set. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'bad-config';
  constructor(readonly problems: readonly string[]) {
    super(problems.join(' '));
  }
}

/** What `read` finds wrong, for a message that names everything at once. */
export function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
