/** The event log: a port and its adapters. */
export {
  DEFAULT_TIMEOUT_MS,
  MAX_APPEND_BYTES,
  MAX_EVENTS_PER_APPEND,
  type AppendResult,
  type CallOptions,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type ReadOptions,
  type RecordedEvent,
  type StreamName,
  type SubscribeOptions,
} from './event-store.ts';
export {
  AccessDeniedError,
  AppendTooLargeError,
  ConflictError,
  EventStoreUnavailableError,
  EventStoreUrlError,
  InvalidStreamNameError,
  LogCorruptError,
  LogIncompleteError,
  StreamDeletedError,
  TruncationRefusedError,
  type EventStoreError,
} from './errors.ts';
export { handleCommand, type HandleCommandOptions, type HandledCommand } from './handle-command.ts';
export { KnownFolds, loadStream, type LoadedStream, type LoadOptions } from './load-stream.ts';
export { chained, chainEnd, newSalt, type ChainEnd } from './chain.ts';
export { eventsUpTo } from './events-up-to.ts';
export { canonicalEvent, eventDigest, type DigestedEvent } from './event-digest.ts';
export { eventId } from './event-id.ts';
export { baseAfter, type Origin } from './numbering.ts';
export { openRestorableLog, type RestorableLog } from './restorable.ts';
export { openEventStore, type OpenOptions } from './open.ts';
