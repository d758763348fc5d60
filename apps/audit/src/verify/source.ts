/** What `verify` reads from: the log itself, or a list of events in a spec. */
import { type RecordedEvent } from '@mcpstack/event-store';
import { type ReadLogOptions } from '../log.ts';

export interface VerifySource {
  /** Names the log. */
  readonly id: string;
  /** Position of the last event of these categories, of all if absent; -1n if there is none. */
  head(categories?: readonly string[]): Promise<bigint>;
  /** With categories `until` is the position of an event of theirs: a log that ends elsewhere is waited for. */
  events(options?: ReadLogOptions): AsyncIterable<RecordedEvent>;
}
