/** The files that an auditor names: trusted keys, checkpoints kept elsewhere, proofs. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseVkeys, TlogError, type Verifier } from '@mcpstack/tlog';
import { AuditError } from '../errors.ts';
import { parseKept, type KeptCheckpoint } from './kept.ts';

const MOST_BYTES = 16 * 1024 * 1024;
/** Every checkpoint of some years, one a minute. */
const MOST_BYTES_KEPT = 512 * 1024 * 1024;

/** @throws AuditError `usage` when there is none, or it cannot be what it should be. */
export async function readText(
  cwd: string,
  file: string,
  what: string,
  mostBytes = MOST_BYTES,
): Promise<string> {
  const path = resolve(cwd, file);
  try {
    const { size } = await stat(path);
    if (size > mostBytes)
      throw new AuditError('usage', `${file} is no ${what}: it is larger than ${mostBytes} bytes.`, {
        code: 'bad-file',
      });
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof AuditError) throw cause;
    const why =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
    throw new AuditError('usage', `The ${what} ${file} cannot be read: ${why}.`, { code: 'bad-file', cause });
  }
}

/** The keys of a file, a line each (`name+hash+base64`). */
export async function readKeys(cwd: string, file: string): Promise<Verifier[]> {
  const text = await readText(cwd, file, 'file of public keys');
  const next = 'It has one line for each key, name+hash+base64, as the checkpointer publishes it.';
  try {
    const keys = parseVkeys(text);
    if (keys.length === 0)
      throw new AuditError('usage', `${file} holds no public key.`, { code: 'bad-key', next });
    return keys;
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    throw new AuditError('usage', `${file}: ${cause.message}.`, { code: 'bad-key', cause, next });
  }
}

export async function readKept(
  cwd: string,
  files: readonly string[],
  trusted: readonly Verifier[] | undefined,
): Promise<KeptCheckpoint[]> {
  const kept: KeptCheckpoint[] = [];
  for (const file of files)
    kept.push(...parseKept(file, await readText(cwd, file, 'checkpoint', MOST_BYTES_KEPT), trusted));
  return kept;
}
