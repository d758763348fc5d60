import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LocalServerError } from './errors.ts';

/**
 * Makes a folder for data (0700) with its parents, and checks that we may write there. Not by mkdir's own
 * `recursive`, which never returns where a file system refuses with ENOENT, as /proc does.
 *
 * @throws LocalServerError `data-folder-unwritable`
 */
export function makeDataFolder(path: string): string {
  const folder = resolve(path);
  try {
    makeWithParents(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
    return folder;
  } catch (cause) {
    throw new LocalServerError(
      'data-folder-unwritable',
      `The data folder ${folder} cannot be written: choose another one or correct its rights.`,
      { cause },
    );
  }
}

function makeWithParents(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeWithParents(parent);
  mkdirSync(folder, { mode: 0o700 });
}
