/** Checkpoints (C2SP tlog-checkpoint): which log, how many leaves, which root; the text of a signed note. */
import { decodeBase64 } from './base64.ts';
import { TlogError } from './errors.ts';
import { isHash } from './hash.ts';

export interface Checkpoint {
  /** Names the log for all time; a checkpoint of another log has another. */
  origin: string;
  /** How many leaves the tree had. */
  size: number;
  root: Buffer;
}

/** The text to sign. @throws TlogError `malformed-checkpoint` for what cannot be written so. */
export function formatCheckpoint({
  origin,
  size,
  root,
}: {
  origin: string;
  size: number;
  root: Uint8Array;
}): string {
  // eslint-disable-next-line no-control-regex -- these are what it looks for
  if (origin === '' || /[\0-\x1f]/.test(origin)) throw malformed('an origin is one line that is not empty');
  if (!Number.isSafeInteger(size) || size < 0) throw malformed(`${size} is no size`);
  if (!isHash(root)) throw malformed('a root has 32 bytes');
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/**
 * Reads the text of a note; extension lines are kept apart.
 * @throws TlogError `malformed-checkpoint`.
 */
export function parseCheckpoint(text: string): Checkpoint & { extensions: string[] } {
  if (!text.endsWith('\n')) throw malformed('its last line does not end: it may be cut off');
  const [origin, decimal, base64, ...extensions] = text.slice(0, -1).split('\n');
  if (origin === undefined || decimal === undefined || base64 === undefined)
    throw malformed('it has fewer than three lines');
  if (origin === '' || extensions.includes('')) throw malformed('it has an empty line');
  const size = Number(decimal);
  if (!/^(0|[1-9][0-9]{0,15})$/.test(decimal) || !Number.isSafeInteger(size))
    throw malformed('its second line is no size');
  const root = decodeBase64(base64);
  if (root === undefined || !isHash(root)) throw malformed('its third line is no root: 32 bytes in base64');
  return { origin, size, root, extensions };
}

const malformed = (why: string) => new TlogError('malformed-checkpoint', `this is no checkpoint: ${why}`);
