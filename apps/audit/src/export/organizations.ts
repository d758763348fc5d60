/**
 * Whose an event is. Only the first event of a stream says it, so that what the streams said is kept; of very many
 * the newest alone, and the log is asked again for the others.
 */
import { categoryOf, type DomainEvent } from '@mcpstack/domain';
import { type EventStore, type RecordedEvent } from '@mcpstack/event-store';
import { LRUCache } from 'lru-cache';
import { asAuditError, AuditError } from '../errors.ts';

/** About 200 bytes each. */
const MOST_KNOWN = 500_000;
/** These streams are of no organization. */
const OF_NONE = ['user', 'checkpoint'];

export class Organizations {
  readonly #known: LRUCache<string, string>;
  /** One text for each organization, however many streams it has. */
  readonly #spelled = new LRUCache<string, string>({ max: MOST_KNOWN });

  constructor(
    private readonly store: Pick<EventStore, 'readStream'>,
    mostKnown = MOST_KNOWN,
  ) {
    this.#known = new LRUCache({ max: mostKnown });
  }

  /** Undefined for what is nobody's. @throws AuditError when the stream does not say it. */
  of(stored: RecordedEvent, { data }: DomainEvent): string | undefined | Promise<string> {
    const { stream } = stored;
    const category = categoryOf(stream);
    if (OF_NONE.includes(category)) return undefined;
    const told = organizationIn(data);
    if (category === 'usage') return told;
    if (told !== undefined) return this.#learn(stream, told);
    return this.#known.get(stream) ?? this.#ask(stream);
  }

  #learn(stream: string, organizationId: string): string {
    const spelled = this.#spelled.get(organizationId) ?? organizationId;
    this.#spelled.set(spelled, spelled);
    this.#known.set(stream, spelled);
    return spelled;
  }

  async #ask(stream: string): Promise<string> {
    const first = await firstEvent(this.store, stream);
    const told = organizationIn(first?.data);
    if (told !== undefined) return this.#learn(stream, told);
    throw new AuditError('wrong', `${stream} does not begin with an event that says whose it is.`, {
      code: 'stream-without-beginning',
      next: 'The log is not whole: mcpstack-audit verify says where.',
    });
  }
}

/** The first event of a stream, or undefined when there is none. */
export async function firstEvent(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
): Promise<RecordedEvent | undefined> {
  try {
    for await (const event of store.readStream(stream, { from: 0n, maxCount: 1 })) return event;
    return undefined;
  } catch (error) {
    throw asAuditError(error);
  }
}

function organizationIn(data: unknown): string | undefined {
  const { organizationId } = (data ?? {}) as { organizationId?: unknown };
  return typeof organizationId === 'string' ? organizationId : undefined;
}
