/** Which events of a log were of which request: a few bytes an event, so that the others of a request can be found. */
import { type RecordedEvent } from '@mcpstack/event-store';
import { type AuditedLog } from '../log.ts';

/** Events that lie so near to each other are read in one go. */
const NEAR = 500;

export class RequestIndex {
  #positions = new Float64Array(1_024);
  #hashes = new Uint32Array(1_024);
  #count = 0;

  add(event: RecordedEvent): void {
    if (this.#count === this.#positions.length) this.#grow();
    this.#positions[this.#count] = Number(event.position);
    this.#hashes[this.#count] = hashOf(requestOf(event));
    this.#count += 1;
  }

  /** The events at these places, as far as they are of these requests: in the order of the log. */
  async *read(
    log: Pick<AuditedLog, 'events'>,
    requests: ReadonlySet<string>,
    places: readonly number[],
  ): AsyncGenerator<RecordedEvent, void, undefined> {
    for (let from = 0; from < places.length;) {
      let to = from;
      while (to + 1 < places.length && places[to + 1]! - places[to]! <= NEAR) to += 1;
      const [first, last] = [places[from]!, places[to]!];
      const wanted = new Set(places.slice(from, to + 1).map((place) => this.#positions[place]!));
      const until = BigInt(this.#positions[last]!);
      const read = first === 0 ? { until } : { after: BigInt(this.#positions[first - 1]!), until };
      for await (const event of log.events(read))
        // Another request may have the same hash.
        if (wanted.has(Number(event.position)) && requests.has(requestOf(event))) yield event;
      from = to + 1;
    }
  }

  /** Where events of these requests stand, but for the positions that are known. Another request's may be among them. */
  placesOf(requests: ReadonlySet<string>, known: ReadonlySet<number>): number[] {
    const hashes = new Set([...requests].map(hashOf));
    const places: number[] = [];
    for (let place = 0; place < this.#count; place += 1)
      if (hashes.has(this.#hashes[place]!) && !known.has(this.#positions[place]!)) places.push(place);
    return places;
  }

  #grow(): void {
    const [positions, hashes] = [this.#positions, this.#hashes];
    this.#positions = new Float64Array(positions.length * 2);
    this.#positions.set(positions);
    this.#hashes = new Uint32Array(hashes.length * 2);
    this.#hashes.set(hashes);
  }
}

/** The request that set things off; empty where the event does not say. */
export function requestOf({ metadata }: Pick<RecordedEvent, 'metadata'>): string {
  const request = metadata['$correlationId'];
  return typeof request === 'string' ? request : '';
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
