/** The rules of MCPStack Keys: events, state, decisions. */
export type { Decider, DomainEvent, EncodedEvent, EventCodec, EventMetadata } from './decider.ts';
