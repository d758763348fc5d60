/** Several things done to one log at once: the first is named, and those after it too where the rest still tells. */
import { checkpointStream } from '@mcpstack/domain';
import { eventDigest, type RecordedEvent } from '@mcpstack/event-store';
import { cosignatureLine, newSigner, parseVkey } from '@mcpstack/tlog';
import { parseKept } from '../src/verify/kept.ts';
import { verifyLog } from '../src/verify/verifier.ts';
import { coveredBy, Dice, LOG_ID, LogWriter, makeLog, sourceOf } from './signed-log.ts';

const log = makeLog(77, { events: 150, every: 20 });
const trusted = log.signers.map(({ vkey }) => parseVkey(vkey));
const verify = (events: readonly RecordedEvent[]) => verifyLog(sourceOf(events), { trusted });
const isCheckpoint = ({ type }: RecordedEvent) => type === 'CheckpointSigned';
const changed = (event: RecordedEvent): RecordedEvent => ({
  ...event,
  data: { ...event.data, changed: true },
});
const places = (findings: Awaited<ReturnType<typeof verify>>['findings']) =>
  findings.map(({ kind, event, after }) => `${kind} ${(event ?? after)?.position}`);

/** Events that are no checkpoints, none next to another, each the last of its stream: nothing follows from them. */
const lone = log.events.filter(
  (event, at) =>
    at > 0 &&
    at < log.covered - 1 &&
    !isCheckpoint(event) &&
    !log.events.slice(at + 1).some(({ stream }) => stream === event.stream),
);

it('each of several faults is named, and what lies between them is not', async () => {
  const [a, b, c] = [lone[2]!, lone[9]!, lone[16]!];
  const after = log.events[log.events.indexOf(b) - 1]!;
  const forged = { ...c, stream: 'key-key_forged', revision: 0n, position: c.position + 1n, id: 'forged' };
  const events = log.events
    .filter((event) => event !== b)
    .flatMap((event) =>
      event === a ? [changed(a)] : event === c ? [c, { ...forged, metadata: { at: '' } }] : [event],
    );
  expect(places((await verify(events)).findings)).toEqual([
    `changed ${a.position}`,
    `missing ${after.position}`,
    `inserted ${forged.position}`,
  ]);
});

it('many events gone at one place are one finding', async () => {
  const events = log.events.toSpliced(40, 9);
  const { findings } = await verify(events);
  expect(findings[0]).toMatchObject({
    kind: 'missing',
    after: { position: events[39]!.position },
    before: { position: events[40]!.position },
    message: expect.stringMatching(/^9 events .* \(from leaf 40 on\)/) as string,
  });
});

it('one moved far is named where it is missing', async () => {
  const moved = lone[3]!;
  const [from, to] = [log.events.indexOf(moved), log.covered - 2];
  const rest = log.events.toSpliced(from, 1);
  const events = rest.toSpliced(to, 0, { ...moved, position: rest[to - 1]!.position + 1n });
  const [first, ...more] = (await verify(events)).findings;
  expect(first).toMatchObject({ kind: 'moved', after: { position: rest[from - 1]!.position } });
  expect(first!.message).toContain(`${moved.stream}@${moved.revision}`);
  expect(more).toEqual([]);
});

it('however many are gone, all are counted', async () => {
  const many = makeLog(79, { events: 10_500, every: 900 });
  const keys = many.signers.map(({ vkey }) => parseVkey(vkey));
  const from = 100;
  const { findings } = await verifyLog(sourceOf(many.events.slice(0, from)), {
    trusted: keys,
    kept: many.notes.slice(-1).flatMap((note) => parseKept('kept', note, keys)),
  });
  expect(findings).toMatchObject([{ kind: 'truncated' }]);
  // The checkpoints stand, and all else is gone from there on.
  const left = many.events.filter((event, at) => at < from || isCheckpoint(event));
  const found = await verifyLog(sourceOf(left), { trusted: keys });
  // One is taken for the changed one that stands in its place.
  const counts = found.findings.flatMap(({ kind, message }) => {
    if (kind === 'changed') return [1];
    return kind === 'missing' ? [Number(/(\d+) (?:more )?events/.exec(message)?.[1] ?? 1)] : [];
  });
  const gone = many.events.filter((event, at) => at < many.covered && !left.includes(event));
  expect(counts.reduce((sum, count) => sum + count)).toBe(gone.length);
  expect(found.findings.at(-1)!.message).toMatch(/^At least \d+ more events/);
}, 240_000);

describe('checkpoints', () => {
  const checkpoints = log.events.filter(isCheckpoint);
  const third = checkpoints[2]!;
  const replaced = (data: Record<string, unknown>, also = (event: RecordedEvent) => event) =>
    log.events.map((event) =>
      event === third ? { ...event, data: { ...event.data, ...data } } : also(event),
    );
  const leavesOf = (event: RecordedEvent) => Buffer.from((event.data as { leaves: string }).leaves, 'base64');

  it('whose list of leaves was made to fit a changed event does not hold', async () => {
    const covered = log.events.slice(0, log.events.indexOf(third));
    const target = covered.findLast((event) => !isCheckpoint(event))!;
    const leaves = leavesOf(third);
    const at = leaves.indexOf(eventDigest(target));
    eventDigest(changed(target)).copy(leaves, at);
    const events = replaced({ leaves: leaves.toString('base64') }, (event) =>
      event === target ? changed(target) : event,
    );
    const { findings } = await verify(events);
    // The changed event lies among those that this checkpoint lists; nothing lists it otherwise.
    expect(findings[0]).toMatchObject({ kind: 'changed', event: { position: third.position } });
    expect(findings[1]).toMatchObject({ kind: 'checkpoint', event: { position: third.position } });
    expect(findings[1]!.message).toContain('does not have the root that was signed');
  });

  it('that were edited do not make others be blamed', async () => {
    const { note, frontier } = third.data as { note: string; frontier: string[] };
    for (const data of [
      { note: note.replace(/\n\d+\n/, '\n1\n') },
      { note: note.slice(0, -9) },
      { leaves: leavesOf(third).subarray(32).toString('base64') },
      { frontier: frontier.toReversed() },
      { frontier: [] },
      { position: '1' },
    ]) {
      const { findings } = await verify(replaced(data));
      expect([
        Object.keys(data),
        findings.filter(({ kind, event }) => kind !== 'link' && event?.position !== third.position),
      ]).toEqual([Object.keys(data), []]);
    }
  });

  it('that are gone are missed, and the next ones are gone on from', async () => {
    const events = log.events.filter((event) => event !== third && event !== checkpoints[3]);
    const { findings } = await verify(events);
    // The third stood among those that the fourth listed: its place is not known any more.
    const second = log.events[Number(coveredBy([(checkpoints[1]!.data as { note: string }).note])) - 1]!;
    expect(findings[0]).toMatchObject({ kind: 'missing', after: { position: second.position } });
    const next = checkpoints[4]!;
    expect(places(findings).slice(-2)).toEqual([`checkpoint ${next.position}`, `hole ${next.position}`]);
    expect(findings).toHaveLength(4);
  });

  it('that say of erasable leaves what was not signed for them do not hold', async () => {
    const { erasable } = checkpoints[1]!.data as { erasable: string };
    const own = (third.data as { erasable: string }).erasable;
    const forged = own.replace('\n\n', `\n${Number(log.covered)} user-user_evil@0\n\n`);
    for (const text of [erasable, forged, own.slice(0, -9)]) {
      const { findings } = await verify(replaced({ erasable: text }));
      expect(findings).toContainEqual(
        expect.objectContaining({
          kind: 'checkpoint',
          event: expect.objectContaining({ position: third.position }) as unknown,
          message: expect.stringContaining('says of erasable leaves') as string,
        }),
      );
    }
  });

  it('that others than the log signed, though somebody trusts them, do not hold', async () => {
    const { signer: witness } = newSigner('w.example.com', 'cosignature/v1');
    const keys = [...trusted, parseVkey(witness.vkey)];
    const { note } = third.data as { note: string };
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const line = cosignatureLine(text, witness, 1_700_000_000);
    const both = replaced({ note: `${note}${line}\n` });
    const found = await verifyLog(sourceOf(both), { trusted: keys });
    expect(found.findings.filter(({ kind }) => kind === 'checkpoint')).toEqual([]);
    expect([...found.checkpoints.signedBy.keys()]).toEqual(log.signers.map(({ vkey }) => vkey));
    const alone = `${text}\n${line}\n`;
    const { findings } = await verifyLog(sourceOf(replaced({ note: alone })), { trusted: keys });
    expect(findings).toContainEqual(
      expect.objectContaining({
        kind: 'checkpoint',
        message: expect.stringMatching(/^It does not hold: no key of the log .* signed it/) as string,
      }),
    );
    expect(parseKept('kept', `${note}${line}\n`, keys)).toHaveLength(1);
    expect(() => parseKept('kept', alone, keys)).toThrow('no key of the log');
  });

  it('of a version that is not known here are not judged, and not passed over', async () => {
    const last = checkpoints.at(-1)!;
    const newer = { ...last, metadata: { ...last.metadata, schemaVersion: 3 } };
    const { findings } = await verify(log.events.map((event) => (event === last ? newer : event)));
    expect(findings).toMatchObject([{ kind: 'unreadable', event: { position: last.position } }]);
  });

  it('in a stream of another log are no checkpoints of this one', async () => {
    const other = makeLog(78, { logId: '11111111-2222-4333-8444-555555555555' });
    const { findings } = await verifyLog(sourceOf(other.events));
    expect(findings.map(({ kind }) => kind)).toEqual(['other-log', 'other-log']);
    // One that was put in does not hide the log's own.
    const writer = LogWriter.after(log.events, new Dice(1), LOG_ID, log.signers);
    writer.append(checkpointStream(other.logId), 'CheckpointSigned', other.events.find(isCheckpoint)!.data);
    writer.checkpoint();
    expect((await verify(writer.events)).checkpoints).toMatchObject({ leaves: log.covered + 2 });
  });
});

it('checkpoints kept by size narrow down where a log was rewritten', async () => {
  const fork = LogWriter.after(log.events.slice(0, 70), new Dice(5), LOG_ID, log.signers).fill({
    events: 160,
    every: 20,
    uncovered: 3,
  });
  const kept = log.notes.flatMap((note, at) => parseKept(`kept-${at}`, note, trusted));
  const found = await verifyLog(sourceOf(fork.events), { trusted, kept });
  const agreed = Math.max(...kept.filter(({ size }) => size <= 70).map(({ size }) => size));
  expect(found.kept.map(({ checkpoint, outcome }) => [checkpoint.size <= 70, outcome === 'agrees'])).toEqual(
    kept.map(({ size }) => [size <= 70, size <= 70]),
  );
  expect(found.findings[0]).toMatchObject({
    kind: 'fork',
    after: { position: fork.events[agreed - 1]!.position },
    before: { position: fork.events[agreed]!.position },
  });
});

it('events of before there were links are counted, not blamed; a link that stops is', async () => {
  const writer = new LogWriter(new Dice(6), LOG_ID, log.signers);
  const [one, two, three, four] = ['KeyCreated', 'KeyRenamed', 'KeyTagged', 'KeyRevoked'].map((type) =>
    writer.append('key-key_old', type, {}),
  ) as [RecordedEvent, RecordedEvent, RecordedEvent, RecordedEvent];
  const unlinked = (event: RecordedEvent): RecordedEvent => ({
    ...event,
    metadata: Object.fromEntries(Object.entries(event.metadata).filter(([key]) => key !== 'previousDigest')),
  });
  const old = unlinked(two);
  const linked = (event: RecordedEvent, to: RecordedEvent) => ({
    ...event,
    metadata: { ...event.metadata, previousDigest: eventDigest(to).toString('hex') },
  });
  expect(await verify([one, old, linked(three, old)])).toMatchObject({ unlinked: 1, findings: [] });
  expect(places((await verify([one, two, three, unlinked(four)])).findings)).toEqual([
    `link ${four.position}`,
  ]);
  expect(places((await verify([linked(one, four), two])).findings)).toContain(`link ${one.position}`);
  expect(places((await verify([one, two, { ...three, id: two.id }])).findings)).toEqual([
    `id ${three.position}`,
  ]);
  expect(places((await verify([one, two, two])).findings)).toEqual([
    `revision ${two.position}`,
    `id ${two.position}`,
  ]);
  expect(places((await verify([one, { ...two, data: { text: '\ud800' } }])).findings)).toEqual([
    `unreadable ${two.position}`,
  ]);
});
