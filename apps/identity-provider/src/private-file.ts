import { open, rename, unlink } from 'node:fs/promises';

/**
 * Replaces a file in one step, readable by its owner alone.
 * @param options.sync `false`: what a power failure would cost may be lost; a crash of ours loses nothing.
 */
export async function writePrivately(path: string, text: string, { sync = true } = {}): Promise<void> {
  const next = `${path}.${process.pid}.tmp`;
  // Not exclusively: in a container a process that crashed had the same id, and left its draft.
  const file = await open(next, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    if (sync) await file.sync();
    await file.close();
    await rename(next, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await unlink(next).catch(() => undefined);
    throw error;
  }
}
