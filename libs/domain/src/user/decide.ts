/** User: decisions. People change and erase their own profile; the system does for those who are invited. */
import { emailProblem, nameProblem, ProblemError } from '@mcpstack/contracts';
import type { Decider } from '../decider.ts';
import { invalidField } from '../refusals.ts';
import type { ChangeProfile, EraseProfile, UserCommand } from './commands.ts';
import { nextErasure } from './erasure.ts';
import { evolveUser, noUser, type UserEvent, type UserState } from './events.ts';

export const user: Decider<UserState, UserCommand, UserEvent> = {
  initial: noUser,
  evolve: evolveUser,
  decide(command, state) {
    refuseOthers(command);
    switch (command.type) {
      case 'ChangeProfile':
        return change(command, state);
      case 'EraseProfile':
        return erase(command, state);
      default:
        return command satisfies never;
    }
  },
};

function refuseOthers({ actor, userId }: UserCommand): void {
  if (actor.type === 'system' || (actor.type === 'user' && actor.id === userId)) return;
  throw new ProblemError('forbidden', 'A profile is changed only by the person themselves.');
}

function change(
  { at, actor, userId, commandId, atLogin, ...asked }: ChangeProfile,
  state: UserState,
): readonly UserEvent[] {
  if (commandId !== undefined && state.erasure?.commandIds.includes(commandId)) return [];
  if (atLogin && state.status === 'none' && state.erasure) return [];
  const before = state.status === 'known' ? state : undefined;
  const name = asked.name ?? before?.name ?? '';
  const email = asked.email ?? before?.email ?? '';
  // Only what is asked for is judged: an old name that a later rule would refuse stays as it is.
  if (asked.name) refuse('name', nameProblem(asked.name));
  if (asked.email) refuse('email', emailProblem(asked.email));
  if (name === (before?.name ?? '') && email === (before?.email ?? '')) return [];
  const data = { userId, ...(name !== '' && { name }), ...(email !== '' && { email }) };
  return [{ type: 'UserProfileChanged', data, at, actor }];
}

function erase({ at, actor, userId, standing }: EraseProfile, state: UserState): readonly UserEvent[] {
  const commandIds = standing.events.flatMap(({ commandId }) => commandId ?? []);
  const isErased = state.status === 'none';
  const named = nextErasure(state.erasure, standing, { isErased, commandIds });
  if (!named) return [];
  return [{ type: 'UserProfileErased', data: { userId, ...named }, at, actor }];
}

function refuse(field: string, problem: string | undefined): void {
  if (problem !== undefined) throw invalidField(field, problem);
}
