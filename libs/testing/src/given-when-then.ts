/** Specifications of a decider: given events, when a command, then events, nothing, or a refusal. */
import { deepEqual, equal, fail, ok } from 'node:assert/strict';
import { ProblemError, type ProblemCode } from '@mcpstack/contracts';
import type { Decider, DomainEvent } from '@mcpstack/domain';

/** What is expected of a refusal beside its code. */
export interface Refusal {
  permission?: string;
  /** The fields named, in order. */
  fields?: readonly string[];
  message?: string;
}

export interface Then<Event> {
  /** Exactly these events; and the same command once more, after them, causes none. */
  then(...events: readonly Event[]): void;
  /** Accepted, with nothing left to do. */
  thenNothing(): void;
  thenRefused(code: ProblemCode, refusal?: Refusal): void;
}

/**
 * @example
 * const { given } = specification(key);
 * given(created).when(revoke).then(revoked);
 */
export function specification<State, Command, Event extends DomainEvent>(
  decider: Decider<State, Command, Event>,
) {
  const fold = (state: State, events: readonly Event[]) => events.reduce(decider.evolve, state);

  const when =
    (state: State) =>
    (command: Command): Then<Event> => ({
      then(...events) {
        const decided = decider.decide(command, state);
        deepEqual(decided, events);
        ok(events.length > 0, 'say thenNothing() when no event is expected');
        deepEqual(decider.decide(command, fold(state, decided)), [], 'decided twice, it must do nothing');
      },
      thenNothing() {
        deepEqual(decider.decide(command, state), []);
      },
      thenRefused(code, refusal = {}) {
        const error = refusalOf(() => decider.decide(command, state));
        equal(error.code, code);
        if (refusal.permission !== undefined) equal(error.permission, refusal.permission);
        if (refusal.message !== undefined) equal(error.message, refusal.message);
        if (refusal.fields)
          deepEqual(
            error.errors?.map((one) => one.field),
            refusal.fields,
          );
      },
    });

  return {
    given: (...events: readonly Event[]) => ({ when: when(fold(decider.initial, events)) }),
  };
}

function refusalOf(decide: () => readonly DomainEvent[]): ProblemError {
  try {
    const events = decide();
    return fail(`accepted, with ${events.length} events`);
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
}
