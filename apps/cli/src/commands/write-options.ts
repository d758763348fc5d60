/** Options that many commands share. */
import { type Command } from 'commander';
import { CliError } from '../errors.ts';
import { wholeNumber } from './values.ts';

export interface WriteOptions {
  idempotencyKey?: string;
  ifRevision?: number;
}

/** For what makes something: a pipeline that runs a step twice makes it once. */
export function withIdempotencyKey(command: Command): Command {
  return command.option(
    '--idempotency-key <text>',
    'a word for this step, such as a UUID: with the same one it is done once',
  );
}

/** For what changes something: not on top of what somebody else did meanwhile. */
export function withIfRevision(command: Command): Command {
  return command.option(
    '--if-revision <number>',
    'only while it is at this revision, which "show" tells',
    wholeNumber(),
  );
}

/** The headers of a write. Absent, the client makes an Idempotency-Key of its own. */
export function headersOf({ idempotencyKey, ifRevision }: WriteOptions): {
  'Idempotency-Key'?: string;
  'If-Match'?: string;
} {
  return {
    ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
    ...(ifRevision !== undefined && { 'If-Match': `"${ifRevision}"` }),
  };
}

/** What was given of the fields of a change; it takes at least one. */
export function someOf<Fields extends object>(fields: Fields): Given<Fields> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (given.length === 0)
    throw new CliError('usage', 'Nothing to change was given.', {
      next: 'Pass at least one option; --help lists them.',
    });
  return Object.fromEntries(given) as Given<Fields>;
}

/** The same fields, where none is `undefined` but absent. */
type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };
