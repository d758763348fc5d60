/** `mcpstack-audit verify-proof`: checks a proof with the public key alone; no log, no network. */
import { type Command } from 'commander';
import { type Output } from '../output.ts';
import { checkProof, parseProofFile, type Checked } from '../proof/proof-file.ts';
import { type Run } from '../run.ts';
import { readKeys, readText } from '../verify/files.ts';

export function addVerifyProof(program: Command, run: Run): void {
  program
    .command('verify-proof <file>')
    .description('Check a proof of an event, or of two checkpoints, with public keys alone.')
    .requiredOption('--key <file>', 'public keys of the log, one a line, from where you trust them')
    .action(
      run(async ({ out, world }, file: string, { key }: { key: string }) => {
        const keys = await readKeys(world.cwd, key);
        const checked = checkProof(parseProofFile(await readText(world.cwd, file, 'proof'), file), keys);
        out.json(asJson(checked));
        tell(out, checked);
        return checked.holds ? 'fine' : 'wrong';
      }),
    );
}

function tell(out: Output, checked: Checked): void {
  if (!checked.holds) {
    out.lines(
      out.paint('red', 'The proof does not hold.'),
      `${checked.why.charAt(0).toUpperCase()}${checked.why.slice(1)}.`,
    );
    return;
  }
  out.lines(out.paint('green', 'The proof holds.'));
  if (checked.kind === 'consistency') {
    const { from, to } = checked;
    out.lines(
      `The log ${to.origin} of ${to.size} events begins with all ${from.size} of the earlier checkpoint.`,
    );
    return;
  }
  const { checkpoint, event, index } = checked;
  out.fields([
    ['Log', checkpoint.origin],
    ['Place', `event ${index + 1} of ${checkpoint.size}`],
    ['Stream', `${event.stream}, revision ${event.revision}`],
    ['Event', event.type],
    ['Id', event.id],
    ['Data', JSON.stringify(event.data)],
    ['Metadata', JSON.stringify(event.metadata)],
  ]);
}

function asJson(checked: Checked): unknown {
  if (!checked.holds) return checked;
  if (checked.kind === 'inclusion') {
    const { checkpoint, ...rest } = checked;
    return { ...rest, origin: checkpoint.origin, size: checkpoint.size };
  }
  const { from, to, ...rest } = checked;
  return { ...rest, origin: to.origin, from: from.size, to: to.size };
}
