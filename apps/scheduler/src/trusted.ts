/** Nothing is done on the word of a data set that is not proven to be the live one (G4). */
import type { Reading } from '@mcpstack/read-models';

export class UntrustedReadingError extends Error {
  override readonly name = 'UntrustedReadingError';
  readonly code = 'unavailable';
}

/** The reading's value. @throws UntrustedReadingError */
export function trusted<Value>(reading: Reading<Value>): Value {
  if (reading.trusted) return reading.value;
  throw new UntrustedReadingError(`the read models are not trusted: ${reading.reason ?? 'no reason given'}`);
}
