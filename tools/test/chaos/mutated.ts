/** How services are started with a protection taken away. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '@mcpstack/local-servers';
import type { Mutation } from './mutants.ts';

/**
 * The environment of services whose compiled files are changed while they are loaded; their clocks can be stepped, too.
 *
 * @param folder where they note what was changed
 */
export function mutatedEnv(folder: string, mutations: readonly Mutation[]): Record<string, string> {
  const preload = join(repositoryRoot(), 'tools', 'test', 'chaos', 'preload.mjs');
  return {
    NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`,
    CHAOS_DIR: folder,
    CHAOS_MUTATIONS: JSON.stringify(mutations),
  };
}
