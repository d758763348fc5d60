/** Why nothing is signed: the log does not fit what was signed before, or the keys do not. */

export type RefusalCode =
  /** The last checkpoint cannot be read, or is not what it says of itself. */
  | 'bad-checkpoint'
  /** It is signed by nobody whose key is here. */
  | 'foreign-signature'
  /** The events that it covers are not those that stand in the log. */
  | 'log-changed'
  /** A later checkpoint than the log's last one was published from here. */
  | 'log-rolled-back'
  /** The file of the newest checkpoint holds what is none of this log by these keys. */
  | 'foreign-file'
  /** A record of an erasure cannot be read by this version. */
  | 'unknown-record';

/** Somebody has to look before anything is signed again. The message says what at, and what to do. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  constructor(
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
  }
}
