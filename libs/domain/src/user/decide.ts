/** User: decisions. People change and erase their own profile; the system does for those who are invited. */
import { emailProblem, nameProblem, ProblemError } from '@mcpstack/contracts';
import type { Decider } from '../decider.ts';
import { invalidField } from '../refusals.ts';
import type { ChangeProfile, UserCommand } from './commands.ts';
import { evolveUser, noUser, type UserEvent, type UserState } from './events.ts';

export const user: Decider<UserState, UserCommand, UserEvent> = {
  initial: noUser,
  evolve: evolveUser,
  decide(command, state) {
    refuseOthers(command);
    switch (command.type) {
      case 'ChangeProfile':
        return change(command, state);
      case 'EraseProfile': {
        const { at, actor, userId } = command;
        return state.status === 'none' ? [] : [{ type: 'UserProfileErased', data: { userId }, at, actor }];
      }
      default:
        return command satisfies never;
    }
  },
};

function refuseOthers({ actor, userId }: UserCommand): void {
  if (actor.type === 'system' || (actor.type === 'user' && actor.id === userId)) return;
  throw new ProblemError('forbidden', 'A profile is changed only by the person themselves.');
}

function change({ at, actor, userId, ...asked }: ChangeProfile, state: UserState): readonly UserEvent[] {
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

function refuse(field: string, problem: string | undefined): void {
  if (problem !== undefined) throw invalidField(field, problem);
}
