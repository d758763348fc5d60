/** What an attacker does to a log, and where that should be found. */
import { chainEnd, chained, eventDigest, type RecordedEvent } from '@mcpstack/event-store';
import { newSigner, type Signer } from '@mcpstack/tlog';
import { type Finding } from '../src/verify/finding.ts';
import { coveredBy, LogWriter, type Dice, type SignedLog } from './signed-log.ts';

export interface Tampered {
  events: RecordedEvent[];
  /** Checkpoints that the auditor kept from before. */
  kept: string[];
  /** What was done, for a person. */
  what: string;
  /** Whether the first finding names the place. */
  isLocated: (first: Finding) => boolean;
}
export type Tamper = (log: SignedLog, dice: Dice) => Tampered;

/** What an event says, wherever it stands. */
const MEMBERS = ['id', 'type', 'data', 'metadata'] as const;

/** One character of a text or one digit of a number, somewhere in one of its members. */
function withOneByteChanged(event: RecordedEvent, dice: Dice): { changed: RecordedEvent; where: string } {
  const { id, type, data, metadata } = event;
  const copy = structuredClone({ id, type, data, metadata });
  const places: { parent: Record<string, unknown>; key: string }[] = [];
  const walk = (parent: Record<string, unknown>, keys = Object.keys(parent)) => {
    for (const key of keys) {
      const value = parent[key];
      if (typeof value === 'object' && value !== null) walk(value as Record<string, unknown>);
      else places.push({ parent, key });
    }
  };
  const member = dice.pick(MEMBERS);
  walk(copy, [member]);
  const { parent, key } = dice.pick(places.filter(({ parent, key }) => parent[key] !== ''));
  const value = parent[key];
  if (typeof value === 'string') {
    const at = dice.below(value.length);
    // Another bit of the same byte, such that it stays a text.
    const code = value.charCodeAt(at) ^ (1 << dice.below(4));
    parent[key] = value.slice(0, at) + String.fromCharCode(code) + value.slice(at + 1);
  } else if (typeof value === 'number') parent[key] = value ^ (1 << dice.below(4));
  else parent[key] = !value;
  const changed = { ...event, ...copy };
  return { changed, where: `a byte of the ${member} of ${nameOf(changed)}` };
}

const nameOf = ({ stream, revision, type }: RecordedEvent) => `${stream}@${revision} (${type})`;
const names = (event: RecordedEvent) => (first: Finding) =>
  first.event?.position === event.position && first.event.id === event.id;
/** What stands right before and right after a place where something is gone. */
const liesBetween =
  (after: RecordedEvent | undefined, before: RecordedEvent | undefined) => (first: Finding) =>
    first.after?.position === after?.position && first.before?.position === before?.position;

const plain = (log: SignedLog, events: RecordedEvent[]) => ({ events, kept: [] as string[], log });

export const changeByte: Tamper = (log, dice) => {
  const at = dice.below(log.covered);
  const { changed, where } = withOneByteChanged(log.events[at]!, dice);
  return { ...plain(log, log.events.with(at, changed)), what: where, isLocated: names(changed) };
};

/** As before, and every later link of the stream made to fit again. */
export const changeAndRelink: Tamper = (log, dice) => {
  const at = dice.below(log.covered);
  const { changed, where } = withOneByteChanged(log.events[at]!, dice);
  const events = log.events.with(at, changed);
  let end = chainEnd(changed);
  for (let next = at + 1; next < events.length; next += 1) {
    const event = events[next]!;
    if (event.stream !== changed.stream) continue;
    const [linked] = chained(event.stream, end, [event]);
    events[next] = { ...event, metadata: linked!.metadata };
    end = chainEnd(events[next]!);
  }
  return { ...plain(log, events), what: `${where}, relinked`, isLocated: names(changed) };
};

export const drop: Tamper = (log, dice) => {
  const at = dice.below(log.covered);
  const isLocated = liesBetween(log.events[at - 1], log.events[at + 1]);
  return {
    ...plain(log, log.events.toSpliced(at, 1)),
    what: `${nameOf(log.events[at]!)} dropped`,
    isLocated,
  };
};

/** An event taken out, and its stream renumbered and linked again. */
export const dropAndRelink: Tamper = (log, dice) => {
  const at = dice.below(log.covered);
  const gone = log.events[at]!;
  const events = log.events.toSpliced(at, 1);
  let end = events.slice(0, at).findLast(({ stream }) => stream === gone.stream);
  for (let next = at; next < events.length; next += 1) {
    const event = events[next]!;
    if (event.stream !== gone.stream) continue;
    const [linked] = chained(event.stream, end && chainEnd(end), [event]);
    const { previousDigest: _, ...unlinked } = linked!.metadata;
    const metadata = end ? linked!.metadata : unlinked;
    events[next] = { ...event, metadata, revision: (end?.revision ?? -1n) + 1n };
    end = events[next];
  }
  // The event after it stands at its revision now: changed, whichever is said to be gone.
  const isLocated = (first: Finding) =>
    liesBetween(log.events[at - 1], log.events[at + 1])(first) ||
    first.event?.position === log.events[at + 1]?.position;
  return { ...plain(log, events), what: `${nameOf(gone)} dropped, relinked`, isLocated };
};

export const insert: Tamper = (log, dice) => {
  const at = dice.between(1, log.covered - 1);
  const before = log.events.slice(0, at);
  const stream = dice.below(2) === 0 ? 'key-key_forged' : dice.pick(before).stream;
  const end = before.findLast((event) => event.stream === stream);
  const model = dice.pick(before);
  const [forged] = chained(stream, end && chainEnd(end), [
    {
      id: dice.uuid(),
      type: model.type,
      data: { forged: true },
      metadata: { ...model.metadata, at: model.metadata['at'] },
    },
  ]);
  const { previousDigest: _, ...unlinked } = forged!.metadata;
  const event: RecordedEvent = {
    ...forged!,
    metadata: end ? forged!.metadata : unlinked,
    stream,
    revision: (end?.revision ?? -1n) + 1n,
    position: before.at(-1)!.position + 1n,
  };
  return {
    ...plain(log, log.events.toSpliced(at, 0, event)),
    what: `${nameOf(event)} inserted`,
    isLocated: names(event),
  };
};

/** Two events at each other's place in the log. */
export const swap: Tamper = (log, dice) => {
  const one = dice.below(log.covered - 1);
  const two = dice.between(one + 1, Math.min(log.covered - 1, one + 1 + dice.below(60)));
  const [a, b] = [log.events[one]!, log.events[two]!];
  const moved = { ...b, position: a.position };
  const events = log.events.with(one, moved).with(two, { ...a, position: b.position });
  return { ...plain(log, events), what: `${nameOf(a)} and ${nameOf(b)} swapped`, isLocated: names(moved) };
};

/** The end is gone; who kept a checkpoint knows. */
export const truncate: Tamper = (log, dice) => {
  const end = dice.between(1, log.covered - 1);
  const events = log.events.slice(0, end);
  return {
    events,
    kept: log.notes.slice(-1),
    what: `cut at ${end}`,
    isLocated: liesBetween(events.at(-1), undefined),
  };
};

function forked(log: SignedLog, dice: Dice, signers: readonly Signer[]) {
  const at = dice.between(1, log.covered - 1);
  const writer = LogWriter.after(log.events.slice(0, at), dice, log.logId, signers);
  const { events } = writer.fill({ events: log.events.length + dice.below(20), every: 17, uncovered: 0 });
  return { at, events };
}

/** From some event on another history, whole in itself, by somebody without the key. */
export const forkWithoutKey: Tamper = (log, dice) => {
  const signers = log.signers.map(({ name }) => newSigner(name).signer);
  const { at, events } = forked(log, dice, signers);
  const firstFalse = events.find(({ type }, index) => index >= at && type === 'CheckpointSigned')!;
  return { events, kept: [], what: `forked at ${at} without the key`, isLocated: names(firstFalse) };
};

/** The same by the operator, who has the key; who kept checkpoints knows between which two it parts. */
export const forkWithKey: Tamper = (log, dice) => {
  const { at, events } = forked(log, dice, log.signers);
  const sizes = log.notes.map((note) => coveredBy([note]));
  const agreed = Math.max(0, ...sizes.filter((size) => size <= at));
  const isLocated = liesBetween(events[agreed - 1], events[agreed]);
  return { events, kept: log.notes, what: `forked at ${at} with the key`, isLocated };
};

/** A byte of an event that no checkpoint covers, and another stands after in its stream: the chain alone tells. */
export const changeUncovered: Tamper = (log, dice) => {
  const tail = log.events.slice(log.covered);
  const pairs = tail.flatMap((event, at) => {
    const next = tail.slice(at + 1).find(({ stream }) => stream === event.stream);
    return next && event.type !== 'CheckpointSigned' ? [{ event, next }] : [];
  });
  if (pairs.length === 0) return changeByte(log, dice);
  const { event, next } = dice.pick(pairs);
  const { changed, where } = withOneByteChanged(event, dice);
  const events = log.events.map((each) => (each === event ? changed : each));
  // Its own link is a byte of it, too.
  const isLocated = (first: Finding) => names(next)(first) || names(changed)(first);
  return { events, kept: [], what: `${where}, uncovered`, isLocated };
};

/**
 * The last event of a stream taken out, and excused by the record of an erasure that somebody put at the end of the log:
 * in a person's stream where another event stands, at a position where it never stood, or with nothing there that would
 * contradict.
 */
export const dropAndExcuse: Tamper = (log, dice) => {
  const isLast = ({ stream }: RecordedEvent, at: number) =>
    !log.events.slice(at + 1).some((event) => event.stream === stream);
  const gone = dice.pick(log.events.slice(0, log.covered).filter(isLast));
  const at = log.events.indexOf(gone);
  const digest = eventDigest(gone).toString('hex');
  const way = dice.pick(['over another', 'at another position', 'over nothing'] as const);
  const erased = [{ position: way === 'at another position' ? '7' : String(gone.position), digest }];
  const [stream, id] = ['user-user_evil', dice.uuid()];
  const position = log.events.at(-1)!.position + 1n;
  const metadata = { ...gone.metadata, salt: Buffer.alloc(16).toString('base64') };
  const first = { id: dice.uuid(), type: 'UserProfileChanged', data: { userId: 'user_evil' }, metadata };
  const { previousDigest: _, ...unlinked } = first.metadata as Record<string, unknown>;
  const standing = { ...first, metadata: unlinked, stream, revision: 0n, position };
  const record: RecordedEvent = {
    ...{ id, stream, revision: 1n, position: position + 1n },
    type: 'UserProfileErased',
    data: { userId: 'user_evil', erased },
    metadata: {
      ...{ ...metadata, schemaVersion: 2 },
      previousDigest: way === 'over another' ? chainEnd(standing).digest : digest,
    },
  };
  const forged = way === 'over another' ? [standing, record] : [record];
  return {
    ...plain(log, [...log.events.toSpliced(at, 1), ...forged]),
    what: `${nameOf(gone)} dropped, excused by a record ${way}`,
    isLocated: liesBetween(log.events[at - 1], log.events[at + 1] ?? forged[0]),
  };
};
