/** A signed log in a real event log: what `signed-log` makes, event by event where it says that it stands. */
import { type EventStore, type RecordedEvent } from '@mcpstack/event-store';

/** Appends each event as a write of its own. @throws Error where the log puts one at another place. */
export async function store(log: EventStore, events: readonly RecordedEvent[]): Promise<void> {
  for (const { stream, revision, position, id, type, data, metadata } of events) {
    const expected = revision === 0n ? 'no_stream' : revision - 1n;
    const { position: at } = await log.append(stream, expected, [{ id, type, data, metadata }]);
    if (at !== position) throw new Error(`${stream}@${revision} stands at ${at}, not at ${position}`);
  }
}
