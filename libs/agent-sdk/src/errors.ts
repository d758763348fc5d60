/** What can go wrong, as one class with a code that a `switch` narrows. */

/**
 * - `secret-key`: the key is a service key's secret. Revoke it, and use a publishable key.
 * - `bad-key`: the key is no publishable key.
 * - `bad-option`: another option cannot be used.
 * - `unauthenticated`: the key is unknown, revoked or expired.
 * - `forbidden`: the key may not be used from this page's origin, or not now.
 * - `too-many-requests`, `unavailable`: the service does not answer now; try again later.
 * - `network`: no answer came. A browser also says so where the page's origin is not allowed.
 * - `timed-out`: no answer came in time.
 * - `bad-answer`: what answered is not the service; see `baseUrl`.
 */
export type AgentErrorCode =
  | 'secret-key'
  | 'bad-key'
  | 'bad-option'
  | 'unauthenticated'
  | 'forbidden'
  | 'too-many-requests'
  | 'unavailable'
  | 'network'
  | 'timed-out'
  | 'bad-answer';

/**
 * Every error of this package. The message never contains the key.
 *
 * @example
 * ```ts
 * import { AgentError, createAgent } from '@mcpstack/agent-sdk';
 *
 * try {
 *   await createAgent({ key: 'mcpstack_pk_…' }).load();
 * } catch (error) {
 *   if (error instanceof AgentError && error.code === 'forbidden') console.error('Allow this origin first.');
 * }
 * ```
 */
export class AgentError extends Error {
  /** What went wrong. Stable. */
  readonly code: AgentErrorCode;
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;

  constructor(code: AgentErrorCode, message: string, status?: number) {
    super(message);
    this.name = 'AgentError';
    this.code = code;
    this.status = status;
  }
}
