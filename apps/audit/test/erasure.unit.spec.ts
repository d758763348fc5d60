/** Erasure and G9: what a record names may be gone, whether it is gone already or not; nothing else may. */
import { type RecordedEvent } from '@mcpstack/event-store';
import { newSigner, parseVkey } from '@mcpstack/tlog';
import { parseKept } from '../src/verify/kept.ts';
import { verifyLog, type Verification } from '../src/verify/verifier.ts';
import { Dice, LOG_ID, LogWriter, sourceOf, type Erased } from './signed-log.ts';

const { signer } = newSigner(`mcpstack-keys/${LOG_ID}`);
const trusted = [parseVkey(signer.vkey)];
const PERSON = 'user-user_gone';

/** A log with a person in it, erased at some moment, and perhaps once more. */
function logWith(
  seed: number,
  options: { every?: number; stream?: string; change?: (erased: Erased[]) => Erased[] } = {},
) {
  const { every = 7, stream = PERSON, change } = options;
  const dice = new Dice(seed);
  const writer = new LogWriter(dice, LOG_ID, [signer]);
  const fill = (count: number) =>
    writer.fill({ events: writer.events.length + count, every, uncovered: dice.below(4) });
  const live = () => {
    for (let at = dice.between(1, 4); at > 0; at -= 1) {
      writer.append(stream, 'UserProfileChanged', { userId: 'user_gone', name: `Ada ${dice.below(99)}` });
      if (dice.below(2) === 0) fill(dice.between(2, 12));
    }
  };
  fill(dice.between(2, 20));
  live();
  writer.erase(stream, change);
  if (dice.below(2) === 0) fill(12);
  if (dice.below(2) === 0) {
    live();
    writer.erase(stream, change);
  }
  for (let at = dice.below(20); at > 0; at -= 1) writer.appendAny();
  if (dice.below(2) === 0) writer.checkpoint();
  const last = writer.events.findLast(({ type }) => type === 'UserProfileErased')!;
  const isErased = (event: RecordedEvent) => event.stream === stream && event.position < last.position;
  return { writer, last, isErased };
}

async function verify(
  events: readonly RecordedEvent[],
  notes: readonly string[] = [],
): Promise<Verification> {
  const kept = notes.flatMap((note) => parseKept('kept.txt', note, trusted));
  return verifyLog(sourceOf(events), { trusted, kept });
}

it('an erased person gives no alarm: before the events go, in between, and when all are gone', async () => {
  for (let seed = 0; seed < 60; seed += 1) {
    const { writer, isErased } = logWith(seed);
    const { events, notes } = writer;
    const gone = events.filter(isErased).length;
    // All there; the beginning gone, as after a truncation; all gone.
    for (const share of [0, 0.5, 1]) {
      let left = Math.ceil(gone * share);
      const seen = events.filter((event) => !isErased(event) || (left -= 1) < 0);
      const found = await verify(seen, notes);
      expect([seed, share, found.findings]).toEqual([seed, share, []]);
      expect(found.kept.every(({ outcome }) => outcome === 'agrees')).toBe(true);
    }
  }
});

it('in a log without checkpoints neither, while a checkpoint from elsewhere still tells', async () => {
  const { writer, isErased } = logWith(5);
  writer.checkpoint();
  const events = writer.events.filter((event) => !event.stream.startsWith('checkpoint-'));
  expect((await verify(events.filter((event) => !isErased(event)))).findings).toEqual([]);
  // The control: the checkpoints were leaves, too.
  expect((await verify(events, writer.notes.slice(-1))).findings).toMatchObject([{ kind: 'truncated' }]);
});

describe('what is gone is found', () => {
  const without = (events: readonly RecordedEvent[], isGone: (event: RecordedEvent) => boolean) => ({
    seen: events.filter((event) => !isGone(event)),
    after: events[events.findIndex(isGone) - 1]!,
  });
  async function expectFound(seed: number, options: Parameters<typeof logWith>[1]) {
    const { writer, isErased } = logWith(seed, options);
    writer.checkpoint();
    writer.appendAny();
    const { seen, after } = without(writer.events, isErased);
    const [first] = (await verify(seen)).findings;
    expect([seed, first?.after?.position]).toEqual([seed, after.position]);
    return first;
  }

  it('in a stream that is no person’s, whatever a record there says', async () => {
    for (let seed = 0; seed < 10; seed += 1)
      expect(await expectFound(seed, { stream: 'key-key_gone' })).toMatchObject({ kind: 'missing' });
  });

  it('when the record names other digests, or fewer events', async () => {
    const other = (erased: Erased[]) => erased.map((each) => ({ ...each, digest: '0'.repeat(64) }));
    for (let seed = 0; seed < 10; seed += 1) {
      expect(await expectFound(seed, { change: other })).toMatchObject({ kind: 'missing' });
      expect(await expectFound(seed, { change: () => [] })).toMatchObject({ kind: 'missing' });
    }
  });

  it('when it stood in the same stream after the record, or in another', async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const { writer, last } = logWith(seed);
      writer.append(PERSON, 'UserProfileChanged', { userId: 'user_gone', name: 'Again' });
      writer.append(PERSON, 'UserProfileChanged', { userId: 'user_gone', name: 'And again' });
      writer.checkpoint();
      const { events } = writer;
      const again = events.findIndex(({ stream, position }) => stream === PERSON && position > last.position);
      const found = await verify(events.toSpliced(again, 1));
      expect(found.findings).toMatchObject([
        { kind: 'missing', after: { position: events[again - 1]!.position } },
        { kind: 'hole' },
      ]);
    }
  });

  it('and a record that was changed is an event that was changed', async () => {
    const { writer, isErased, last } = logWith(3);
    writer.checkpoint();
    const change = (event: RecordedEvent) =>
      event === last ? { ...event, data: { ...event.data, erased: [] } } : event;
    const { findings } = await verify(writer.events.filter((event) => !isErased(event)).map(change));
    expect(findings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['missing', 'changed', 'hole']));
  });
});
