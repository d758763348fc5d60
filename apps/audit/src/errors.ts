/** What a command fails with: one sentence, the next step, and an exit code that scripts can rely on. */
import {
  AccessDeniedError,
  EventStoreUnavailableError,
  EventStoreUrlError,
  LogCorruptError,
} from '@mcpstack/event-store';

/** The exit codes: part of the published interface. */
export const EXIT = {
  /** Nothing is wrong with what was looked at. */
  fine: 0,
  /** The answer is no: an event does not fit, a difference, a proof that does not hold. */
  wrong: 1,
  /** Wrong usage or input. */
  usage: 2,
  /** It could not be found out: no log, no permission, an event that this version does not know. */
  unknown: 3,
  /** By Ctrl-C, as every shell has it. */
  interrupted: 130,
} as const;
export type Outcome = keyof typeof EXIT;

export class AuditError extends Error {
  override readonly name = 'AuditError';
  /** What to do now. */
  readonly next: string | undefined;
  /** Stable, for machines. */
  readonly code: string;

  /** @param message one sentence for people; it never carries a secret. */
  constructor(
    readonly outcome: Exclude<Outcome, 'fine' | 'interrupted'>,
    message: string,
    { next, code, cause }: { next?: string; code?: string; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.next = next;
    this.code = code ?? outcome;
  }
}

/** The log's own errors, as an auditor should read them; anything else stays what it is. */
export function asAuditError(cause: unknown): unknown {
  if (cause instanceof EventStoreUrlError)
    return new AuditError('usage', cause.message, { code: cause.code, cause });
  if (cause instanceof AccessDeniedError)
    return new AuditError('unknown', 'These credentials may not read the log.', {
      code: cause.code,
      cause,
      next: 'Ask for read access: docs/auditing.md says which permissions an auditor needs.',
    });
  if (cause instanceof EventStoreUnavailableError)
    return new AuditError('unknown', cause.message, { code: cause.code, cause });
  if (cause instanceof LogCorruptError)
    return new AuditError('wrong', cause.message, {
      code: cause.code,
      cause,
      next: '"mcpstack-audit verify" names every such place; docs/event-log-jetstream.md says what to do about it.',
    });
  if ((cause as { code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND')
    return new AuditError(
      'unknown',
      'The client of KurrentDB is not installed: it is a package of its own.',
      {
        code: 'no-client',
        cause,
        next: 'Install it beside mcpstack-audit: npm install @kurrent/kurrentdb-client@1.3.1',
      },
    );
  return cause;
}
