/** The fold of what had happened at a moment. */
import { InvalidEventError } from '@mcpstack/domain';
import { type RecordedEvent } from '@mcpstack/event-store';
import { LogFold } from '@mcpstack/replay';
import { type AuditedLog } from '../log.ts';

export interface Past {
  fold: LogFold;
  /** How many events came later. */
  later: number;
  /** Recorded time of the log's first event. */
  beganAt: string | undefined;
  /** People whose profile was erased later: it is not shown, though it stood then. */
  erased: ReadonlySet<string>;
}

/** Until when: a recorded time, or a position, inclusive. */
export type Until = { ms: number } | { position: bigint };

/**
 * An event had happened when its recorded time is not after the moment, and all before it in its stream had happened,
 * too. Streams are in order, and clocks of several services differ a little: what follows a later event is later.
 *
 * @param onLater told of each event that came later.
 */
export async function foldUntil(
  log: Pick<AuditedLog, 'events'>,
  until: Until,
  onLater: (event: RecordedEvent) => void = () => undefined,
): Promise<Past> {
  const fold = new LogFold();
  const cut = new Set<string>();
  const erased = new Set<string>();
  let [later, beganAt] = [0, undefined as string | undefined];
  const isLater = (event: RecordedEvent): boolean =>
    'position' in until
      ? event.position > until.position
      : (cut.size > 0 && cut.has(event.stream)) || Date.parse(atOf(event)) > until.ms;
  // Also with a position the whole log is read: what came later tells what may be shown, and what there was never.
  for await (const event of log.events({ label: 'Reading' })) {
    beganAt ??= atOf(event);
    if (!isLater(event)) {
      fold.apply(event);
      continue;
    }
    later += 1;
    cut.add(event.stream);
    if (event.type === 'UserProfileErased') erased.add(event.stream.slice('user-'.length));
    onLater(event);
  }
  return { fold, later, beganAt, erased };
}

/** @throws InvalidEventError for an event without a time: nobody can say when it happened. */
export function atOf({ type, metadata, stream, position }: RecordedEvent): string {
  const at = metadata['at'];
  if (typeof at === 'string' && !Number.isNaN(Date.parse(at))) return at;
  throw new InvalidEventError(`${type} at position ${position} (${stream}) tells no time`);
}
