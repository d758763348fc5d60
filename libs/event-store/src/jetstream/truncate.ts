/**
 * Truncates a stream on JetStream. A purge hides messages from every reader and leaves their bytes in the files of the
 * server; a deletion overwrites them. So each message is deleted, and the purge takes what that left.
 */
import { TruncationRefusedError } from '../errors.ts';
import type { StreamName } from '../event-store.ts';
import { JetStreamRefusal } from './connection.ts';
import type { Deadline } from './deadline.ts';
import type { LogStream } from './log-stream.ts';
import { lastRevision, type StoredAppend } from './message.ts';
import { backwards } from './read-stream.ts';
import { Reader } from './reader.ts';

export async function truncate(
  log: LogStream,
  stream: StreamName,
  before: bigint,
  deadline: Deadline,
): Promise<void> {
  const reader = new Reader(log, deadline);
  const tip = await reader.last(stream);
  if (before < 0n || before > (tip ? lastRevision(tip) : 0)) {
    throw new TruncationRefusedError(stream, before, 'the last event has to stay');
  }
  const kept = tip && (await reader.seek(tip, Number(before)));
  if (!kept) return;
  if (kept.revision !== Number(before)) {
    throw new TruncationRefusedError(stream, before, 'it stands in the middle of an append');
  }
  const first = await reader.first(stream);
  if (!first || first.ordinal >= kept.ordinal) return;

  const { deny_delete: keepsBytes, deny_purge: keepsAll } = (await log.info(deadline)).config;
  if (keepsAll) {
    throw new TruncationRefusedError(stream, before, `the JetStream stream ${log.name} has deny_purge`);
  }
  if (!keepsBytes) await overwrite(reader, kept);
  const beginning = { filter: log.subjectOf(stream), seq: kept.sequence };
  await log.call('STREAM.PURGE', beginning, deadline);
}

/** The oldest first: what stands is then the end of the stream at every moment, whoever reads and whatever fails. */
async function overwrite({ log, deadline }: Reader, kept: StoredAppend): Promise<void> {
  const sequences: number[] = [];
  const bounds = { maxCount: Infinity, timeoutMs: deadline.timeoutMs };
  for await (const append of backwards(new Reader(log, deadline), kept, kept.revision - 1, bounds)) {
    sequences.push(append.sequence);
  }
  for (const sequence of sequences.reverse()) {
    try {
      await log.call('STREAM.MSG.DELETE', { seq: sequence, no_erase: false }, deadline);
    } catch (error) {
      // Another truncation may have been faster.
      if (!(error instanceof JetStreamRefusal) || (await new Reader(log, deadline).find(sequence)))
        throw error;
    }
  }
}
