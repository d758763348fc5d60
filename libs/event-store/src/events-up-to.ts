/** A part of the log that ends, for whoever reads it once: a backup, an auditor. */
import type { EventStore, RecordedEvent, SubscribeOptions } from './event-store.ts';

/**
 * Events in order up to a position (inclusive), which lies at or before the head. What is appended meanwhile is not read.
 * @throws as `subscribe`.
 */
export async function* eventsUpTo(
  store: EventStore,
  until: bigint,
  { signal, ...options }: Partial<SubscribeOptions> = {},
): AsyncGenerator<RecordedEvent, void, undefined> {
  if (until <= (options.after ?? -1n)) return;
  const end = new AbortController();
  const either = signal ? AbortSignal.any([signal, end.signal]) : end.signal;
  try {
    for await (const event of store.subscribe({ ...options, signal: either })) {
      // Of an end that was erased since, the next event is all that can be seen.
      if (event.position > until) return;
      yield event;
      if (event.position === until) return;
    }
  } finally {
    end.abort();
  }
}
