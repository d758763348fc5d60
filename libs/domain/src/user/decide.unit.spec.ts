import { specification } from '@mcpstack/testing';
import { AT, BOT, OWNER, OWNER_ID, SYSTEM } from '../../test/samples.ts';
import type { ChangeProfile, EraseProfile } from './commands.ts';
import { user } from './decide.ts';
import { MOST_ERASED_AT_ONCE } from './erasure.ts';
import { userCodec, type UserEvent } from './events.ts';

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
/** The erasure of so many events from the stream's beginning on; of one of several that name all before a revision. */
const erased = (count: number, { from = 0, before }: { from?: number; before?: number } = {}): UserEvent => ({
  type: 'UserProfileErased',
  data: {
    userId: OWNER_ID,
    ...(from > 0 && { firstRevision: String(from) }),
    erased: standing(count, BigInt(from)).events.map(({ position, digest }) => ({ position, digest })),
    ...(before !== undefined && { before: String(before) }),
    commandIds: standing(before ?? count).events.map(({ commandId }) => commandId!),
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

  it('may begin anew, and be erased again: named is what went before as well, because its record goes too', () => {
    given(changed(ada), erased(1))
      .when({ ...change, name: 'Ada' })
      .then(changed({ name: 'Ada' }));
    const again = given(changed(ada), erased(1), changed(ada));
    again.when(erase(2, 1n)).then(erased(3));
    // A first erasure that was recorded and not carried out.
    again.when(erase(3)).then(erased(3));
    given(erased(3), changed(ada)).when(erase(2, 3n)).then(erased(5));
    // What stood before the first erasure that says so cannot be named.
    given(changed(ada))
      .when(erase(1, 4n))
      .then({
        ...erased(1, { from: 4 }),
        data: { ...erased(1, { from: 4 }).data, commandIds: ['command-4'] },
      } as UserEvent);
  });

  it('that were erased without being named, as it was once, are named now', () =>
    given(changed(ada), { type: 'UserProfileErased', data: { userId: OWNER_ID, erased: [] }, ...by })
      .when(erase(2))
      .then(erased(2)));

  describe('of more events than one can name', () => {
    const most = MOST_ERASED_AT_ONCE;
    const count = 2 * most + 1;
    const parts = [
      erased(most, { before: count }),
      erased(most, { from: most, before: count }),
      erased(1, { from: 2 * most, before: count }),
    ] as const;
    const decide = (command: EraseProfile, ...events: UserEvent[]) =>
      user.decide(command, events.reduce(user.evolve, user.initial));
    /** What an event names; records are no changes, and their commands are not looked at here. */
    const bare = (events: readonly UserEvent[]) =>
      events.map(({ data }) => ({ ...(data as object), commandIds: undefined }));
    const completes = (...events: UserEvent[]) =>
      events.reduce(user.evolve, user.initial).erasure?.isComplete === true;

    it('are named by several, which belong together: complete with the last of them', () => {
      expect(bare(decide(erase(count), changed(ada)))).toEqual(bare([parts[0]]));
      expect(bare(decide(erase(count + 1), changed(ada), parts[0]))).toEqual(bare([parts[1]]));
      expect(bare(decide(erase(count + 2), changed(ada), ...parts.slice(0, 2)))).toEqual(bare([parts[2]]));
      expect(bare(decide(erase(count + 3), changed(ada), ...parts))).toEqual(bare([]));
      expect([1, 2, 3].map((some) => completes(...parts.slice(0, some)))).toEqual([false, false, true]);
      expect(bare(decide(erase(3, BigInt(count)), ...parts))).toEqual(bare([]));
    });

    it('with all of it once more after a next erasure, whether these were complete or not', () => {
      const anew = [...parts, changed(ada)];
      const [first] = decide(erase(4, BigInt(count)), ...anew);
      expect(bare([first!])).toEqual(bare([erased(most, { before: count + 4 })]));
      const [second] = decide(erase(5, BigInt(count)), ...anew, first!);
      expect(bare([second!])).toEqual(bare([erased(most, { from: most, before: count + 4 })]));
      const [third] = decide(erase(6, BigInt(count)), ...anew, first!, second!);
      expect(bare([third!])).toEqual(bare([erased(5, { from: 2 * most, before: count + 4 })]));
      expect(completes(...anew, first!, second!, third!)).toBe(true);
      // Cut off after the first part, and begun anew: all still stands.
      const cut = [changed(ada), parts[0], changed(ada)];
      expect(bare(decide(erase(count + 2), ...cut))).toEqual(bare([erased(most, { before: count + 2 })]));
    });

    it('fit into an append with room to spare', () => {
      const { data } = userCodec.encode({
        ...parts[1],
        data: { ...parts[1].data, commandIds: longest },
      } as UserEvent);
      expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(600_000);
    });
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
    given(changed(ada), erased(1), changed({ name: 'A.' }), erased(3))
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
