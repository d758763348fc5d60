/** The file of public keys for auditors. A key that signs no more stays in it: what it signed can still be checked. */
import { readFileSync, writeFileSync } from 'node:fs';
import { ConfigError } from '@mcpstack/service-kit';

/** Adds the keys that are not there yet, one a line. @throws ConfigError when it cannot be written. */
export function addVkeys(file: string | undefined, vkeys: readonly string[]): void {
  if (file === undefined) return;
  try {
    const lines = linesOf(file);
    // Somebody may have written behind it up to which size it is trusted.
    const standing = new Set(lines.map((line) => line.split(' ', 1)[0]));
    const missing = vkeys.filter((vkey) => !standing.has(vkey));
    if (missing.length > 0) writeFileSync(file, [...lines, ...missing].map((line) => `${line}\n`).join(''));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ConfigError([
      `CHECKPOINT_VKEY_FILE cannot be written (${code}): name a file that this process may write.`,
    ]);
  }
}

function linesOf(file: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line.trim() !== '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
