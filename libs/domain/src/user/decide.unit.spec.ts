import { specification } from '@mcpstack/testing';
import { AT, BOT, OWNER, OWNER_ID, SYSTEM } from '../../test/samples.ts';
import type { ChangeProfile, EraseProfile } from './commands.ts';
import { MOST_ERASED_AT_ONCE, user } from './decide.ts';
import { userCodec, type UserEvent, type UserProfileErased } from './events.ts';

const { given } = specification(user);
const by = { at: AT, actor: OWNER };
const change: ChangeProfile = { type: 'ChangeProfile', ...by, userId: OWNER_ID };
/** So many events that stand, from a revision on. */
const standing = (count: number, firstRevision = 0n): EraseProfile['standing'] => ({
  firstRevision,
  events: Array.from({ length: count }, (_, n) => ({
    position: String(Number(firstRevision) + n),
    digest: 'ab'.repeat(32),
    commandId: `command-${Number(firstRevision) + n}`,
  })),
});
const erase = (...of: Parameters<typeof standing>): EraseProfile => ({
  type: 'EraseProfile',
  ...by,
  userId: OWNER_ID,
  standing: standing(...of),
});
const changed = (profile: { name?: string; email?: string }): UserEvent => ({
  type: 'UserProfileChanged',
  data: { userId: OWNER_ID, ...profile },
  ...by,
});
/** The erasure of so many events, from a revision on; it knows the commands of those before as well. */
const erased = (count: number, firstRevision = 0n): UserEvent => ({
  type: 'UserProfileErased',
  data: {
    userId: OWNER_ID,
    ...(firstRevision > 0n && { firstRevision: String(firstRevision) }),
    erased: standing(count, firstRevision).events.map(({ position, digest }) => ({ position, digest })),
    commandIds: standing(Number(firstRevision) + count).events.map(({ commandId }) => commandId!),
  },
  ...by,
});
/** As many as one erasure knows, each as long as a command id is. */
const longest = Array.from({ length: 5_000 }, (_, n) => `${n}`.padStart(36, 'c'));
const ada = { name: 'Ada', email: 'ada@example.com' };

describe('profiles', () => {
  it('are changed: what is absent stays, an empty text removes; with nothing new nothing', () => {
    given()
      .when({ ...change, ...ada })
      .then(changed(ada));
    given(changed(ada))
      .when({ ...change, name: 'Grace' })
      .then(changed({ ...ada, name: 'Grace' }));
    given(changed(ada))
      .when({ ...change, name: '' })
      .then(changed({ email: ada.email }));
    given(changed(ada))
      .when({ ...change, name: '', email: '' })
      .then(changed({}));
    given(changed(ada))
      .when({ ...change, ...ada })
      .thenNothing();
    given().when(change).thenNothing();
    given()
      .when({ ...change, name: '' })
      .thenNothing();
  });

  it('are erased, once: what stands is named, oldest first', () => {
    given(changed(ada)).when(erase(1)).then(erased(1));
    given(changed(ada), changed({})).when(erase(2)).then(erased(2));
    given(changed(ada), erased(1)).when(erase(1, 1n)).thenNothing();
    // Before the stream was truncated, all of it still stands.
    given(changed(ada), erased(1)).when(erase(2)).thenNothing();
    given().when(erase(0)).thenNothing();
  });

  it('may begin anew, and be erased again: the erasure before goes too, and what it knows stays known', () => {
    given(changed(ada), erased(1))
      .when({ ...change, name: 'Ada' })
      .then(changed({ name: 'Ada' }));
    given(changed(ada), erased(1), changed(ada)).when(erase(2, 1n)).then(erased(2, 1n));
    // A first erasure that was recorded and not carried out: what it named is named once more.
    given(changed(ada), erased(1), changed(ada)).when(erase(3)).then(erased(3));
  });

  it('that were erased without being named, as it was once, are named now', () =>
    given(changed(ada), { type: 'UserProfileErased', data: { userId: OWNER_ID, erased: [] }, ...by })
      .when(erase(2))
      .then(erased(2)));

  it('of more events than one can name are erased in several rounds', () => {
    const most = MOST_ERASED_AT_ONCE;
    const first = user.decide(erase(2 * most + 1), user.evolve(user.initial, changed(ada)));
    expect(first).toEqual([erased(most)]);
    const after = first.reduce(user.evolve, user.initial);
    const second = user.decide(erase(most + 2, BigInt(most)), after);
    expect((second[0] as UserProfileErased).data.erased).toHaveLength(most);
    const last = user.decide(erase(3, BigInt(2 * most)), second.reduce(user.evolve, after));
    expect(last).toMatchObject([{ data: { firstRevision: String(2 * most), erased: { length: 3 } } }]);
    expect(user.decide(erase(1, BigInt(2 * most + 3)), last.reduce(user.evolve, after))).toEqual([]);
    // The largest of them fits into an append with room to spare.
    const { data } = userCodec.encode({
      ...last[0]!,
      data: { ...first[0]!.data, commandIds: longest },
    } as never);
    expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(600_000);
  });

  it('are not filled again by the next login, until the person does it; control: a first login fills them', () => {
    const login = { ...change, ...ada, atLogin: true };
    given().when(login).then(changed(ada));
    given(changed(ada), erased(1)).when(login).thenNothing();
    given(changed(ada), erased(1), changed({ name: 'A.' }))
      .when(login)
      .then(changed(ada));
  });

  it('are not filled again by a change that was erased and comes once more', () => {
    const again = { ...change, ...ada, commandId: 'command-0' };
    given(changed(ada), erased(1)).when(again).thenNothing();
    given(changed(ada), erased(1), changed({ name: 'A.' }), erased(2, 1n))
      .when(again)
      .thenNothing();
    // Control: another command may.
    given(changed(ada), erased(1))
      .when({ ...again, commandId: 'command-1' })
      .then(changed(ada));
  });

  it('are for the person and the system alone', () => {
    for (const command of [{ ...change, name: 'Ada' }, erase(1)]) {
      for (const actor of [
        BOT,
        { type: 'user', id: 'user_2' } as const,
        { type: 'key', id: OWNER_ID } as const,
      ])
        given(changed(ada))
          .when({ ...command, actor })
          .thenRefused('forbidden');
    }
    given(changed(ada))
      .when({ ...erase(1), actor: SYSTEM })
      .then({ ...erased(1), actor: SYSTEM });
  });

  it('take an address whose host has no dot', () =>
    given()
      .when({ ...change, email: 'owner@localhost' })
      .then(changed({ email: 'owner@localhost' })));

  it.each([
    ['name', 'a\nb'],
    ['email', 'ada'],
    ['email', 'ada@'],
    ['email', 'a@b@example.com'],
    ['email', 'ada @example.com'],
    ['email', 'ada@example.com\r\nBcc: x@example.com'],
    ['email', `${'a'.repeat(250)}@example.com`],
  ])('refuse the %s %j', (field, value) =>
    given()
      .when({ ...change, [field]: value })
      .thenRefused('validation-failed', { fields: [field] }),
  );
});
