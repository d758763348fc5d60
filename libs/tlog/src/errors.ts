/** What can go wrong with a note, a key, a checkpoint or a proof. A `switch` over `code` narrows. */

export type TlogErrorCode =
  /** The text is no signed note: the message says what is missing or too much. */
  | 'malformed-note'
  /** A line that should be a verifier key (`name+hash+base64`) is none. */
  | 'malformed-vkey'
  /** What should be a private key is none. */
  | 'malformed-private-key'
  | 'malformed-checkpoint'
  | 'malformed-proof'
  /** A signature names a trusted key and is not that key's: the note was changed, or somebody pretends. */
  | 'bad-signature'
  /** No signature of the note is by a key that is trusted. */
  | 'no-trusted-signature'
  /** Two different trusted keys have one name and one hash: nobody can tell whose signature it is. */
  | 'ambiguous-keys'
  /** A tree was asked for a leaf, or a size, that it does not have. */
  | 'out-of-range';

export class TlogError extends Error {
  override readonly name = 'TlogError';
  constructor(
    readonly code: TlogErrorCode,
    message: string,
  ) {
    super(message);
  }
}
