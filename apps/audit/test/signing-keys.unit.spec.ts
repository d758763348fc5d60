/** G9: who may sign the log, and until when: a key that was given up does not become one again. */
import {
  formatCheckpoint,
  newSigner,
  parseVkeys,
  signNote,
  type Signer,
  type Verifier,
} from '@mcpstack/tlog';
import { parseKept } from '../src/verify/kept.ts';
import { openCheckpoint } from '../src/verify/own-note.ts';
import { verifyLog } from '../src/verify/verifier.ts';
import { coveredBy, Dice, LOG_ID, LogWriter, sourceOf } from './signed-log.ts';

const origin = `mcpstack-keys/${LOG_ID}`;
const [a, b, c] = [1, 2, 3].map(() => newSigner(origin).signer) as [Signer, Signer, Signer];
const keysOf = (...lines: string[]): Verifier[] => parseVkeys(lines.join('\n'));
const all = keysOf(a.vkey, b.vkey, c.vkey);

/** A log whose checkpoints these sign, one after the other. */
function logOf(...turns: Signer[][]): LogWriter {
  const writer = new LogWriter(new Dice(1), LOG_ID, []);
  for (const signers of turns) {
    writer.signers = signers;
    for (let at = 0; at < 5; at += 1) writer.appendAny();
    writer.checkpoint();
  }
  return writer;
}

const findingsOf = async ({ events }: LogWriter, trusted: readonly Verifier[]) =>
  (await verifyLog(sourceOf(events), { trusted })).findings.map(({ kind, event, message }) => ({
    kind,
    revision: event?.revision,
    message,
  }));

it('a checkpoint by a retired key alone is a finding', async () => {
  const findings = await findingsOf(logOf([a], [a, b], [b], [a], [b]), all);
  expect(findings).toMatchObject([{ kind: 'checkpoint', revision: 3n }]);
  expect(findings[0]!.message).toContain(`signed by a retired key alone, ${a.vkey}`);
  expect(findings[0]!.message).toContain(`checkpoint-${LOG_ID}@2`);
});

it('keys that overlap, are lost, or take turns while each checkpointer is started anew are none', async () => {
  for (const turns of [
    [[a], [a, b], [b], [b, c], [c]],
    [[a], [a, b], [a], [a, b], [b], [a, b], [b]],
    [[a], [c], [c]],
    [[a, b], [b], [a, b], [a]],
  ])
    expect(await findingsOf(logOf(...turns), all)).toEqual([]);
});

it('a key that is trusted up to a size is not trusted beyond, in the log, in a kept checkpoint and in a proof', async () => {
  const log = logOf([a], [a], [a], [a]);
  const [, second, third] = log.notes as [string, string, string];
  const until = keysOf(`${a.vkey} until ${coveredBy([second])}`);
  const findings = await findingsOf(log, until);
  expect(findings.map(({ kind, revision }) => `${kind} ${revision}`)).toEqual([
    'checkpoint 2',
    'checkpoint 3',
  ]);
  expect(findings[0]!.message).toContain('is trusted for fewer');
  expect(parseKept('kept', second, until)).toHaveLength(1);
  expect(() => parseKept('kept', third, until)).toThrow('is trusted for fewer');
  expect(() => openCheckpoint(third, until)).toThrow('is trusted for fewer');
  // The control: without the size, and by a key that signs beside it.
  expect(await findingsOf(log, keysOf(a.vkey))).toEqual([]);
  const limited = keysOf(`${a.vkey} until ${coveredBy([second])}`, b.vkey);
  expect(await findingsOf(logOf([a], [a, b], [b]), limited)).toEqual([]);
});

it('of a line with a size nothing else is taken', () => {
  expect(keysOf(`${a.vkey}   until 17`, '# a comment')).toMatchObject([{ vkey: a.vkey, until: 17 }]);
  for (const line of [`${a.vkey} until`, `${a.vkey} until x`, `${a.vkey} 17`, `${a.vkey} until 17 18`])
    expect(() => keysOf(line)).toThrow('this is no verifier key');
  const note = signNote(formatCheckpoint({ origin, size: 3, root: Buffer.alloc(32) }), [a]);
  expect(openCheckpoint(note, keysOf(`${a.vkey} until 3`))).toMatchObject({ size: 3 });
});
