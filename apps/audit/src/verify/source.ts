/** What `verify` reads from: the log itself, or a list of events in a spec. */
import { LogCorruptError, type RecordedEvent } from '@mcpstack/event-store';
import { type ReadLogOptions } from '../log.ts';

export interface VerifySource {
  /** Names the log. */
  readonly id: string;
  /** Position of the last event of these categories, of all if absent; -1n if there is none. */
  head(categories?: readonly string[]): Promise<bigint>;
  /** With categories `until` is the position of an event of theirs: a log that ends elsewhere is waited for. */
  events(options?: ReadLogOptions): AsyncIterable<RecordedEvent>;
}

/** The same, read past what nothing of ours wrote: whoever wants to know of such places passes an `onCorrupt`. */
export function readingOn(source: VerifySource): VerifySource {
  return {
    id: source.id,
    head: (categories) => source.head(categories).catch(positionOfCorrupt),
    events: (options) => source.events({ onCorrupt: () => undefined, ...options }),
  };
}

/** The log goes on up to there, though with no event. */
function positionOfCorrupt(error: unknown): bigint {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof LogCorruptError && cause.position !== undefined) return cause.position;
  throw error;
}
