/** Writes the whole log to a file, or what was appended since an earlier one. */
import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import type { EventStore } from '@mcpstack/event-store';
import { checkFile, Lines, type Trailer } from './backup-file.ts';
import { Erased } from './erased.ts';
import { CommandError } from './errors.ts';
import type { Progress } from './progress.ts';
import { recordsOf, sourceOf, standing } from './source.ts';

/** An erasure may go on while the log is read; each round takes in those of the round before. */
const MOST_ROUNDS = 100;

export interface BackupOptions {
  store: EventStore;
  /** A file, or `-` for stdout. */
  to: string;
  stdout: Writable;
  /** The file that it goes on from. */
  after?: string;
  now: string;
  progress: Progress;
}

export async function backup({ store, to, stdout, after, now, progress }: BackupOptions): Promise<Trailer> {
  const earlier = after === undefined ? undefined : await checkFile(after);
  const source = await sourceOf(store, 'the log');
  if (earlier && earlier.header.log !== source.originId)
    throw new CommandError(
      'wrong',
      `${after} is a backup of another log: ${earlier.header.log}, not ${source.originId}.`,
    );
  const from = earlier ? BigInt(earlier.trailer.last) : -1n;
  const head = await source.head();
  if (head < from)
    throw new CommandError(
      'wrong',
      `The log ends before ${after} does: it was set back, or is an older copy.`,
    );
  const lines = new Lines({
    ...{ log: source.originId, after: `${from}`, at: now },
    ...(earlier && { previous: earlier.trailer.sha256 }),
  });
  const sink = await Sink.open(to, stdout);
  try {
    await sink.write(lines.header());
    const erased = new Erased();
    await source.learnErased(erased);
    let [last, until] = [from, head];
    for (let round = 0; last < until || round === 0; round += 1) {
      if (round === MOST_ROUNDS)
        throw new CommandError('failed', 'The log is erased from all the time: try again.');
      for await (const event of standing(source, erased, last, until)) {
        await sink.write(lines.event(event));
        progress.step(event.position);
      }
      last = until;
      until = await explained(store, erased, until);
    }
    const { line, trailer } = lines.end();
    await sink.write(line);
    await sink.close();
    return trailer;
  } catch (error) {
    await sink.discard();
    throw asWriteError(error, to);
  }
}

/** The end that explains what was erased while it was read: up to the last record that names something below it. */
async function explained(store: EventStore, erased: Erased, until: bigint): Promise<bigint> {
  let end = until;
  for await (const event of recordsOf(store))
    if (erased.learn(event).some((position) => position <= until) && event.position > end)
      end = event.position;
  return end;
}

/** Where lines go. A file comes into being whole, for its owner alone, or not at all. */
class Sink {
  private constructor(
    private readonly stream: Writable,
    /** Others write to it, too: it stays open. */
    private readonly isShared: boolean,
    private readonly draft?: { file: string; path: string },
  ) {
    stream.on('error', () => undefined);
  }

  static async open(to: string, stdout: Writable): Promise<Sink> {
    if (to === '-') return new Sink(stdout, true);
    const special = await stat(to).then(
      (found) => !found.isFile(),
      () => false,
    );
    const path = special ? to : `${to}.${process.pid}.tmp`;
    const stream = createWriteStream(path, { mode: 0o600, flags: special ? 'w' : 'wx' });
    try {
      await once(stream, 'open');
    } catch (error) {
      throw asWriteError(error, to);
    }
    return new Sink(stream, false, special ? undefined : { file: to, path });
  }

  async write(line: string): Promise<void> {
    if (this.stream.errored) throw this.stream.errored;
    if (!this.stream.write(line)) await once(this.stream, 'drain');
  }

  async close(): Promise<void> {
    if (this.isShared) return flushed(this.stream);
    this.stream.end();
    await once(this.stream, 'close');
    if (this.stream.errored) throw this.stream.errored;
    if (!this.draft) return;
    await synced(this.draft.path);
    await rename(this.draft.path, this.draft.file);
    await synced(dirname(this.draft.file));
  }

  async discard(): Promise<void> {
    if (!this.draft) return;
    this.stream.destroy();
    await rm(this.draft.path, { force: true });
  }
}

function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve, reject) => stream.write('', (error) => (error ? reject(error) : resolve())));
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function asWriteError(error: unknown, to: string): unknown {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof CommandError || code === undefined || syscall === undefined) return error;
  const why = code === 'ENOSPC' ? 'no space is left' : code;
  return new CommandError('failed', `${to === '-' ? 'The output' : to} cannot be written: ${why}.`, {
    cause: error,
  });
}
