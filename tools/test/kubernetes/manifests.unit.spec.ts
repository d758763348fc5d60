import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import { manifests } from '../../src/manifests/manifests.ts';
import { SERVICES } from '../../src/manifests/services.ts';
import { MEANINGS } from '../../src/manifests/values.ts';
import { breaks } from './broken.ts';
import { filesIn, KUBERNETES, objectsOf, podSpecOf, ROOT, type Kubernetes } from './objects.ts';
import { RULES } from './rules.ts';
import { objectionsOf, RELEASES } from './schemas.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const { version } = JSON.parse(read(join(ROOT, 'package.json'))) as { version: string };
const base = () => objectsOf(join(KUBERNETES, 'base'));
const component = (name: string) => objectsOf(join(KUBERNETES, 'components', name));
/** What is installed together: the base; the same with what is only started where it is asked for; the same with the authorizer on each node. */
const SETS: Record<string, () => Kubernetes[]> = {
  base,
  'base with forward-auth': () => [...base(), ...component('forward-auth')],
  'base with a backup of the log each night': () => [
    ...base(),
    ...objectsOf(join(KUBERNETES, 'examples', 'backup')),
  ],
  'base with nats-login': () => [...base(), ...component('nats-login')],
  'base with an authorizer on each node': () => [
    ...base().filter(
      ({ kind, metadata }) =>
        metadata.name !== 'mcpstack-authorizer' ||
        !['Deployment', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'].includes(kind),
    ),
    ...component('authorizer-daemonset'),
  ],
};

describe('deploy/kubernetes', () => {
  it('is what tools/src/manifests makes: after a change there, run npm run manifests', () => {
    const made = manifests(version);
    const standing = ['base', 'chart', 'components'].flatMap((folder) => filesIn(join(KUBERNETES, folder)));
    expect(standing.map((path) => relative(KUBERNETES, path)).sort()).toEqual([...made.keys()].sort());
    for (const [path, text] of made)
      expect(`${path}\n${read(join(KUBERNETES, path))}`).toBe(`${path}\n${text}`);
  });

  it('has every service but the identity provider, which production refuses', () => {
    const apps = readdirSync(join(ROOT, 'apps')).filter((app) =>
      existsSync(join(ROOT, 'apps', app, 'src', 'main.ts')),
    );
    const services = apps.filter((app) =>
      /runService\(/.test(read(join(ROOT, 'apps', app, 'src', 'main.ts'))),
    );
    expect(SERVICES.map(({ name }) => name).sort()).toEqual(
      services.filter((app) => app !== 'identity-provider').sort(),
    );
  });
});

describe.each(RELEASES)('Kubernetes %s', (release) => {
  const objections = objectionsOf(release);

  it.each(Object.keys(SETS))('takes every object of the %s', (name) => {
    const objects = SETS[name]!();
    expect(objects.length).toBeGreaterThanOrEqual(30);
    expect(objects.flatMap(objections)).toEqual([]);
  });

  it('control: an unknown field, a wrong type and a field that is missing are objected to', () => {
    const broken = base().find(({ kind }) => kind === 'Deployment')!;
    const container = podSpecOf(broken)!.containers[0]! as object as Record<string, unknown>;
    container['readinesProbe'] = container['readinessProbe'];
    delete container['name'];
    broken.spec!.replicas = 'two' as unknown as number;
    expect(
      objections(broken)
        .map((text) => /(additionalProperty|missingProperty|"type")/.exec(text)?.[1])
        .sort(),
    ).toEqual(['"type"', 'additionalProperty', 'missingProperty']);
  });
});

it('three releases of Kubernetes are known', () => expect(RELEASES).toHaveLength(3));

describe('rules', () => {
  describe.each(Object.keys(SETS))('%s', (name) => {
    it.each(Object.keys(RULES))('%s', (rule) => expect(RULES[rule]!(SETS[name]!())).toEqual([]));
  });

  it.each(
    Object.keys(RULES).flatMap((rule) =>
      Object.keys(breaks[rule] ?? { nothing: 0 }).map((how) => [rule, how] as const),
    ),
  )('control: "%s" finds %s, and no other rule minds', (rule, how) => {
    const objects = base();
    breaks[rule]![how]!(objects);
    const red = Object.keys(RULES).filter((other) => RULES[other]!(objects).length > 0);
    expect(red).toEqual([rule]);
  });
});

describe('docs/kubernetes.md', () => {
  const page = read(join(ROOT, 'docs', 'kubernetes.md'));

  it('says of each value what values.yaml says', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` +\| (.*?) +\|$/gm)].map(([, name, meaning]) => [
      name,
      meaning,
    ]);
    expect(Object.fromEntries(rows.filter(([name]) => name! in MEANINGS))).toEqual(MEANINGS);
  });

  it('asks for as many replicas of streams and buckets as the example of NATS has servers, before the first start', () => {
    const values = parse(/# my-values.yaml\n((?: {4}.*\n)+)/.exec(page)![1]!) as { settings: object };
    const nats = read(join(KUBERNETES, 'examples', 'nats', 'nats-values.yaml'));
    const { config } = parse(nats) as { config: { cluster: { replicas: number } } };
    expect(values.settings).toMatchObject({ JETSTREAM_REPLICAS: String(config.cluster.replicas) });
    expect(page.indexOf('JETSTREAM_REPLICAS=3')).toBeLessThan(page.indexOf('helm install'));
  });

  it('names every Secret and ConfigMap that a pod waits for', () => {
    const waited = base().flatMap((object) => podSpecOf(object)?.volumes ?? []);
    const names = waited.flatMap(({ secret, configMap }) => secret?.secretName ?? configMap?.name ?? []);
    expect(new Set(names).size).toBeGreaterThan(9);
    for (const name of names)
      expect(page).toContain(name.replace(/^mcpstack-[\w-]+-credentials$/, 'mcpstack-$service-credentials'));
  });
});

describe('settings', () => {
  /** Names that are read somewhere in the sources of an app, or in what every service shares. */
  const sourcesOf = (app: string) =>
    [join(ROOT, 'apps', app, 'src'), join(ROOT, 'libs', 'service-kit', 'src')]
      .flatMap(filesIn)
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'));

  it.each(SERVICES.map(({ name }) => name))('%s knows every name that it is given', (name) => {
    const text = sourcesOf(name).map(read).join('\n');
    const all = [...base(), ...component('forward-auth'), ...component('nats-login')];
    const workload = all.find((o) => podSpecOf(o) && o.metadata.name === `mcpstack-${name}`)!;
    const given = podSpecOf(workload)!.containers[0]!.env!.map((env) => env.name);
    expect(given.length).toBeGreaterThan(4);
    expect(given.filter((setting) => !new RegExp(`\\b${setting}\\b`).test(text))).toEqual([]);
  });

  it('the image says at which port health is asked for', () => {
    const env = /^ENV (.*)$/m.exec(read(join(ROOT, 'deploy', 'Dockerfile')))![1]!;
    const ports = base().flatMap((o) => podSpecOf(o)?.containers[0]!.ports!.slice(0, 1) ?? []);
    expect(new Set(ports.map(({ containerPort }) => containerPort))).toEqual(new Set([8080]));
    for (const word of ['HOST=0.0.0.0', 'PORT=8080', 'HEALTH_PORT=8080', 'NODE_ENV=production'])
      expect(env.split(' ')).toContain(word);
  });
});
