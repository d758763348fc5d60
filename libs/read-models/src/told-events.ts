/** What a stream's events leave for others to read: themselves, and where they stand. */
import { auditEventOf, type DomainEvent } from '@mcpstack/domain';
import type { RecordedEvent } from '@mcpstack/event-store';
import { memberOf } from './audit-events.ts';
import { names } from './namespace.ts';
import type { Write } from './read-model.ts';
import { MOST_NOTED } from './write-scripts.ts';

/** Of one stream, while events pass over it. */
export class ToldEvents {
  readonly #writes: Write[] = [];
  /** Of those that are about what the stream is the stream of. */
  readonly #positions: bigint[] = [];

  add(stored: RecordedEvent, event: DomainEvent, organizationId: string): void {
    const told = auditEventOf(stored, event, organizationId);
    if (!told) return;
    const { position, subject } = told;
    this.#writes.push(['KEEP', names.eventsOf(organizationId), position, memberOf(told)]);
    if (stored.stream.endsWith(`-${subject.id}`)) this.#positions.push(stored.position);
  }

  get writes(): readonly Write[] {
    return this.#writes;
  }

  /** What is added to the record's fields where none of its events were noted before. */
  get fields(): readonly string[] {
    const text = this.#positions.join(' ');
    if (text === '') return [];
    return ['events', text.length <= MOST_NOTED ? text : '-'];
  }

  /** What adds to those that were. @param record where they stand. */
  noted(record: string): Write[] {
    return this.#positions.length === 0 ? [] : [['NOTE', record, this.#positions.join(' ')]];
  }
}
