/** What the schemas of a release of Kubernetes object to; unknown fields are objected to as well. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { Kubernetes } from './objects.ts';

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'kubernetes-schemas');

export const RELEASES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));

interface Schemas {
  kinds: Record<string, string>;
  definitions: Record<string, object>;
}

const compiled = new Map<string, Objections>();
type Objections = (object: Kubernetes) => string[];

export function objectionsOf(release: string): Objections {
  if (!compiled.has(release)) compiled.set(release, compile(release));
  return compiled.get(release)!;
}

function compile(release: string): Objections {
  const { kinds, definitions } = JSON.parse(readFileSync(join(FOLDER, `${release}.json`), 'utf8')) as Schemas;
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addSchema({ $id: 'kubernetes', definitions });
  return (object) => {
    const name = `${object.apiVersion}/${object.kind} ${object.metadata?.name}`;
    const definition = kinds[`${object.apiVersion}/${object.kind}`];
    if (definition === undefined) return [`${name}: no such kind`];
    const validate = ajv.getSchema(`kubernetes#/definitions/${definition}`)!;
    if (validate(object) === true) return [];
    return validate.errors!.map(
      ({ instancePath, message, params }) => `${name}${instancePath}: ${message} ${JSON.stringify(params)}`,
    );
  };
}
