/**
 * A person's profile: the one place of personal data, in a stream whose beginning can be erased. Events and state.
 * These names and shapes are a storage format (G10): never edit, add.
 */
import { z } from 'zod';
import { eventCodec, firstVersion, nextVersion } from '../codec.ts';
import type { DomainEvent } from '../decider.ts';
import { id, text } from '../schemas.ts';
import { erasureAfter, type Erasure } from './erasure.ts';

const decimal = z.string().regex(/^(0|[1-9][0-9]{0,18})$/);

const userProfileChanged = z.strictObject({
  userId: id('user'),
  /** The whole profile after the change. */
  name: text.exactOptional(),
  email: text.exactOptional(),
});
/** Read models drop what they hold. What stood before it was not truncated, nor is it named. */
const erasedUnnamed = z.strictObject({ userId: id('user') });
/**
 * The stream is truncated before it (before the first of several that belong together). What goes is named by its digests, so that chains and the Merkle tree can be
 * checked without it; the digests are of salted events, so that they confirm no guess of what stood there.
 */
const userProfileErased = z.strictObject({
  userId: id('user'),
  /** Of the first event that is named; absent when that is the stream's first. Decimal. */
  firstRevision: decimal.exactOptional(),
  /**
   * One for each revision from there on, in order: position in the log (decimal), and digest. Also of what went with
   * an earlier erasure, because that goes as well.
   */
  erased: z.array(z.strictObject({ position: decimal, digest: z.string().regex(/^[0-9a-f]{64}$/) })),
  /** Absent: the event names all before it. Else the revision before which all is named by several events. Decimal. */
  before: decimal.exactOptional(),
  /** Of the changes that were erased, at whatever time: one of them that comes again is known to be a repetition. */
  commandIds: z.array(text).exactOptional(),
});

export type UserProfileChanged = DomainEvent<'UserProfileChanged', z.infer<typeof userProfileChanged>>;
export type UserProfileErased = DomainEvent<'UserProfileErased', z.infer<typeof userProfileErased>>;
export type UserEvent = UserProfileChanged | UserProfileErased;

export const userCodec = eventCodec<UserEvent>({
  UserProfileChanged: firstVersion(userProfileChanged),
  UserProfileErased: nextVersion(firstVersion(erasedUnnamed), userProfileErased, (data) => ({
    ...data,
    erased: [],
  })),
});

export type UserState = { erasure?: Erasure } & (
  { status: 'none' } | { status: 'known'; id: string; name?: string; email?: string }
);

export const noUser: UserState = { status: 'none' };

export function evolveUser({ erasure }: UserState, event: UserEvent): UserState {
  switch (event.type) {
    case 'UserProfileChanged': {
      const { userId, ...profile } = event.data;
      return { status: 'known', id: userId, ...profile, ...(erasure && { erasure }) };
    }
    case 'UserProfileErased':
      return { status: 'none', erasure: erasureAfter(erasure, event.data) };
    default:
      return event satisfies never;
  }
}
