/** G9 when things go wrong: a checkpointer that dies anywhere, two at once, a log that is away or was changed. */
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConflictError,
  eventDigest,
  EventStoreUnavailableError,
  type EventStore,
} from '@mcpstack/event-store';
import { Log } from '@mcpstack/service-kit';
import { newKey } from '../src/key-file.ts';
import { Publication } from '../src/publication.ts';
import { audit, wholeLog } from './oracle.ts';
import { startNats, storeWith, waitFor, World, type LocalServer } from './world.ts';

let server: LocalServer;
let world: World;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());
beforeEach(async () => {
  world = await World.open(server);
});
afterEach(() => world.close());

/** Every event but the checkpoints of the end is covered, once. */
async function expectAllCovered(): Promise<void> {
  const signed = await audit(world.store);
  const rest = (await wholeLog(world.store)).slice(signed.at(-1)!.size);
  expect(rest.filter(({ type }) => type !== 'CheckpointSigned')).toEqual([]);
}

const STEPS = [
  'reading',
  'asking for the head',
  'before the append',
  'after the append',
  'after the answer',
] as const;
type Step = (typeof STEPS)[number];

/** The log of a process that ends at this step of its `turn`-th checkpoint: from then on it says nothing and hears nothing. */
function mortal(step: Step, turn: number): { store: EventStore; died: () => boolean } {
  let dead = false;
  let appends = 0;
  const gone = () => new Promise<never>(() => undefined);
  const at = (here: Step): boolean => (dead ||= here === step && appends >= turn);
  const store = storeWith(world.store, {
    async *subscribe(options) {
      for await (const event of world.store.subscribe(options)) {
        if (at('reading')) return gone();
        yield event;
      }
    },
    head: (options) => (at('asking for the head') ? gone() : world.store.head(options)),
    async append(...call) {
      appends += 1;
      if (at('before the append')) return gone();
      const answer = await world.store.append(...call);
      if (at('after the append')) return gone();
      queueMicrotask(() => at('after the answer'));
      return answer;
    },
    readStream: (...call) => (dead ? (gone() as never) : world.store.readStream(...call)),
  });
  return { store, died: () => dead };
}

describe('a checkpointer that dies', () => {
  it('at any step leaves no fork and no gap: whoever starts next goes on from what stands', async () => {
    for (const step of STEPS)
      for (const turn of [0, 1]) {
        const { store, died } = mortal(step, turn);
        world.startUnstoppable({ store, intervalMs: 30 });
        for (let n = 0; n < 100 && !died(); n += 1) {
          await world.append('key-a', 1);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        expect([step, died()]).toEqual([step, true]);
        const next = world.start({ intervalMs: 30 });
        await world.ready(next);
        await world.append('key-b', 1);
        await world.covered(next, (await wholeLog(world.store)).length);
        await next.stop();
        await expectAllCovered();
      }
    expect((await audit(world.store)).length).toBeGreaterThan(2 * STEPS.length);
  }, 240_000);

  it('and one whose answers are all lost does not sign twice', async () => {
    const store = storeWith(world.store, {
      async append(...call) {
        await world.store.append(...call);
        throw new EventStoreUnavailableError('lost', { inDoubt: true });
      },
    });
    await world.append('key-a', 3);
    const checkpointer = world.start({ store, intervalMs: 30 });
    await world.covered(checkpointer, 3);
    await world.append('key-a', 1);
    await world.covered(checkpointer, 5);
    await expectAllCovered();
  });
});

describe('two checkpointers at once', () => {
  /** Counts conflicts; `anyhow` appends in spite of them, as a log without the check of the revision would. */
  const rivals = (anyhow: boolean) => {
    let conflicts = 0;
    const store = storeWith(world.store, {
      async append(stream, expected, events, options) {
        for (let revision = expected; ; revision = revision === 'no_stream' ? 0n : revision + 1n)
          try {
            // Both have decided by now.
            await new Promise((resolve) => setTimeout(resolve, 20));
            return await world.store.append(stream, revision, events, options);
          } catch (error) {
            if (!(error instanceof ConflictError)) throw error;
            conflicts += 1;
            if (!anyhow) throw error;
          }
      },
    });
    return { store, conflicts: () => conflicts };
  };

  it('never fork: the one that is too late goes on from what the other signed', async () => {
    const { store, conflicts } = rivals(false);
    const both = [1, 2].map(() => world.start({ store, intervalMs: 40 }));
    for (let n = 0; n < 40; n += 1) await world.grow(100);
    for (const one of both) await world.covered(one, 4_000);
    expect(conflicts()).toBeGreaterThan(0);
    await expectAllCovered();
    for (const one of both) expect(one.trouble()).toBeUndefined();
  });

  it('control: without the check of the revision they do, and the audit says so', async () => {
    const { store, conflicts } = rivals(true);
    for (let n = 0; n < 2; n += 1) world.start({ store, intervalMs: 40 });
    await world.grow(10);
    await waitFor(() => conflicts() > 0, { what: 'a conflict' });
    await waitFor(
      async () => (await wholeLog(world.store)).filter(({ type }) => type === 'CheckpointSigned').length > 1,
      {
        what: 'the second checkpoint',
      },
    );
    await expect(audit(world.store)).rejects.toThrow(/^key|checkpoint/);
  });
});

describe('a log that is away', () => {
  it('or slow: signing goes on once it is back, and health says so meanwhile', async () => {
    let away = true;
    const failing = () => Promise.reject(new EventStoreUnavailableError('No answer.', { inDoubt: false }));
    const store = storeWith(world.store, {
      append: (...call) => (away ? failing() : world.store.append(...call)),
      head: async (options) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return world.store.head(options);
      },
    });
    await world.append('key-a', 5);
    const checkpointer = world.start({ store, intervalMs: 30 });
    await waitFor(() => checkpointer.trouble() === 'No answer.', { what: 'the trouble to be told' });
    away = false;
    await world.covered(checkpointer, 5);
    await waitFor(() => checkpointer.trouble() === undefined, { what: 'the trouble to end' });
    // Once, however often it was tried.
    expect(world.logged.match(/could not be signed/g)).toHaveLength(1);
  });

  it('an event that waits for much too long is told, whatever the reason', async () => {
    await world.append('key-a', 1);
    const late = world.startUnstoppable({
      intervalMs: 50,
      now: () => Date.now() + 10 * 60_000,
      store: storeWith(world.store, { append: () => new Promise(() => undefined) }),
    });
    await waitFor(() => /waited for \d+ s too long/.test(late.trouble() ?? ''), {
      what: 'the trouble to be told',
    });
  });
});

describe('a log that is not what was signed', () => {
  /** Its third event is another one, or is not there. */
  const changed = (how: 'changed' | 'removed') =>
    storeWith(world.store, {
      async *subscribe(options) {
        let count = 0;
        for await (const event of world.store.subscribe(options)) {
          count += 1;
          if (count !== 3) yield event;
          else if (how === 'changed') yield { ...event, data: { name: 'other' } };
        }
      },
    });

  it.each(['changed', 'removed'] as const)(
    'an event was %s: nothing is signed, and it is said which',
    async (how) => {
      const first = world.start({ intervalMs: 30 });
      await world.append('key-a', 5);
      await world.covered(first, 5);
      await first.stop();
      await world.append('key-a', 1);
      const refusing = world.start({ intervalMs: 30, store: changed(how) });
      await waitFor(() => refusing.trouble()?.includes('is not what was signed'), { what: 'the refusal' });
      expect(refusing.trouble()).toMatch(/^Leaf \d+ of the log.*mcpstack-audit verify/);
      expect(world.logged).toContain('nothing is signed');
      expect(await audit(world.store)).toHaveLength(1);
      await refusing.stop();
      // Control: as it stands, it is signed.
      await world.covered(world.start({ intervalMs: 30 }), 7);
    },
  );

  it.each(['key-a', 'user-user_b'])(
    'an event of %s is gone, and the record of an erasure names it: only its own record is good',
    async (stream) => {
      const first = world.start({ intervalMs: 30 });
      await world.append('user-user_a', 1);
      await world.append(stream, 1);
      await world.append('key-z', 3);
      await world.covered(first, 5);
      await first.stop();
      const signed = (await wholeLog(world.store)).find((event) => event.stream === stream)!;
      const erased = [{ position: String(signed.position), digest: eventDigest(signed).toString('hex') }];
      const without = storeWith(world.store, {
        async *subscribe(options) {
          for await (const event of world.store.subscribe(options)) if (event.id !== signed.id) yield event;
        },
      });
      // Its first event stands, or is what is gone.
      if (stream === 'key-a') await world.append('user-user_b', 1);
      await world.append('user-user_b', 1, { type: 'UserProfileErased', data: { userId: 'user_b', erased } });
      const next = world.start({ intervalMs: 30, store: without });
      if (stream === 'user-user_b')
        return void (await waitFor(() => next.status().size >= 7, { what: 'more to be signed' }));
      await waitFor(() => next.trouble()?.includes('tells another place of it'), { what: 'the refusal' });
      expect(await audit(world.store)).toHaveLength(1);
    },
  );

  it('it was made anew: what was published of the one before stays, and nothing is signed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'made-anew-'));
    const file = join(folder, 'checkpoint.txt');
    const publishing = (to: World) => {
      const publication = new Publication({ file, log: new Log('spec', 'error') });
      return to.start({
        intervalMs: 30,
        publishedSize: () => publication.publishedSize(to.origin, to.verifiers()),
        onCheckpoint: ({ note }) => publication.publish(note),
      });
    };
    await world.append('key-a', 1);
    const first = publishing(world);
    await world.covered(first, 1);
    await first.stop();
    const before = readFileSync(file, 'utf8');
    expect(before).toContain(world.origin);
    const anew = await World.open(server);
    await anew.append('key-a', 1);
    const refusing = publishing(anew);
    await waitFor(() => refusing.trouble()?.includes('may have been made anew'), { what: 'the refusal' });
    await refusing.stop();
    expect([await audit(anew.store), readFileSync(file, 'utf8')]).toEqual([[], before]);
    // Control: once it is put away, the new log is signed.
    renameSync(file, join(folder, 'evidence.txt'));
    await anew.covered(publishing(anew), 1);
    expect(readFileSync(file, 'utf8')).toContain(anew.origin);
    await anew.close();
    rmSync(folder, { recursive: true });
  });

  it('it has lost its end: what was published from here is larger', async () => {
    await world.append('key-a', 1);
    const refusing = world.start({ intervalMs: 30, publishedSize: () => 7 });
    await waitFor(() => refusing.trouble()?.includes('has lost its end'), { what: 'the refusal' });
    expect(await audit(world.store)).toEqual([]);
  });

  it('a checkpoint that somebody else wrote is not gone on from', async () => {
    const ours = world.start({ intervalMs: 30 });
    await world.append('key-a', 1);
    await world.covered(ours, 1);
    const [checkpoint] = (await wholeLog(world.store)).filter(({ type }) => type === 'CheckpointSigned');
    const { stream, data, metadata } = checkpoint!;
    const at = { type: 'CheckpointSigned', metadata };
    await world.store.append(stream, 0n, [{ id: crypto.randomUUID(), ...at, data: { ...data } }]);
    await waitFor(() => ours.trouble()?.includes('does not go on from'), { what: 'the refusal' });
    await ours.stop();
    const again = world.start({ intervalMs: 30, keys: { keys: [...world.keys.keys, newKey('second')] } });
    await waitFor(() => again.trouble()?.includes('does not go on from'), {
      what: 'the refusal at the start',
    });
  });
});
