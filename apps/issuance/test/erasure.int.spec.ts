/** Erasure: what goes is named first and then gone, whatever comes in between, and nothing comes back by itself. */
import { randomUUID } from 'node:crypto';
import { newId, type Actor } from '@mcpstack/contracts';
import {
  LONGEST_INVITATION_MS,
  MOST_ERASED_AT_ONCE,
  userCodec,
  type UserProfileErased,
} from '@mcpstack/domain';
import {
  eventDigest,
  eventId,
  type EventStore,
  type NewEvent,
  type RecordedEvent,
} from '@mcpstack/event-store';
import { waitFor } from '@mcpstack/local-servers';
import { filesWith } from '@mcpstack/testing';
import { Decisions } from '../src/decisions.ts';
import { Erasure } from '../src/user/erasure.ts';
import {
  expectForbidden,
  expectRepeatable,
  keyActor,
  person,
  storeWith,
  systemActor,
  wrongFields,
} from './checks.ts';
import { Harness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());

const streamOf = ({ id }: Actor) => `user-${id}`;
const read = (actor: Actor) => harness.events(streamOf(actor));
const change = (actor: Actor, name: string, changes: object = {}) =>
  harness.send('changeProfile', { name }, { actor, ...changes });
const erase = (actor: Actor) => harness.send('eraseProfile', { userId: actor.id }, { actor });
const causeOf = () => ({ commandId: randomUUID(), requestId: 'req-spec', requestDigest: 'd'.repeat(64) });
const dataOf = (event: RecordedEvent) => (userCodec.decode(event) as UserProfileErased).data;

/** Somebody whose profile was changed so often, with what stood in the log. */
async function somebody(changes = 2): Promise<{ actor: Actor; stood: RecordedEvent[] }> {
  const actor = person();
  for (let n = 0; n < changes; n += 1) await change(actor, `Ada ${n}`);
  return { actor, stood: await read(actor) };
}

/** What an erasure has to say of events that stood. */
const named = (stood: readonly RecordedEvent[]) =>
  stood.map((event) => ({
    position: event.position.toString(),
    digest: eventDigest(event).toString('hex'),
  }));

/** The log, where nothing can be truncated: a process that ends between the append and the truncation. */
const crashing = (): EventStore => ({
  ...storeWith(harness.store, (...args) => harness.store.append(...args)),
  truncate: () => Promise.reject(new Error('the process was killed here')),
});

describe('eraseProfile', () => {
  it.each([
    ['the person', undefined],
    ['the system', systemActor],
  ])('accepted by %s, and repeated: one event names what stood, and it is gone', async (_who, by) => {
    const { actor, stood } = await somebody();
    const { position } = await expectRepeatable(
      harness,
      'eraseProfile',
      { userId: actor.id },
      { actor: by ?? actor },
    );
    expect(await erase(actor)).toEqual({ position });
    const [record, ...more] = await read(actor);
    expect(more).toEqual([]);
    expect(record).toMatchObject({ type: 'UserProfileErased', revision: 2n, position: BigInt(position) });
    expect(dataOf(record!)).toMatchObject({ userId: actor.id, erased: named(stood) });
    // The chain goes on over what is gone.
    expect(record!.metadata['previousDigest']).toBe(named(stood).at(-1)!.digest);
    expect(JSON.stringify([record!.data, record!.metadata])).not.toContain('Ada');
  });

  it('of a profile that never was: nothing is written', async () => {
    expect(await erase(person())).toEqual({ position: '0' });
  });

  it('refused: of somebody else, by a key', async () => {
    const { actor, stood } = await somebody();
    const input = { userId: actor.id };
    for (const by of [harness.owner, keyActor(newId('key'))])
      await expectForbidden(harness.send('eraseProfile', input, { actor: by }));
    expect(await wrongFields(harness.send('eraseProfile', { userId: newId('key') }))).toEqual(['userId']);
    expect(await read(actor)).toEqual(stood);
  });

  it('begun anew and erased again: named is all that ever stood, because the record before goes too', async () => {
    const { actor, stood: first } = await somebody();
    await erase(actor);
    await change(actor, 'Grace');
    const stood = await read(actor);
    expect(stood.map(({ revision }) => revision)).toEqual([2n, 3n]);
    await erase(actor);
    const [record, ...more] = await read(actor);
    expect(more).toEqual([]);
    expect(dataOf(record!)).toMatchObject({ erased: named([...first, ...stood]) });
    expect(dataOf(record!)).not.toHaveProperty('firstRevision');
    expect(record!.metadata['previousDigest']).toBe(named(stood).at(-1)!.digest);
  });

  it('a change that comes once more after the erasure stays erased (control: as another command it does not)', async () => {
    const actor = person();
    const repeated = { actor, commandId: randomUUID() };
    await change(actor, 'Ada', repeated);
    await erase(actor);
    await change(actor, 'Ada', repeated);
    expect((await read(actor)).map(({ type }) => type)).toEqual(['UserProfileErased']);
    await change(actor, 'Ada');
    await erase(actor);
    await change(actor, 'Ada', repeated);
    expect((await read(actor)).map(({ type }) => type)).toEqual(['UserProfileErased']);
    await change(actor, 'Ada');
    expect(await read(actor)).toHaveLength(2);
  });

  it('a login does not fill it again; the person does, and then a login does too', async () => {
    const { actor } = await somebody();
    await erase(actor);
    const login = () => harness.send('changeProfile', { email: 'ada@example.com', atLogin: true }, { actor });
    await login();
    expect((await read(actor)).map(({ type }) => type)).toEqual(['UserProfileErased']);
    await change(actor, 'Ada');
    await login();
    expect((await read(actor)).at(-1)!.data).toMatchObject({ name: 'Ada', email: 'ada@example.com' });
  });

  it('while others write: named is what stands when the event is appended, not what stood when it was read', async () => {
    const { actor } = await somebody();
    let isFirst = true;
    const store = {
      ...storeWith(harness.store, (...args) => harness.store.append(...args)),
      async *readStream(...args: Parameters<EventStore['readStream']>) {
        yield* harness.store.readStream(...args);
        if (isFirst) {
          isFirst = false;
          await change(actor, 'Grace');
        }
      },
    };
    await new Erasure(new Decisions(store)).erase(causeOf(), actor.id, actor);
    const [record] = await read(actor);
    expect(record!.revision).toBe(3n);
    expect(dataOf(record!).erased).toHaveLength(3);
  });

  it('several at once: all are answered, one event stands', async () => {
    const { actor, stood } = await somebody(3);
    await Promise.all([1, 2, 3, 4].map(() => erase(actor)));
    const [record, ...more] = await read(actor);
    expect([record!.revision, more]).toEqual([3n, []]);
    expect(dataOf(record!).erased).toEqual(named(stood));
  });

  it('is in no log of the service, nor anywhere on the disk of the log (control: it was there)', async () => {
    const secret = `Countess${randomUUID().replaceAll('-', '')}`;
    const actor = person();
    await harness.send('changeProfile', { name: secret, email: `${secret}@example.com` }, { actor });
    const folder = harness.server.dataDir;
    expect(filesWith(folder, secret)).not.toEqual([]);
    await erase(actor);
    // Kept replies and all other buckets stand in the same folder.
    expect(filesWith(folder, secret)).toEqual([]);
    expect(harness.logged).toContain('eraseProfile');
    expect(harness.logged).not.toContain(secret);
  });
});

describe('an erasure that was cut off between the event and the truncation', () => {
  const erasing = (store: EventStore) => new Erasure(new Decisions(store));

  it('is finished by the retry, and by whoever asks to erase what seems erased', async () => {
    const people = [await somebody(), await somebody()];
    // No instance is there, so that nobody else finishes it.
    await harness.instances.splice(0, 1)[0]!.close();
    for (const [isRetry, { actor, stood }] of people.entries()) {
      const cause = causeOf();
      await expect(erasing(crashing()).erase(cause, actor.id, actor)).rejects.toThrow('killed');
      expect((await read(actor)).map(({ revision }) => revision)).toEqual([0n, 1n, 2n]);
      await erasing(harness.store).erase(isRetry === 0 ? cause : causeOf(), actor.id, actor);
      const [record, ...more] = await read(actor);
      expect(more).toEqual([]);
      expect(dataOf(record!).erased).toEqual(named(stood));
    }
    await harness.addInstance();
  });

  it('is finished by an instance that starts, and by one that runs (control: without one it stays)', async () => {
    const [first, second] = [await somebody(), await somebody()];
    await harness.instances.splice(0, 1)[0]!.close();
    await expect(erasing(crashing()).erase(causeOf(), first.actor.id, first.actor)).rejects.toThrow('killed');
    expect(await read(first.actor)).toHaveLength(3);
    await harness.addInstance();
    const isGone = async ({ actor }: typeof first) => (await read(actor)).length === 1;
    await waitFor(() => isGone(first), { what: 'the sweep of the new instance' });
    await expect(erasing(crashing()).erase(causeOf(), second.actor.id, second.actor)).rejects.toThrow(
      'killed',
    );
    await waitFor(() => isGone(second), { what: 'the sweep of the running instance' });
  });

  it('one that named nothing, as it was once, is made anew by the sweep; who began anew keeps what they have', async () => {
    const actor = person();
    const stored = (type: string, data: object): NewEvent => ({
      id: randomUUID(),
      type,
      data: { userId: actor.id, ...data },
      metadata: {
        ...{ at: new Date().toISOString(), actor, schemaVersion: 1, requestDigest: 'd'.repeat(64) },
        ...{ $causationId: randomUUID(), $correlationId: 'req-old' },
      },
    });
    const old = [stored('UserProfileChanged', { name: 'Ada' }), stored('UserProfileErased', {})];
    await harness.store.append(streamOf(actor), 'no_stream', old);
    await waitFor(async () => (await read(actor)).length === 1, { what: 'the sweep' });
    const [record] = await read(actor);
    expect(dataOf(record!).erased).toHaveLength(2);

    const begun = person();
    const anew = old.map((one, n) => ({
      ...one,
      id: eventId(begun.id, n),
      data: { ...one.data, userId: begun.id },
    }));
    await harness.store.append(streamOf(begun), 'no_stream', [...anew, { ...anew[0]!, id: randomUUID() }]);
    await new Erasure(new Decisions(harness.store)).finish((await read(begun))[1]!);
    expect(await read(begun)).toHaveLength(3);
    await erase(begun);
    expect(await read(begun)).toHaveLength(1);
  });
});

describe('the address of an invitation', () => {
  /** Written by this actor so long before it would be 30 days old. */
  async function written(
    youngerMs: number,
    actor: Actor = { type: 'system', id: 'issuance' },
  ): Promise<Actor> {
    const invited = person();
    const at = new Date(Date.now() + youngerMs - LONGEST_INVITATION_MS).toISOString();
    const cause = { $causationId: randomUUID(), $correlationId: 'req-spec', requestDigest: 'd'.repeat(64) };
    const metadata = { at, actor, schemaVersion: 1, salt: 'ab'.repeat(16), ...cause };
    const data = { userId: invited.id, email: 'grace@example.com' };
    const event = { id: randomUUID(), type: 'UserProfileChanged', data, metadata };
    await harness.store.append(streamOf(invited), 'no_stream', [event]);
    return invited;
  }
  const typesOf = async (invited: Actor) => (await read(invited)).map(({ type }) => type);
  const isErased = async (invited: Actor) => (await typesOf(invited)).join() === 'UserProfileErased';

  it('is erased when no invitation can be open any more, by several instances at once, and by one that starts later', async () => {
    const [day, second] = [86_400_000, 1_000];
    const [old, soon, open] = [await written(-second), await written(2 * second), await written(day)];
    const mine = await written(-day, person());
    const other = await harness.addInstance();
    await waitFor(() => isErased(old), { what: 'the erasure of the old one' });
    await waitFor(() => isErased(soon), { what: 'the erasure of what became old' });
    expect((await read(old))[0]!.metadata['actor']).toEqual({ type: 'system', id: 'issuance' });
    // Controls: one that may still be accepted, and what somebody wrote who is not issuance.
    for (const kept of [open, mine]) expect(await typesOf(kept)).toEqual(['UserProfileChanged']);

    harness.instances.splice(harness.instances.indexOf(other), 1);
    await Promise.all([other, ...harness.instances.splice(0)].map((instance) => instance.close()));
    const whileAway = await written(-second);
    await harness.addInstance();
    await waitFor(() => isErased(whileAway), { what: 'the erasure at the start' });
    expect(await typesOf(open)).toEqual(['UserProfileChanged']);
  });
});

describe('more events than one can name', () => {
  const COUNT = MOST_ERASED_AT_ONCE + 5;

  /** Somebody with so many; whole appends go, so that an erasure ends where one does. */
  async function planted(): Promise<{ actor: Actor; stood: RecordedEvent[] }> {
    const actor = person();
    const metadata = { at: new Date().toISOString(), actor, schemaVersion: 1 };
    const data = { userId: actor.id, name: 'Ada' };
    for (let n = 0; n < COUNT; n += 250) {
      const size = Math.min(250, COUNT - n);
      const events = Array.from({ length: size }, () => {
        return { id: randomUUID(), type: 'UserProfileChanged', data, metadata };
      });
      await harness.store.append(streamOf(actor), n === 0 ? 'no_stream' : BigInt(n - 1), events);
    }
    return { actor, stood: await read(actor) };
  }
  const allNamed = (records: readonly RecordedEvent[]) => records.flatMap((one) => dataOf(one).erased);

  it('are named by several, which stay together, also when the first of them was all that came about', async () => {
    const { actor, stood } = await planted();
    await harness.instances.splice(0, 1)[0]!.close();
    let records = 0;
    const store = storeWith(harness.store, (...args) => {
      if ((records += 1) > 1) throw new Error('the process was killed here');
      return harness.store.append(...args);
    });
    await expect(new Erasure(new Decisions(store)).erase(causeOf(), actor.id, actor)).rejects.toThrow(
      'killed',
    );
    // Not all is named, so nothing may go.
    expect(await read(actor)).toHaveLength(COUNT + 1);
    await harness.addInstance();
    await waitFor(async () => (await read(actor)).length === 2, { what: 'the sweep' });
    const left = await read(actor);
    expect(allNamed(left)).toEqual(named(stood));
    expect(left.map(({ revision }) => revision)).toEqual([BigInt(COUNT), BigInt(COUNT + 1)]);

    await change(actor, 'Grace');
    await erase(actor);
    const again = await read(actor);
    expect(allNamed(again).slice(0, COUNT)).toEqual(named(stood));
    expect(allNamed(again)).toHaveLength(COUNT + 3);
  });
});
