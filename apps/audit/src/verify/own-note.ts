/** Notes that the log itself signed: a key is named after its log, and a witness or another log speaks for none. */
import {
  parseCheckpoint,
  TlogError,
  verifyNote,
  type Checkpoint,
  type VerifiedNote,
  type Verifier,
} from '@mcpstack/tlog';

/**
 * Opens a note that a key of this origin signed; the origin is the note's own first line if absent.
 * @throws TlogError, also where only others that are trusted signed it.
 */
export function openNote(
  note: string,
  trusted: readonly Verifier[],
  origin: string = note.split('\n', 1)[0]!,
): VerifiedNote {
  const opened = verified(note, trusted, origin);
  const own = opened.verified.filter(({ name }) => name === origin);
  if (own.length === 0) throw otherLog(origin, trusted);
  return { ...opened, verified: own };
}

/** @throws TlogError */
export function openCheckpoint(note: string, trusted: readonly Verifier[]): Checkpoint {
  return parseCheckpoint(openNote(note, trusted).text);
}

function verified(note: string, trusted: readonly Verifier[], origin: string): VerifiedNote {
  try {
    return verifyNote(note, trusted);
  } catch (error) {
    const isByNobody = error instanceof TlogError && error.code === 'no-trusted-signature';
    throw isByNobody && !trusted.some(({ name }) => name === origin) ? otherLog(origin, trusted) : error;
  }
}

function otherLog(origin: string, keys: readonly Verifier[]): TlogError {
  const names = [...new Set(keys.map(({ name }) => name))].join(', ');
  return new TlogError(
    'no-trusted-signature',
    keys.some(({ name }) => name === origin)
      ? `no key of the log ${origin} signed it`
      : `it is of the log ${origin}, and the keys are of ${names}`,
  );
}
