/** How streams are named: `<category>-<id>`. Both adapters take the same names. */
import { InvalidStreamNameError } from './errors.ts';
import type { StreamName } from './event-store.ts';

const CATEGORY = /^[A-Za-z0-9_]{1,64}$/;
const NAME = /^[A-Za-z0-9_]{1,64}-[A-Za-z0-9_-]{1,200}$/;

export function isStreamName(text: string): boolean {
  return NAME.test(text);
}

/**
 * The category of a stream: what stands before the first dash.
 * @throws InvalidStreamNameError for a name that is no `<category>-<id>`.
 */
export function categoryOf(stream: StreamName): string {
  if (!NAME.test(stream)) throw new InvalidStreamNameError(stream);
  return stream.slice(0, stream.indexOf('-'));
}

/** The id in a stream's name: all that stands after the first dash. */
export function idOf(stream: StreamName): string {
  return stream.slice(categoryOf(stream).length + 1);
}

/** @throws InvalidStreamNameError for text that cannot be a category. */
export function checkCategory(category: string): void {
  if (!CATEGORY.test(category)) throw new InvalidStreamNameError(category);
}
