/** `mcpstack-audit proof`: shows a third party that an event stands in the log, with a file that needs no log. */
import { type Command } from 'commander';
import { eventDigest, InvalidStreamNameError, type RecordedEvent } from '@mcpstack/event-store';
import { AuditError } from '../errors.ts';
import { type AuditedLog } from '../log.ts';
import { inclusionFile } from '../proof/proof-file.ts';
import { readSignedTree } from '../proof/signed-tree.ts';
import { type Run } from '../run.ts';
import { writeProof } from '../proof/write.ts';

const HELP = `
<event> is a stream and a revision (key-key_1@3), or an event's id. By its place only the checkpoints and
that one event are read; by its id the log is read up to it, because nothing lists events by id.

The file holds the event and a C2SP tlog-proof: its hashes, and the newest checkpoint that covers it.
Whoever has the public key checks it with "mcpstack-audit verify-proof".`;

export function addProof(program: Command, run: Run): void {
  program
    .command('proof <event>')
    .description('Prove that an event stands in the log, to somebody who cannot read it.')
    .option('-o, --output <file>', 'write the proof there instead of to stdout')
    .addHelpText('after', HELP)
    .action(
      run(async ({ openLog, out, world }, text: string, { output }: { output?: string }) => {
        const log = await openLog();
        const event = await find(log, text);
        const { tree, note, position } = await readSignedTree(log);
        const index = tree.indexOf(eventDigest(event));
        if (index < 0) throw notCovered(event, position);
        const proof = { index, proof: tree.inclusionProof(index), checkpoint: note };
        await writeProof(world.cwd, output, inclusionFile(event, proof), out);
        out.note(
          `${event.stream}@${event.revision} (${event.type}) is leaf ${index} of ${tree.size}. Give the public key along, from where it is trusted.`,
        );
        return 'fine';
      }),
    );
}

/** @throws AuditError `usage` when there is no such event. */
async function find(log: AuditedLog, text: string): Promise<RecordedEvent> {
  const [, stream, revision] = /^([^@]+)@(0|[1-9][0-9]{0,15})$/.exec(text) ?? [];
  const found =
    stream === undefined || revision === undefined
      ? await withId(log, text)
      : await at(log, stream, BigInt(revision));
  if (found) return found;
  throw new AuditError('usage', `The log has no event ${text}.`, {
    code: 'no-such-event',
    next: 'Name it by stream and revision, such as key-key_1@3, or by its id.',
  });
}

async function at(log: AuditedLog, stream: string, revision: bigint): Promise<RecordedEvent | undefined> {
  try {
    for await (const event of log.stream(stream, { from: revision, maxCount: 1 }))
      return event.revision === revision ? event : undefined;
  } catch (error) {
    // A name that no stream can have.
    if (!(error instanceof InvalidStreamNameError)) throw error;
  }
  return undefined;
}

async function withId(log: AuditedLog, id: string): Promise<RecordedEvent | undefined> {
  for await (const event of log.events({ label: 'Looking for the event' })) if (event.id === id) return event;
  return undefined;
}

function notCovered({ stream, revision, position }: RecordedEvent, covered: bigint): AuditError {
  const name = `${stream}@${revision}`;
  if (position > covered)
    return new AuditError('unknown', `No checkpoint covers ${name} yet.`, {
      code: 'not-covered',
      next: 'Try again in a minute: a checkpoint is signed by then.',
    });
  return new AuditError('wrong', `${name} is not what the checkpoints signed for its place.`, {
    code: 'not-signed',
    next: 'Run "mcpstack-audit verify": it says what does not fit.',
  });
}
