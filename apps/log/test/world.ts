/** Logs to move, with all that makes moving hard; and the command, as it is called. */
import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import {
  chained,
  chainEnd,
  eventDigest,
  eventsUpTo,
  openEventStore,
  type EventStore,
  type NewEvent,
  type RecordedEvent,
} from '@mcpstack/event-store';
import { execute } from '../src/execute.ts';

export interface Ran {
  exitCode: number;
  out: string;
  err: string;
}

/** Calls the command with these settings. */
export async function run(
  args: readonly string[],
  env: Record<string, string>,
  signal = new AbortController().signal,
): Promise<Ran> {
  const [out, err] = [new Collected(), new Collected()];
  const now = () => '2026-11-30T12:00:00.000Z';
  const exitCode = await execute(args, { env, stdout: out, stderr: err, now, signal });
  return { exitCode, out: out.text, err: err.text };
}

class Collected extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export async function allOf(url: string, after = -1n): Promise<RecordedEvent[]> {
  const store = await openEventStore(url, { readOnly: true });
  try {
    return await eventsOf(store, after);
  } finally {
    await store.close();
  }
}

export async function eventsOf(store: EventStore, after = -1n): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of eventsUpTo(store, await store.head(), { after })) events.push(event);
  return events;
}

export async function ofStream(store: EventStore, stream: string): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of store.readStream(stream)) events.push(event);
  return events;
}

export function event(data: Record<string, unknown> = {}, type = 'Happened'): NewEvent {
  return {
    id: randomUUID(),
    type,
    data,
    metadata: { at: '2026-05-01T12:00:00.000Z', actor: { id: 'ü', 10: 1 } },
  };
}

/** Appends at the end of a stream, linked to what stands there. */
export async function append(store: EventStore, stream: string, ...events: NewEvent[]): Promise<void> {
  const last = (await ofStream(store, stream)).at(-1);
  const linked = chained(stream, last && chainEnd(last), events);
  await store.append(stream, last?.revision ?? 'no_stream', linked);
}

/** As issuance does it: a record that names all that stands, then the truncation, which a caller may leave out. */
export async function erase(store: EventStore, stream: string, { truncate = true } = {}): Promise<void> {
  const standing = await ofStream(store, stream);
  const erased = standing.map((one) => ({
    position: String(one.position),
    digest: eventDigest(one).toString('hex'),
  }));
  const firstRevision = String(standing[0]!.revision);
  await append(store, stream, event({ firstRevision, erased }, 'UserProfileErased'));
  if (truncate) await store.truncate(stream, standing.at(-1)!.revision + 1n);
}

/** Streams that grow in turns, several events at once, and two people of whom one was erased. */
export async function fillLog(store: EventStore, rounds = 6): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await append(store, `key-key_${round}`, event({ name: `täst ${round}`, 2: 'b', 1: 'a', n: 1.5e21 }));
    await append(store, 'organization-org_1', event({ round }), event({ round, more: [null, true] }));
    await append(store, 'user-user_gone', event({ name: `Planted Name ${round}` }));
    await append(store, 'user-user_here', event({ name: `Stays ${round}` }));
  }
  await erase(store, 'user-user_gone');
  await append(store, 'user-user_gone', event({ name: 'Came back' }));
  await append(store, 'key-key_0', event({ last: true }));
}
