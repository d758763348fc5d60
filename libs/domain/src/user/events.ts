/**
 * A person's profile: the one place of personal data, in a stream that can be deleted whole. Events and state.
 * These names and shapes are a storage format (G10): never edit, add.
 */
import { z } from 'zod';
import { eventCodec, firstVersion } from '../codec.ts';
import type { DomainEvent } from '../decider.ts';
import { id, text } from '../schemas.ts';

const userProfileChanged = z.strictObject({
  userId: id('user'),
  /** The whole profile after the change. */
  name: text.exactOptional(),
  email: text.exactOptional(),
});
/** Read models drop what they hold; the events before it go with the stream. */
const userProfileErased = z.strictObject({ userId: id('user') });

export type UserProfileChanged = DomainEvent<'UserProfileChanged', z.infer<typeof userProfileChanged>>;
export type UserProfileErased = DomainEvent<'UserProfileErased', z.infer<typeof userProfileErased>>;
export type UserEvent = UserProfileChanged | UserProfileErased;

export const userCodec = eventCodec<UserEvent>({
  UserProfileChanged: firstVersion(userProfileChanged),
  UserProfileErased: firstVersion(userProfileErased),
});

export type UserState = { status: 'none' } | { status: 'known'; id: string; name?: string; email?: string };

export const noUser: UserState = { status: 'none' };

export function evolveUser(_state: UserState, event: UserEvent): UserState {
  switch (event.type) {
    case 'UserProfileChanged': {
      const { userId, ...profile } = event.data;
      return { status: 'known', id: userId, ...profile };
    }
    case 'UserProfileErased':
      return noUser;
    default:
      return event satisfies never;
  }
}
