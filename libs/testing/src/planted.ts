/** What specs of erasure plant and search for: a text in the files of a server, in whatever of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files of a folder, and of those in it, that hold this text as plain bytes. */
export function filesWith(folder: string, text: string): string[] {
  const wanted = Buffer.from(text);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => contentOf(path).includes(wanted));
}

/** A file that its server has removed meanwhile holds nothing. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
