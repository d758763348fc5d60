/** Positions of the log, as somebody writes them. */
import { AuditError } from './errors.ts';

/** @param option that it was given as, for the error. @throws AuditError `usage`. */
export function positionOf(text: string, option: string): bigint {
  if (/^(0|[1-9]\d{0,15})$/.test(text)) return BigInt(text);
  throw new AuditError(
    'usage',
    `${option} is no position of the log: ${JSON.stringify(text.slice(0, 40))}.`,
    {
      code: 'bad-position',
      next: 'Write the decimal number that history, export or verify show.',
    },
  );
}
