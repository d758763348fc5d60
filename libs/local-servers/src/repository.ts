import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this repository (the one whose package.json is ours), looked for upwards from this file. */
export function repositoryRoot(from = import.meta.dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { workspaces } = JSON.parse(readFileSync(manifest, 'utf8')) as { workspaces?: unknown };
      if (workspaces) return folder;
    }
    if (folder === dirname(folder)) throw new Error(`no repository around ${from}`);
  }
}
