/** Walks a log and says where its chains break (G9): for specs of whatever writes it. */
import { eventDigest, type RecordedEvent } from '@mcpstack/event-store';

/**
 * What is wrong with the chains of these events, which are in the order of the log and, per stream, from its first.
 * Every stream must be chained from its second event on: a log of our own that began with chains. A person's stream
 * may begin with the record of what was erased from it.
 */
export function chainFaults(events: readonly RecordedEvent[]): string[] {
  const faults: string[] = [];
  const digests = new Map<string, string>();
  for (const event of events) {
    const { stream, revision, type, metadata } = event;
    const { previousDigest, salt } = metadata as { previousDigest?: unknown; salt?: unknown };
    if (!beginsAnErasedStream(event, digests) && previousDigest !== digests.get(stream))
      faults.push(
        `${stream} ${revision} (${type}): ${previousDigest === undefined ? 'no link' : 'a link to another event'}`,
      );
    if (stream.startsWith('user-') && !/^[A-Za-z0-9+/]{22}==$/.test(String(salt)))
      faults.push(`${stream} ${revision} (${type}): no salt`);
    digests.set(stream, eventDigest(event).toString('hex'));
  }
  return faults;
}

function beginsAnErasedStream(
  { stream, revision, type }: RecordedEvent,
  seen: ReadonlyMap<string, string>,
): boolean {
  return stream.startsWith('user-') && revision > 0n && type === 'UserProfileErased' && !seen.has(stream);
}
