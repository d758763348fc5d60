/** What we ship of others: its licences, where it comes from, what it may do at install, and the bill of materials. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { billOfMaterials } from '../src/bill-of-materials.ts';
import { licencesPage, shipped, undecided } from '../src/licences.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

interface Locked {
  version?: string;
  license?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
}
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
const others = Object.entries(lock.packages).filter(
  ([path, { link }]) => path.includes('node_modules/') && !link,
);

/** Words of licences that ask for more than a notice. */
const ASKS_FOR_MORE =
  /Kurrent License|GNU (AFFERO|LESSER|GENERAL)|Mozilla Public|Business Source|Server Side Public|Elastic License|Commons Clause/i;

/** The first of these words in the licence texts of a package that is installed. */
function wordsOf(name: string): string | undefined {
  const folder = join(ROOT, 'node_modules', name);
  const texts = existsSync(folder)
    ? readdirSync(folder).filter((file) => /^(licen[cs]e|copying)/i.test(file))
    : [];
  for (const text of texts) {
    const found = ASKS_FOR_MORE.exec(readFileSync(join(folder, text), 'utf8'));
    if (found) return found[0];
  }
  return undefined;
}

describe('licences', () => {
  it('of everything that we ship have been decided on; control: one that was not is named', () => {
    expect(undecided(shipped(lock))).toEqual([]);
    const packages = { ...lock.packages, 'node_modules/other': { version: '1.0.0', license: 'AGPL-3.0' } };
    expect(undecided(shipped({ packages })).map(({ name }) => name)).toEqual(['other']);
    const nameless = { 'node_modules/nameless': { version: '1.0.0' } };
    expect(undecided(shipped({ packages: nameless }))).toMatchObject([{ licence: 'none stated' }]);
  });

  it('are listed as they are: `npm run licences` renews the page', async () => {
    const path = join(ROOT, 'docs', 'licences.md');
    const page = await format(licencesPage(shipped(lock)), {
      ...(await resolveConfig(path)),
      filepath: path,
    });
    expect(read('docs', 'licences.md')).toBe(page);
  });

  it('in words ask for no more than their manifests say, but for the one that the page explains', () => {
    const found = shipped(lock).flatMap(({ name }) => {
      const words = wordsOf(name);
      return words ? [`${name}: ${words}`] : [];
    });
    // It also shows that texts are read. That of Python tells its history.
    expect(found).toEqual(['@kurrent/bridge: Kurrent License', 'argparse: GNU General']);
    expect(read('docs', 'licences.md')).toContain('Kurrent License v1');
  });
});

describe('packages', () => {
  it('come from a registry by digest, each of one version', () => {
    // Builds for other platforms, of tools, that a mirror lacks are named without a digest (see the lock's own spec).
    const loose = others.filter(
      ([, { integrity, resolved, optional, dev }]) =>
        resolved !== undefined || (!integrity?.startsWith('sha512-') && !(optional && dev)),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
    const wanted = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
    const ranges = Object.entries({ ...wanted['dependencies'], ...wanted['devDependencies'] }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(ranges).toEqual([]);
  });

  it('run nothing of theirs at install', () => {
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
    expect(read('deploy', 'Dockerfile')).toMatch(/COPY package\.json package-lock\.json \.npmrc/);
  });
});

it('the bill of materials names every package that we ship with its digest, and no other', () => {
  const { components, ...bill } = billOfMaterials(lock) as {
    components: { name: string; version: string; purl: string; hashes?: { content: string }[] }[];
  };
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.5' });
  // As they stand on this machine: whatever is there and not for development is named.
  const inImage = others.filter(([path, { dev }]) => !dev && existsSync(join(ROOT, path)));
  const named = new Set(components.map(({ name, version }) => `${name}@${version}`));
  const there = inImage.map(([path]) => {
    const { name, version } = JSON.parse(read(path, 'package.json')) as { name: string; version: string };
    return `${name}@${version}`;
  });
  expect(there.filter((one) => !named.has(one))).toEqual([]);
  expect(there.length).toBeGreaterThan(200);
  expect(components.filter(({ name }) => /^(jest|eslint|vite|nx)$/.test(name))).toEqual([]);
  const nest = components.find(({ name }) => name === '@nestjs/core')!;
  expect(nest.purl).toBe(`pkg:npm/%40nestjs/core@${nest.version}`);
  const { integrity } = lock.packages['node_modules/@nestjs/core']!;
  expect(Buffer.from(nest.hashes![0]!.content, 'hex').toString('base64')).toBe(
    integrity!.slice('sha512-'.length),
  );
  // The same bytes each time: two builds of one commit can be compared.
  expect(JSON.stringify(billOfMaterials(lock))).toBe(JSON.stringify({ ...billOfMaterials(lock) }));
});

describe('images', () => {
  /** Those that a text starts from, installs, or tells somebody to. */
  const imagesIn = (text: string): string[] =>
    [...text.matchAll(/(?:^FROM |^\s*(?:- )?image: |^\s*IMAGE=)["']?([\w./-]+(?:[:@][\w.:-]+)?)["']?/gm)].map(
      ([, image]) => image!,
    );
  /** Which may be another one tomorrow: without a tag, or with one that names no version. */
  const floating = (images: readonly string[]): string[] =>
    images.filter((image) => !/(:v?\d[\w.-]*(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/.test(image));
  const examples = readdirSync(join(ROOT, 'deploy', 'kubernetes', 'examples'), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => `deploy/kubernetes/examples/${file}`);

  it('are named by their versions wherever we name one, never by latest', () => {
    const files = ['deploy/Dockerfile', 'docker-compose.yml', ...examples];
    const images = files.flatMap((file) => imagesIn(read(file)));
    expect(images.length).toBeGreaterThanOrEqual(9);
    expect(floating(images)).toEqual([]);
  });

  it.each(['FROM node:latest', 'FROM node AS build', '    image: nats:alpine', '  - image: "redis:latest"'])(
    'control: %s is found',
    (line) => expect(floating(imagesIn(line))).toHaveLength(1),
  );
});
