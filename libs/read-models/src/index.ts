/** The read models in Redis: written by the projection alone, read by the gateway and the authorizer. */
export {
  DEFAULT_PAGE_SIZE,
  MAX_PAGE_SIZE,
  type AgentRecord,
  type KeyFilter,
  type KeyLookup,
  type KeyRecord,
  type KeyUsage,
  type OpenReadModelsOptions,
  type Page,
  type PageRequest,
  type PublicKeyRecord,
  type ReadModels,
  type ReaderState,
  type Reading,
  type ServiceKeyRecord,
  type Taken,
  type Taking,
  type WatchedDomain,
  type WatchedWebhook,
} from './reading.ts';
export { type AuditEventFilter, type AuditEventPage, type AuditEventRequest } from './audit-events.ts';
export {
  BadCursorError,
  ReadModelsUnavailableError,
  SessionEndedError,
  type ReadModelsError,
  type UnavailableReason,
} from './errors.ts';
export { openReadModels } from './open.ts';
export { redisFacts } from './redis-facts.ts';
export {
  GenerationReader,
  SupersededError,
  type AskedName,
  type Cells,
  type FoundField,
  type GenerationHead,
  type GenerationReaderOptions,
  type ReadStep,
} from './generation-reader.ts';
export { type Generation } from './namespace.ts';
export { PROJECTED_CATEGORIES } from './models.ts';
export {
  ReadModelWriter,
  WriteSession,
  type FoundGeneration,
  type LastEvent,
  type WriterOptions,
} from './writer.ts';
export {
  applyEvents,
  applyFolded,
  foldEvents,
  type ApplyResult,
  type FoldedEvents,
  type ParkedEvent,
  type ReadStream,
} from './apply-events.ts';
