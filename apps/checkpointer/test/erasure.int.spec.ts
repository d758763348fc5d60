/** G9: a person is erased while the log is signed: before, between and after checkpoints, the tree stays what it was. */
import { parseErasable } from '@mcpstack/domain';
import { eventDigest } from '@mcpstack/event-store';
import { verifyNote } from '@mcpstack/tlog';
import { audit, wholeLog } from './oracle.ts';
import { startNats, waitFor, World, type LocalServer } from './world.ts';

let server: LocalServer;
let world: World;
beforeAll(async () => {
  server = await startNats();
  world = await World.open(server);
});
afterAll(async () => {
  await world.close();
  await server.stop();
});

it('the log is signed on, by whoever was there before the erasure and by whoever comes after it', async () => {
  const all: { position: string; digest: string }[] = [];
  const erase = async (user: string): Promise<void> => {
    const stream = `user-user_${user}`;
    const events = (await wholeLog(world.store)).filter((event) => event.stream === stream);
    const erased = events.map((event) => ({
      position: String(event.position),
      digest: eventDigest(event).toString('hex'),
    }));
    await world.append(stream, 1, { type: 'UserProfileErased', data: { userId: `user_${user}`, erased } });
    await world.store.truncate(stream, BigInt(events.length));
    all.push(...erased);
  };
  const profile = (user: string) => world.append(`user-user_${user}`, 2, { type: 'UserProfileChanged' });

  // Erased before anything is signed, with the record in sight; and with more than a checkpoint between.
  await profile('a');
  await erase('a');
  await profile('b');
  await world.grow(2_300);
  await erase('b');
  const early = world.start({ intervalMs: 50 });
  await world.append('key-z', 1);
  await profile('c');
  const { length } = await wholeLog(world.store);
  await waitFor(() => early.status().size >= length, { timeoutMs: 20_000, what: 'all to be covered' });
  // Erased after it is covered.
  await erase('c');
  await world.grow(5);
  // And what is erased is covered by nobody yet, when somebody else starts.
  await early.stop();
  await profile('d');
  await erase('d');
  const late = world.start({ intervalMs: 50 });
  await world.append('key-z', 1);
  const total = (await wholeLog(world.store)).length + all.length;
  await waitFor(() => late.status().size >= total - 1, { timeoutMs: 20_000, what: 'the rest to be covered' });
  await late.stop();
  const signed = await audit(world.store, { erased: all });
  expect(signed.at(-1)!.size).toBeGreaterThanOrEqual(total - 1);
  // It is signed which leaves may be erased: all of persons, whether they stood when it was or not, and no others.
  const log = await wholeLog(world.store);
  const notes = log.flatMap(({ data }) => (data['erasable'] as string | undefined) ?? []);
  const told = notes.map((note) => parseErasable(verifyNote(note, world.verifiers()).text)!);
  const placesOf = (users: string[], revisions: number[]) =>
    users.flatMap((user) => revisions.map((revision) => `user-user_${user}@${revision}`));
  expect(told.flatMap(({ places }) => [...places.values()]).sort()).toEqual(
    placesOf(['a', 'b', 'c', 'd'], [0, 1, 2]),
  );
  // What was gone before it was signed is marked: of that there is the word of a record alone.
  const unseen = told.flatMap(({ places, unseen: indexes }) =>
    [...indexes].map((index) => places.get(index)),
  );
  expect(unseen.sort()).toEqual(placesOf(['a', 'b', 'd'], [0, 1]));
  // Control: without what the records name, no tree fits.
  await expect(audit(world.store)).rejects.toThrow('checkpoint 0: other leaves');
}, 240_000);
