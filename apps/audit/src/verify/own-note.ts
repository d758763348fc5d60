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
 * Opens a note that a key of this log signed which is trusted up to this size. A checkpoint says both itself.
 * @throws TlogError, also where only others that are trusted signed it.
 */
export function openNote(
  note: string,
  trusted: readonly Verifier[],
  log: { origin: string; size: number } = saidIn(note),
): VerifiedNote {
  const { origin, size } = log;
  const opened = verified(note, trusted, origin);
  const own = opened.verified.filter(({ name }) => name === origin);
  if (own.length === 0) throw otherLog(origin, trusted);
  const good = own.filter(({ vkey }) =>
    trusted.every((key) => key.vkey !== vkey || size <= (key.until ?? Infinity)),
  );
  if (good.length > 0) return { ...opened, verified: good };
  const message = `it has ${size} leaves, and the key that signed it is trusted for fewer (until, in the file of keys)`;
  throw new TlogError('no-trusted-signature', message);
}

/** What the text of a checkpoint says; it is for `parseCheckpoint` to say whether it is one. */
function saidIn(note: string): { origin: string; size: number } {
  const [origin, size] = note.split('\n', 2) as [string, string | undefined];
  return { origin, size: Number(size) };
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
