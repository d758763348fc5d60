/** Where a proof goes: a file, or stdout. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AuditError } from '../errors.ts';
import { type Output } from '../output.ts';
import { type ProofFile } from './proof-file.ts';

export async function writeProof(
  cwd: string,
  file: string | undefined,
  proof: ProofFile,
  out: Output,
): Promise<void> {
  const text = `${JSON.stringify(proof, undefined, 2)}\n`;
  if (file === undefined) return out.raw(text);
  try {
    await writeFile(resolve(cwd, file), text);
  } catch (cause) {
    throw new AuditError('usage', `${file} cannot be written: ${(cause as Error).message}.`, { cause });
  }
}
