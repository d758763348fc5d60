/**
 * What erasures of one stream name, and what the next one has to name. Each names all that ever stood in the stream
 * before it, what earlier ones named included: those go with it. Pure.
 */

/** An event that goes: its position in the log (decimal), and its digest (hexadecimal). */
export interface NamedEvent {
  position: string;
  digest: string;
}
/** Events of consecutive revisions. */
export interface NamedEvents {
  firstRevision: bigint;
  events: readonly NamedEvent[];
}

/** What the newest erasure of a stream comes to: one event, or several that go on from each other. */
export interface Erasure extends NamedEvents {
  /** The revision before which the stream is truncated, once all below it is named. */
  before: bigint;
  /** Nothing below `before` is left unnamed. */
  isComplete: boolean;
  /** What the last complete one named, while this one is not. */
  earlier?: NamedEvents;
  /** Of all changes that were erased. */
  commandIds: readonly string[];
}

/** As it is stored. */
export interface ErasureData {
  firstRevision?: string;
  erased: NamedEvent[];
  before?: string;
  commandIds?: string[];
}

/** One event names so many others: with their command ids some 400 kB, where an append may hold a MiB. */
export const MOST_ERASED_AT_ONCE = 2_000;
/** A change that comes again after so many others is taken for a new one. */
const MOST_COMMAND_IDS = 5_000;

const endOf = ({ firstRevision, events }: NamedEvents): bigint => firstRevision + BigInt(events.length);

/** The erasure that a stream holds after one more event of it. */
export function erasureAfter(known: Erasure | undefined, data: ErasureData): Erasure {
  const { erased, commandIds = [] } = data;
  const named: NamedEvents = { firstRevision: BigInt(data.firstRevision ?? 0), events: erased };
  const before = data.before === undefined ? endOf(named) : BigInt(data.before);
  const goesOn =
    known && !known.isComplete && known.before === before && endOf(known) === named.firstRevision;
  const all = goesOn ? { ...named, ...known, events: [...known.events, ...erased] } : named;
  const { firstRevision, events } = all;
  // The first version named nothing, and nothing was truncated.
  const isComplete = events.length > 0 && endOf(all) >= before;
  const earlier = isComplete ? undefined : goesOn ? known.earlier : completeOf(known);
  return { firstRevision, events, before, isComplete, ...(earlier && { earlier }), commandIds };
}

/**
 * The next event of an erasure of all that stands, or undefined when all is named.
 * @param standing all events of the stream that stand.
 * @param commandIds of the changes among them.
 * @param isErased nothing stands after the newest erasure.
 */
export function nextErasure(
  known: Erasure | undefined,
  standing: NamedEvents,
  { isErased, commandIds }: { isErased: boolean; commandIds: readonly string[] },
): ErasureData | undefined {
  if (isErased && (known ? known.isComplete : standing.events.length === 0)) return undefined;
  const isBegun = isErased && known && known.events.length > 0;
  const before = isBegun ? known.before : endOf(standing);
  const all = joined(isBegun ? known.earlier : completeOf(known), standing);
  const from = isBegun ? endOf(known) : all.firstRevision;
  const at = Number(from - all.firstRevision);
  const erased = all.events.slice(at, Math.min(at + MOST_ERASED_AT_ONCE, Number(before - all.firstRevision)));
  const isWhole = from === all.firstRevision && from + BigInt(erased.length) === before;
  const ids = [...new Set([...(known?.commandIds ?? []), ...commandIds])].slice(-MOST_COMMAND_IDS);
  return {
    ...(from > 0n && { firstRevision: from.toString() }),
    erased: erased.map(({ position, digest }) => ({ position, digest })),
    ...(!isWhole && { before: before.toString() }),
    ...(ids.length > 0 && { commandIds: ids }),
  };
}

function completeOf(known: Erasure | undefined): NamedEvents | undefined {
  if (!known?.isComplete) return known?.earlier;
  return { firstRevision: known.firstRevision, events: known.events };
}

/** What was named once, as far as it stands no more, and then what stands. */
function joined(earlier: NamedEvents | undefined, standing: NamedEvents): NamedEvents {
  if (!earlier || earlier.firstRevision >= standing.firstRevision || endOf(earlier) < standing.firstRevision)
    return standing;
  const gone = earlier.events.slice(0, Number(standing.firstRevision - earlier.firstRevision));
  return { firstRevision: earlier.firstRevision, events: [...gone, ...standing.events] };
}
