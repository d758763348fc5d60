/** Which package of others we ship, and under which licence: from the lock file, for docs/licences.md. */

/** What Vite puts into the console's files. The rest of what it is built with stays behind. */
const IN_CONSOLE = /^(@mantine\/|@tabler\/|@tanstack\/react-query|react$|react-dom$|wouter$|openapi-fetch$)/;

/** Where a package's own text says something else than its manifest. Found by the spec, which reads the texts. */
const BY_TEXT = [{ name: /^@kurrent\/bridge/, licence: 'Kurrent-1' }];

/** Those that ask for a notice and for nothing else. Another one is a decision, and is made here. */
export const ALLOWED = new Set([
  // The one that is not of open source: read what docs/licences.md says of it.
  'Kurrent-1',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]);

export interface Shipped {
  /** In the lock file. */
  path: string;
  name: string;
  version: string;
  /** An SPDX expression. */
  licence: string;
  /** In the image's folder of packages, or built into the files that the console consists of. */
  where: 'image' | 'console';
  /** The digest of its archive, `sha512-…`. */
  integrity?: string;
}

/** What a lock file says of one package; its root is the path ''. */
export interface Locked {
  version?: string;
  license?: string;
  integrity?: string;
  dev?: boolean;
  link?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}
type Packages = Readonly<Record<string, Locked>>;

/** All that is in the image, and all that is built into the console's files, by name. */
export function shipped({ packages }: { packages: Packages }): Shipped[] {
  const console = inConsole(packages);
  return Object.entries(packages)
    .filter(([path, { link }]) => path.includes('node_modules/') && !link)
    .filter(([path, { dev }]) => !dev || console.has(path))
    .map(([path, { version = '', license = 'none stated', dev, integrity }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const licence = BY_TEXT.find((one) => one.name.test(name))?.licence ?? license;
      const where = dev ? ('console' as const) : ('image' as const);
      return { path, name, version, licence, where, ...(integrity && { integrity }) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
}

/** Paths of the packages that the console is built from, and of what these need. */
function inConsole(packages: Packages): Set<string> {
  const found = new Set<string>();
  const visit = (from: string, name: string): void => {
    for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
      const path = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
      const there = packages[path];
      if (there) {
        if (found.has(path)) return;
        found.add(path);
        for (const next of Object.keys(there.dependencies ?? {})) visit(path, next);
        return;
      }
      if (at === '') return;
    }
  };
  const { dependencies = {}, devDependencies = {} } = packages[''] ?? {};
  for (const name of Object.keys({ ...dependencies, ...devDependencies }))
    if (IN_CONSOLE.test(name)) visit('', name);
  return found;
}

/** Those under a licence that nobody decided on. Of `A OR B` one is enough, of `A AND B` both are needed. */
export function undecided(packages: readonly Shipped[]): Shipped[] {
  const isAllowed = (licence: string): boolean =>
    licence
      .replaceAll(/[()]/g, '')
      .split(' OR ')
      .some((choice) => choice.split(' AND ').every((part) => ALLOWED.has(part)));
  return packages.filter(({ licence }) => !isAllowed(licence));
}

/** docs/licences.md, before it is formatted. */
export function licencesPage(packages: readonly Shipped[]): string {
  const byLicence = new Map<string, Shipped[]>();
  for (const one of packages) byLicence.set(one.licence, [...(byLicence.get(one.licence) ?? []), one]);
  const counts = [...byLicence].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
  const list = (where: Shipped['where']): string =>
    packages
      .filter((one) => one.where === where)
      .map(({ name, version, licence }) => `- ${name} ${version}: ${licence}`)
      .join('\n');
  return `# Licences of what we ship

Made from the lock file by \`npm run licences\`; a spec fails where it is not renewed, and where a package stands under
a licence that nobody decided on (\`tools/src/licences.ts\`). The texts lie in each package's folder of the image.

| licence | packages |
| --- | --- |
${counts.map(([licence, ones]) => `| ${licence} | ${ones.length} |`).join('\n')}

**One needs a decision of yours.** The client of KurrentDB, \`@kurrent/kurrentdb-client\` (Apache-2.0), calls a bridge in
native code, \`@kurrent/bridge\`, with one package for each platform. Their manifests say MIT or ISC; the text that comes with
the bridge is the Kurrent License v1: free to use and to hand on with its terms, but not to offer to others as a hosted
service of its own, and not open source. Whoever passes our image on passes these terms on. Where that is not wanted, the log
is JetStream, and the \`@kurrent\` packages may be taken out of the image: they are loaded where \`EVENT_STORE_URL\` asks
for them. The bridge is the one native part beside \`@node-rs/argon2\`, which the local identity provider uses.

Servers are not shipped with us, and have licences of their own: NATS Apache-2.0; Redis up to 7.2 BSD-3-Clause, 7.4
RSALv2 or SSPLv1, from 8 also AGPLv3; KurrentDB the Kurrent License v1, which is not one of open source.

## In the image

${list('image')}

## Built into the console's files

${list('console')}
`;
}
