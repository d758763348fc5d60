/** What only a person does. */
import { isId, ProblemError, type Actor } from '@mcpstack/contracts';

/**
 * The user who acts.
 * @throws ProblemError `forbidden` for keys and for the system.
 */
export function requirePerson(actor: Actor): string {
  if (actor.type === 'user' && isId('user', actor.id)) return actor.id;
  throw new ProblemError('forbidden', 'Only a person can do this: log in first.');
}
