/** What a tidy repository looks like; each rule answers the offences in a list of files. */
export interface SourceFile {
  path: string;
  text: string;
}

/** Why a source may be longer than 300 lines. An entry that is no longer needed is an offence as well. */
export const LONG_FILES: Readonly<Record<string, string>> = {
  'apps/issuance/test/harness.ts': 'one place for all that a spec may ask of issuance',
  'libs/api-client/src/schema.ts': 'made from the OpenAPI document',
  'libs/read-models/test/history.ts': 'one generator for the events of every category',
};

const MAX_LINES = 300;
/** A spec is a list of cases; a resource with many routes has many. */
const MAX_SPEC_LINES = 500;
const SOURCE = /\.(ts|tsx|mjs)$/;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const ROOMS = /^(apps|libs|tools)\//;

// In pieces, so that this file does not offend against itself.
const MACHINE_PATH = new RegExp(
  `(?<![\\w.:/])/(${['work', 'root', 'home/[a-z]+', 'Users/\\w+'].join('|')})/\\w`,
);
const REGISTRY = /registry[.]npm|[a]rtifactory|"resolved": +"http|pypi[.]org/i;

export const RULES: Readonly<Record<string, (files: readonly SourceFile[]) => string[]>> = {
  'file names are kebab-case': (files) =>
    files
      .filter(({ path }) => ROOMS.test(path) && !KEBAB.test(nameOf(path)) && !isDocument(path))
      .map(pathOf),

  'no suffixes that say nothing, and of Nest only .module and .controller': (files) =>
    files
      .filter(({ path }) =>
        /\.(dto|interface|impl|utils?|types|service|provider|guard|filter|pipe|interceptor)\.ts$/.test(path),
      )
      .map(pathOf),

  'no source is longer than 300 lines without a reason': (files) => {
    const long = files
      .filter(({ path, text }) => SOURCE.test(path) && text.split('\n').length - 1 > limitOf(path))
      .map(pathOf);
    const unlisted = long.filter((path) => !(path in LONG_FILES));
    const needless = files.map(pathOf).filter((path) => path in LONG_FILES && !long.includes(path));
    return [...unlisted, ...needless.map((path) => `${path} needs no reason any more`)];
  },

  'no path of a machine': (files) => offending(files, MACHINE_PATH),
  'no host of a package registry': (files) => offending(files, REGISTRY),

  'every lib has one index.ts with named exports, and nobody else has one': (files) => {
    const indexes = files.map(pathOf).filter((path) => ROOMS.test(path) && nameOf(path) === 'index.ts');
    const libs = [...new Set(files.map(({ path }) => /^libs\/[^/]+/.exec(path)?.[0]).filter(Boolean))];
    const wanted = libs.map((lib) => `${lib}/src/index.ts`);
    return [
      ...wanted.filter((path) => !indexes.includes(path)).map((path) => `${path} is missing`),
      ...indexes.filter((path) => !wanted.includes(path)),
    ];
  },

  'no export *': (files) =>
    files.filter(({ path, text }) => SOURCE.test(path) && /^\s*export \*/m.test(text)).map(pathOf),
};

const limitOf = (path: string) => (path.endsWith('.spec.ts') ? MAX_SPEC_LINES : MAX_LINES);

function offending(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : [],
      ),
  );
}

// Documents, and golden events, which are named by their type.
const isDocument = (path: string) =>
  /(^|\/)((README|LICENSE|NOTICE)[^/]*|SHA256SUMS|golden\/[^/]+\.json)$/.test(path);
const pathOf = ({ path }: SourceFile) => path;
const nameOf = (path: string) => path.split('/').at(-1)!;
