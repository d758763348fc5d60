/** What the projection's log says of single events; never what they hold. */
import type { RecordedEvent } from '@mcpstack/event-store';
import type { ParkedEvent } from '@mcpstack/read-models';
import type { Log } from '@mcpstack/service-kit';

export function tellApplied(log: Log, batch: readonly RecordedEvent[]): void {
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
