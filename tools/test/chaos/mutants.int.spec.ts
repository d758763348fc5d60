/** The protections that are taken away in chaos stand in what is built, word for word. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@mcpstack/local-servers';
import { MUTANTS } from './mutants.ts';

/** Every compiled file that ends like this. */
function compiled(file: string): string[] {
  return ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(repositoryRoot(), folder))
      .map((room) => join(repositoryRoot(), folder, room, 'dist'))
      .flatMap((dist) => filesOf(dist).filter((path) => path.endsWith(`/${file}`))),
  );
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

it.each(MUTANTS.flatMap(({ name, mutations }) => mutations.map((mutation) => ({ name, ...mutation }))))(
  '$name: $file holds what is taken away',
  ({ file, find }) => {
    const paths = compiled(file);
    expect(paths).toHaveLength(1);
    expect(readFileSync(paths[0]!, 'utf8').split(find)).toHaveLength(2);
  },
);
