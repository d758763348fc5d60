import { specification } from '@mcpstack/testing';
import { AT, BOT, OWNER, OWNER_ID, SYSTEM } from '../../test/samples.ts';
import type { ChangeProfile, EraseProfile } from './commands.ts';
import { user } from './decide.ts';
import type { UserEvent } from './events.ts';

const { given } = specification(user);
const by = { at: AT, actor: OWNER };
const change: ChangeProfile = { type: 'ChangeProfile', ...by, userId: OWNER_ID };
const erase: EraseProfile = { type: 'EraseProfile', ...by, userId: OWNER_ID };
const changed = (profile: { name?: string; email?: string }): UserEvent => ({
  type: 'UserProfileChanged',
  data: { userId: OWNER_ID, ...profile },
  ...by,
});
const erased: UserEvent = { type: 'UserProfileErased', data: { userId: OWNER_ID }, ...by };
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

  it('are erased, once, and may begin anew', () => {
    given(changed(ada)).when(erase).then(erased);
    given(changed(ada), erased).when(erase).thenNothing();
    given().when(erase).thenNothing();
    given(changed(ada), erased)
      .when({ ...change, name: 'Ada' })
      .then(changed({ name: 'Ada' }));
  });

  it('are for the person and the system alone', () => {
    for (const command of [{ ...change, name: 'Ada' }, erase]) {
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
      .when({ ...erase, actor: SYSTEM })
      .then({ ...erased, actor: SYSTEM });
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
