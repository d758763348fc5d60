/** The subscription to the whole log: resumed for ever after the last event that was handed out. */
import type {
  AllStreamSubscription,
  Filter,
  KurrentDBClient,
  ResolvedEvent,
} from '@kurrent/kurrentdb-client';
import { AccessDeniedError, EventStoreUnavailableError } from '../errors.ts';
import type { RecordedEvent, SubscribeOptions } from '../event-store.ts';
import type { Numbering } from '../numbering.ts';
import { classify } from './failures.ts';
import { Feed } from './feed.ts';
import { IDENTITY_STREAM, toRecorded } from './records.ts';
import { backOffMs, pause } from './waiting.ts';

/** How long a new subscription may stay unanswered before it is given up and tried again. */
const CONFIRM_MS = 5_000;
const FIRST_BACK_OFF_MS = 50;
const MOST_BACK_OFF_MS = 5_000;

export async function* subscribe(
  client: KurrentDBClient,
  filter: Filter,
  numbering: Numbering,
  { after = -1n, signal, onState }: SubscribeOptions,
): AsyncGenerator<RecordedEvent, void, undefined> {
  /** The native place to resume at: none, where the start is all that can be told. */
  let last = numbering.nativeAfter(after);
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const feed = new Feed(open(client, filter, last));
    try {
      for await (const resolved of events(feed, signal, () => tell(onState, 'live'))) {
        const event = toRecorded(resolved, numbering);
        if (event && event.stream !== IDENTITY_STREAM && event.position > after) yield event;
        // The place to resume at is what was handed out: the server's checkpoints run ahead of that.
        last = resolved.event?.position?.commit ?? last;
        attempt = 0;
      }
    } catch (error) {
      if (signal.aborted) return;
      const failure = classify(error);
      if (failure.kind === 'access-denied') {
        throw new AccessDeniedError('The credentials do not allow subscribing to the log.');
      }
      if (failure.kind === 'invalid-position') {
        throw new RangeError(`Position ${last} is no place in this log: it comes from another one.`, {
          cause: error,
        });
      }
      tell(onState, 'interrupted', error);
      await pause(backOffMs(attempt, FIRST_BACK_OFF_MS, MOST_BACK_OFF_MS), signal);
    } finally {
      feed.close();
    }
  }
}

function open(client: KurrentDBClient, filter: Filter, after: bigint | undefined): AllStreamSubscription {
  return client.subscribeToAll({
    fromPosition: after === undefined ? 'start' : { commit: after, prepare: after },
    filter,
  });
}

/** What one connection brings, until it fails or the signal aborts. */
async function* events(
  feed: Feed,
  signal: AbortSignal,
  live: () => void,
): AsyncGenerator<ResolvedEvent, void, undefined> {
  let told = false;
  while (!signal.aborted) {
    if (feed.confirmed && !told) {
      told = true;
      live();
    }
    const resolved = feed.take();
    if (resolved) {
      yield resolved;
      continue;
    }
    if (feed.ended) throw new EventStoreUnavailableError('The subscription ended.', { inDoubt: false });
    const woken = await feed.changed(told ? undefined : CONFIRM_MS, signal);
    if (woken === 'late') {
      throw new EventStoreUnavailableError(`No answer to a subscription within ${CONFIRM_MS} ms.`, {
        inDoubt: false,
      });
    }
  }
}

/** A listener that throws must not end the subscription. */
function tell(onState: SubscribeOptions['onState'], state: 'live' | 'interrupted', cause?: unknown): void {
  try {
    onState?.(state, cause);
  } catch {
    // Its own affair.
  }
}
