import { newId, type Actor, type KeysOfMakerRequest } from '@mcpstack/contracts';
import type { ReadModels } from '@mcpstack/read-models';
import { MAKER, until, World, type Key } from './world.ts';

let world: World;
let models: ReadModels;

beforeEach(async () => {
  world = await World.start();
  models = world.read();
});
afterEach(() => world.stop());

const query = async (organizationId: string, more: Partial<KeysOfMakerRequest> = {}) =>
  world.keysOfMaker({
    organizationId,
    maker: MAKER,
    position: `${await world.store.head()}`,
    timeoutMs: 5_000,
    ...more,
  });

async function live(): Promise<void> {
  await world.project();
  await world.confirm(await world.store.head(), 'visible');
  await until('live', () => models.state().trusted);
}

const ids = (keys: readonly Key[]) => keys.map(({ id }) => id);

describe('G8: which keys in force a maker made', () => {
  it('right after each was made or ended, in one organization, oldest first', async () => {
    await live();
    const [organizationId, other] = [await world.createOrganization(), await world.createOrganization()];
    const keys: Key[] = [];
    for (let n = 0; n < 20; n += 1) {
      keys.push(await world.createKey(organizationId));
      // No wait in between: the position alone says what must be in the answer.
      expect(await query(organizationId)).toEqual({ keyIds: ids(keys) });
    }
    const child: Actor = { type: 'key', id: keys[0]!.id };
    const made = await world.createKey(organizationId, child);
    await world.createKey(other);
    expect(await query(organizationId)).toEqual({ keyIds: ids(keys) });
    expect(await query(organizationId, { maker: child })).toEqual({ keyIds: [made.id] });
    expect(await query(organizationId, { maker: { type: 'user', id: newId('user') } })).toEqual({
      keyIds: [],
    });
    await world.append(keys[1]!.stream, 0n, 'KeySuspended', {});
    await world.append(keys[2]!.stream, 0n, 'KeyExpired', { expiresAt: new Date().toISOString() });
    await world.revoke(keys[3]!);
    expect(await query(organizationId)).toEqual({ keyIds: ids([keys[0]!, keys[1]!, ...keys.slice(4)]) });
  });

  it('of those that have ended, the ones that made keys: these may still be in force', async () => {
    await live();
    const organizationId = await world.createOrganization();
    const [parent, childless, between] = [
      await world.createKey(organizationId),
      await world.createKey(organizationId),
      await world.createKey(organizationId),
    ];
    const made = await world.createKey(organizationId, { type: 'key', id: parent.id });
    for (const key of [parent, childless]) await world.revoke(key);
    expect(await query(organizationId)).toEqual({ keyIds: ids([between, parent]) });
    const ofParent = { maker: { type: 'key', id: parent.id } } as const;
    expect(await query(organizationId, ofParent)).toEqual({ keyIds: [made.id] });
    // Another organization's key of the same maker is not among them.
    const other = await world.createOrganization();
    expect(await query(other)).toEqual({ keyIds: [] });
  });

  it('control: a position that does not reach so far answers without the last', async () => {
    await live();
    const organizationId = await world.createOrganization();
    const request = { organizationId, maker: MAKER, position: '-1', timeoutMs: 5_000 };
    let made = 0;
    let found = 0;
    while (found === made && made < 2_000) {
      await Promise.all(Array.from({ length: 20 }, () => world.createKey(organizationId)));
      made += 20;
      found = (await world.keysOfMaker(request)).keyIds!.length;
    }
    expect(found).toBeLessThan(made);
  });

  it('a position that does not come, and a malformed request: a reason, in time', async () => {
    await live();
    const organizationId = await world.createOrganization();
    const began = performance.now();
    const late = await query(organizationId, { position: '99999', timeoutMs: 200 });
    expect(late.reason).toMatch(/the read models are at/);
    expect(performance.now() - began).toBeLessThan(5_000);
    const malformed = { ...MAKER, type: 'system' } as const;
    expect(await query(organizationId, { maker: malformed })).toEqual({ reason: 'malformed request' });
    expect(world.logged('the keys of a maker were not answered').length).toBeGreaterThanOrEqual(2);
  });

  it('through rebuilds and a take-over the answer never lacks one', async () => {
    await live();
    const organizationId = await world.createOrganization();
    const keys: Key[] = [];
    for (let n = 0; n < 40; n += 1) keys.push(await world.createKey(organizationId));
    let asking = true;
    let answers = 0;
    const ask = async (): Promise<void> => {
      while (asking) {
        const reply = await query(organizationId).catch(() => ({ reason: 'nobody answers' }));
        if (!('keyIds' in reply)) continue;
        expect(reply.keyIds).toEqual(ids(keys));
        answers += 1;
      }
    };
    const asked = ask();
    expect(await world.rebuild()).toMatchObject({ started: true });
    await until('switched', () => world.logged('rebuilt and switched').length === 1);
    await world.project();
    await world.stopFirst();
    await until(
      'answers of the next',
      async () => (await query(organizationId).catch(() => undefined))?.keyIds,
    );
    const before = answers;
    await until('more answers', () => answers > before + 5);
    asking = false;
    await asked;
    expect(answers).toBeGreaterThan(5);
  });

  it('nobody answers while no projection is active', async () => {
    const organizationId = await world.createOrganization();
    await expect(query(organizationId, { timeoutMs: 100 })).rejects.toThrow();
  });
});
