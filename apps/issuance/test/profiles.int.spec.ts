/** People's profiles: their own alone, in a stream of their own. */
import { newId } from '@mcpstack/contracts';
import { expectForbidden, expectRepeatable, keyActor, person, systemActor, wrongFields } from './checks.ts';
import { Harness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
beforeEach(() => harness.asked.splice(0));

const profile = async (userId: string) =>
  (await harness.events(`user-${userId}`)).map(({ type, data }) => {
    const { userId: _, ...shown } = data;
    return [type, shown];
  });

describe('changeProfile', () => {
  it('accepted and repeated: what is absent stays, an empty text removes', async () => {
    const actor = person();
    const { position } = await expectRepeatable(harness, 'changeProfile', { name: 'Ada' }, { actor });
    expect(harness.asked[0]).toMatchObject({ need: 'visible', position });
    await harness.send('changeProfile', { email: 'ada@example.com' }, { actor });
    await harness.send('changeProfile', { email: 'ada@example.com' }, { actor });
    await harness.send('changeProfile', { name: '' }, { actor });
    expect(await profile(actor.id)).toEqual([
      ['UserProfileChanged', { name: 'Ada' }],
      ['UserProfileChanged', { name: 'Ada', email: 'ada@example.com' }],
      ['UserProfileChanged', { email: 'ada@example.com' }],
    ]);
  });

  it('with nothing to change: nothing is written, and the position can be read from', async () => {
    const actor = person();
    expect(await harness.send('changeProfile', {}, { actor })).toEqual({ position: '0' });
    expect(await profile(actor.id)).toEqual([]);
  });

  it('refused: to keys and the system, and for what is no name and no address', async () => {
    for (const actor of [keyActor(newId('key')), systemActor, { type: 'user', id: 'x' }])
      await expectForbidden(harness.send('changeProfile', { name: 'Ada' }, { actor }));
    const wrong: [object, string][] = [
      [{ name: ' Ada' }, 'name'],
      [{ name: 'A\u0000' }, 'name'],
      [{ name: null }, 'name'],
      [{ email: 'ada' }, 'email'],
      [{ email: 'a@b@example.com' }, 'email'],
      [{ email: 'a@example.com\n' }, 'email'],
      [{ email: null }, 'email'],
      [{ userId: newId('user') }, 'userId'],
    ];
    for (const [input, field] of wrong)
      expect(await wrongFields(harness.send('changeProfile', input))).toEqual([field]);
    expect(await profile(harness.owner.id)).toEqual([]);
  });

  it('stands in no log', async () => {
    await harness.send('changeProfile', { name: 'Countess Lovelace', email: 'countess@example.com' });
    expect(harness.logged).toContain('changeProfile');
    expect(harness.logged).not.toMatch(/Lovelace|countess/);
  });
});
