/** What the projection's log and traces say of single events; never what they hold. */
import type { RecordedEvent } from '@mcpstack/event-store';
import type { ParkedEvent } from '@mcpstack/read-models';
import { isTracing, rootOf, tellSpan, type Log } from '@mcpstack/service-kit';

/** @param durationMs of the whole batch. */
export function tellApplied(log: Log, batch: readonly RecordedEvent[], durationMs: number): void {
  for (const { stream, type, revision, position, metadata } of batch) {
    const requestId = metadata['$correlationId'];
    log.info('applied', {
      requestId: typeof requestId === 'string' ? requestId : undefined,
      stream,
      eventType: type,
      revision: `${revision}`,
      position: `${position}`,
    });
  }
  if (isTracing()) traceApplied(batch, durationMs);
}

/** One span for each request whose events are in the batch, under the root span that its id names. */
function traceApplied(batch: readonly RecordedEvent[], durationMs: number): void {
  const ofRequests = new Map<string, RecordedEvent[]>();
  for (const event of batch) {
    const requestId = event.metadata['$correlationId'];
    if (typeof requestId !== 'string') continue;
    const events = ofRequests.get(requestId);
    if (events) events.push(event);
    else ofRequests.set(requestId, [event]);
  }
  for (const [requestId, events] of ofRequests) {
    const { actor } = events[0]!.metadata as { actor?: { type?: string } };
    const parent = rootOf(requestId, actor);
    if (!parent) continue;
    const fields = {
      'mcpstack.request_id': requestId,
      'mcpstack.event_types': [...new Set(events.map(({ type }) => type))].join(' '),
      'mcpstack.events': events.length,
      'mcpstack.batch_events': batch.length,
      'mcpstack.position': `${events.at(-1)!.position}`,
    };
    tellSpan({ name: 'apply to the read models', kind: 'consumer', parent, fields, durationMs });
  }
}

export function tellParked(log: Log, parked: readonly ParkedEvent[]): void {
  for (const { stream, revision, position, type, requestId, cause } of parked) {
    log.error('ALARM: event parked, its stream fails closed', {
      requestId,
      stream,
      eventType: type,
      revision: `${revision}`,
      position: `${position}`,
      ...(cause && { err: cause }),
    });
  }
}
