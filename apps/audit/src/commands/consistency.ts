/** `mcpstack-audit consistency`: shows that one checkpoint's log begins with another's. */
import { type Command } from 'commander';
import { type MerkleTree } from '@mcpstack/tlog';
import { AuditError } from '../errors.ts';
import { consistencyFile } from '../proof/proof-file.ts';
import { readSignedTree } from '../proof/signed-tree.ts';
import { writeProof } from '../proof/write.ts';
import { type Run } from '../run.ts';
import { readText } from '../verify/files.ts';
import { parseKept, type KeptCheckpoint } from '../verify/kept.ts';

const LATEST = 'latest';

const HELP = `
<from> and <to> are files with a checkpoint each, such as the checkpointer publishes; <to> may be "latest",
the newest one of the log. Whoever has the public key checks the proof with "mcpstack-audit verify-proof".`;

export function addConsistency(program: Command, run: Run): void {
  program
    .command('consistency <from> <to>')
    .description('Prove that the log of one checkpoint begins with the log of another.')
    .option('-o, --output <file>', 'write the proof there instead of to stdout')
    .addHelpText('after', HELP)
    .action(
      run(async ({ openLog, out, world }, from: string, to: string, { output }: { output?: string }) => {
        const first = await readNote(world.cwd, from);
        const second = to === LATEST ? undefined : await readNote(world.cwd, to);
        const { tree, note } = await readSignedTree(await openLog());
        const newest = parseOne(LATEST, note);
        const [one, two] = [first, second ?? { note, kept: newest }];
        for (const { kept } of [one, two]) assertOwn(kept, tree, newest);
        if (one.kept.size > two.kept.size)
          throw new AuditError(
            'usage',
            `${from} is newer than ${to}: it has ${one.kept.size} events, not ${two.kept.size} or fewer.`,
            {
              next: 'Name the older one first.',
            },
          );
        const hashes = tree.consistencyProof(one.kept.size, two.kept.size);
        await writeProof(world.cwd, output, consistencyFile(one.note, two.note, hashes), out);
        out.note(`The log of ${two.kept.size} events begins with the log of ${one.kept.size}.`);
        return 'fine';
      }),
    );
}

async function readNote(cwd: string, file: string): Promise<{ note: string; kept: KeptCheckpoint }> {
  const note = await readText(cwd, file, 'checkpoint');
  return { note, kept: parseOne(file, note) };
}

function parseOne(file: string, note: string): KeptCheckpoint {
  const [kept, ...more] = parseKept(file, note, undefined);
  if (kept && more.length === 0) return kept;
  throw new AuditError('usage', `${file} holds ${more.length + 1} checkpoints; a proof is between two.`, {
    next: 'Cut out the one that is meant.',
  });
}

/** @throws AuditError `wrong` for a checkpoint that the log does not grow out of. */
function assertOwn(
  { from, origin, size, root }: KeptCheckpoint,
  tree: MerkleTree,
  newest: KeptCheckpoint,
): void {
  const wrong = (message: string, code: string) => new AuditError('wrong', message, { code });
  if (origin !== newest.origin)
    throw wrong(`The checkpoint in ${from} is of ${origin}; this log is ${newest.origin}.`, 'another-log');
  if (size > tree.size)
    throw wrong(
      `The checkpoint in ${from} knows ${size} events, and the log's own know ${tree.size}.`,
      'truncated',
    );
  if (!tree.root(size).equals(root))
    throw wrong(
      `The log was rewritten: its first ${size} events do not have the root of the checkpoint in ${from}.`,
      'fork',
    );
}
