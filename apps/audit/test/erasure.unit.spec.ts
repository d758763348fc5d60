/** Erasure and G9: what a record names may be gone, whether it is gone already or not; nothing else may. */
import { chained, chainEnd, eventDigest, type RecordedEvent } from '@mcpstack/event-store';
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
  // Some logs began with checkpoints that did not tell which leaves may be erased.
  writer.version = dice.below(3) === 0 ? 1 : 2;
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
  writer.version = 2;
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

/** A person of whom several records name the events, in parts: each so many, from its first revision on. */
it('records of several parts, of an earlier version, and of what they name once more give no alarm', async () => {
  for (const standing of [0, 1, 4, 9]) {
    const writer = new LogWriter(new Dice(standing), LOG_ID, [signer]);
    writer.append(PERSON, 'UserProfileErased', { userId: 'user_gone' });
    for (let at = 0; at < 3; at += 1)
      writer.append(PERSON, 'UserProfileChanged', { userId: 'user_gone', name: `Ada ${at}` });
    writer.checkpoint();
    writer.erase(PERSON);
    writer.append(PERSON, 'UserProfileChanged', { userId: 'user_gone', name: 'Again' });
    writer.checkpoint();
    for (const [from, until] of [
      [0, 3],
      [3, 6],
    ] as const) {
      const record = writer.erase(PERSON, (erased) => erased.slice(from, until));
      Object.assign(record.data, { firstRevision: String(from), before: '6' });
    }
    const events = relinked(writer.events);
    const last = events.findIndex(({ data }) => data['firstRevision'] === '0');
    const gone = events.filter(({ stream }, at) => stream === PERSON && at < last);
    const seen = events.filter((event) => !gone.slice(0, gone.length - standing).includes(event));
    const found = await verify(seen);
    expect([standing, found.findings]).toEqual([standing, []]);
  }
});

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

it('one that was gone before it was signed is excused, and marked: who signed it had the word of the record alone', async () => {
  const counts = [];
  for (const isUnseen of [false, true]) {
    const writer = new LogWriter(new Dice(8), LOG_ID, [signer]);
    const gone = writer.append(PERSON, 'UserProfileChanged', { userId: 'user_gone', name: 'Ada' });
    writer.erase(PERSON);
    if (isUnseen) writer.unseen.add(0);
    writer.checkpoint();
    const found = await verify(writer.events.filter((event) => event !== gone));
    expect(found).toMatchObject({
      findings: [],
      erased: 1,
      erasedLeaves: [{ index: 0, isSigned: !isUnseen }],
    });
    counts.push(found.erasedByRecordAlone);
  }
  expect(counts).toEqual([0, 1]);
});

it('in a log without checkpoints neither, while a checkpoint from elsewhere still tells', async () => {
  const { writer, isErased } = logWith(5);
  writer.checkpoint();
  const events = writer.events.filter((event) => !event.stream.startsWith('checkpoint-'));
  expect((await verify(events.filter((event) => !isErased(event)))).findings).toEqual([]);
  // The control: the checkpoints were leaves, too.
  expect((await verify(events, writer.notes.slice(-1))).findings).toMatchObject([{ kind: 'truncated' }]);
});

/** Made to fit again after a record was changed that nothing signs yet. */
function relinked(events: readonly RecordedEvent[]): RecordedEvent[] {
  let last: RecordedEvent | undefined;
  return events.map((event) => {
    if (event.stream !== PERSON) return event;
    const [{ metadata }] = chained(event.stream, last && chainEnd(last), [event]) as [RecordedEvent];
    return (last = { ...event, metadata });
  });
}

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

  it('when it stood in another person’s stream than the one of the record', async () => {
    const writer = new LogWriter(new Dice(4), LOG_ID, [signer]);
    const gone = writer.append('user-user_ada', 'UserProfileChanged', { userId: 'user_ada', name: 'Ada' });
    writer.append('key-key_1', 'KeyRevoked', {});
    writer.checkpoint();
    const digest = eventDigest(gone).toString('hex');
    const erased = [{ position: String(gone.position), digest }];
    const record = writer.append(PERSON, 'UserProfileErased', { userId: 'user_gone', erased });
    const forged = { ...record, revision: 1n, metadata: { ...record.metadata, previousDigest: digest } };
    const events = writer.events
      .filter((event) => event !== gone)
      .map((event) => (event === record ? forged : event));
    expect((await verify(events)).findings).toMatchObject([{ kind: 'missing' }]);
    // The control: the places that were signed are what tells.
    const without = await verifyLog(sourceOf(events), { trusted, without: ['places'] });
    expect(without).toMatchObject({ findings: [], erasedByRecordAlone: 1 });
  });

  it('and records that contradict one another, what stands, or their own place', async () => {
    const writer = new LogWriter(new Dice(5), LOG_ID, [signer]);
    const standing = writer.append(PERSON, 'UserProfileChanged', { userId: 'user_gone', name: 'Ada' });
    const other = writer.append('user-user_ada', 'UserProfileChanged', { userId: 'user_ada', name: 'Ada' });
    writer.checkpoint();
    const digest = 'a'.repeat(64);
    const one = { position: String(standing.position), digest };
    const cases: [string, Erased[], RecordedEvent | undefined][] = [
      ['what stands', [one], standing],
      ['the position of another', [{ ...one, position: String(other.position) }], standing],
      ['a later position', [{ ...one, position: '999999999' }], undefined],
      ['more than there was', [one, { ...one, position: String(other.position) }], undefined],
    ];
    for (const [what, erased, named] of cases) {
      const copy = LogWriter.after(writer.events, new Dice(6), LOG_ID, [signer]);
      const record = copy.append(PERSON, 'UserProfileErased', { userId: 'user_gone', erased });
      const [first] = (await verify(copy.events)).findings;
      expect([what, first?.kind, first?.event?.position]).toEqual([
        what,
        'erasure',
        (named ?? record).position,
      ]);
    }
    const copy = LogWriter.after(writer.events, new Dice(7), LOG_ID, [signer]);
    copy.erase(PERSON);
    const second = copy.erase(PERSON, ([, ...rest]) => [one, ...rest]);
    const { findings } = await verify(copy.events);
    expect(findings).toMatchObject([{ kind: 'erasure', event: { position: second.position } }]);
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
