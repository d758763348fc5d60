/** The log, with each append timed and counted by what came of it: a conflict is a race that is tried again. */
import {
  AccessDeniedError,
  ConflictError,
  EventStoreUnavailableError,
  type EventStore,
} from '@mcpstack/event-store';
import { traced, type Metrics } from '@mcpstack/service-kit';

const OUTCOMES = ['appended', 'conflict', 'unavailable', 'in-doubt', 'denied', 'other'] as const;
type Outcome = (typeof OUTCOMES)[number];

export function counted(store: EventStore, metrics: Metrics): EventStore {
  const appends = metrics.counter(
    'mcpstack_issuance_appends_total',
    'Appends to the log by what came of them; after a conflict the command is decided anew.',
    ['outcome'],
  );
  for (const outcome of OUTCOMES) appends.inc({ outcome }, 0);
  const durations = metrics.durations(
    'mcpstack_issuance_append_duration_seconds',
    'How long the log takes for an append, whatever comes of it.',
  );
  const append: EventStore['append'] = (...args) => {
    const [stream, , events] = args;
    const fields = {
      'mcpstack.stream_category': stream.slice(0, stream.indexOf('-')),
      'mcpstack.events': events.length,
    };
    return traced('append to the log', { kind: 'client', fields }, () => timed(...args));
  };
  const timed: EventStore['append'] = async (...args) => {
    const began = performance.now();
    let outcome: Outcome = 'appended';
    try {
      return await store.append(...args);
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      appends.inc({ outcome });
      durations.observe((performance.now() - began) / 1_000);
    }
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'append') return append;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof ConflictError) return 'conflict';
  if (error instanceof AccessDeniedError) return 'denied';
  if (error instanceof EventStoreUnavailableError) return error.inDoubt ? 'in-doubt' : 'unavailable';
  return 'other';
}
