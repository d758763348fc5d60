/** What is no part of the product and still shown: servers of others, an overlay for production. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parse, stringify } from 'yaml';
import { SERVICES } from '../../src/manifests/services.ts';
import { build, whyNoKustomize } from './kustomize.ts';
import {
  KUBERNETES,
  natsKeysOf,
  objectsOf,
  podSpecOf,
  ROOT,
  type Kubernetes,
  type Volume,
} from './objects.ts';
import { RULES } from './rules.ts';
import { objectionsOf, RELEASES } from './schemas.ts';

const base = () => objectsOf(join(KUBERNETES, 'base'));

describe('examples', () => {
  const folders = ['kurrentdb', 'nats', 'redis'];
  const example = (name: string) => objectsOf(join(KUBERNETES, 'examples', name));
  /** What others' servers can be held to. */
  const held = Object.keys(RULES).filter(
    (rule) => !/^(policies|no secret|three probes|it has the time|the root)/.test(rule),
  );

  it.each(folders)('%s is valid in each release', (name) => {
    for (const release of RELEASES) expect(example(name).flatMap(objectionsOf(release))).toEqual([]);
  });

  it.each(folders)('%s keeps the rules that are not about services of ours', (name) => {
    expect(held).toHaveLength(12);
    expect(held.flatMap((rule) => RULES[rule]!(example(name)))).toEqual([]);
  });

  it.each(folders)('%s is shut both ways, but for what it says', (name) => {
    const policies = example(name).filter(({ kind }) => kind === 'NetworkPolicy');
    expect(policies.map(({ spec }) => [spec!.podSelector, spec!.policyTypes])).toEqual([
      [{}, ['Ingress', 'Egress']],
    ]);
  });

  it.each(folders)(
    '%s stands where the policies let services go, on the ports that they let them',
    (name) => {
      const policy = base().find(
        ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'mcpstack-projection',
      )!;
      const rule = policy.spec!.egress!.find(
        ({ to }) => to![0]!.podSelector?.matchLabels?.['app.kubernetes.io/name'] === name,
      )!;
      expect(rule.to![0]!.namespaceSelector!.matchLabels).toEqual({ 'kubernetes.io/metadata.name': name });
      const pods = example(name).filter((object) => podSpecOf(object));
      const listening = pods.flatMap((object) =>
        podSpecOf(object)!.containers.flatMap(({ ports = [] }) => ports),
      );
      for (const { port } of rule.ports!)
        expect(listening.map(({ containerPort }) => containerPort)).toContain(port);
    },
  );
});

describe('the backup of the log each night', () => {
  const job = objectsOf(join(KUBERNETES, 'examples', 'backup')).find(({ kind }) => kind === 'CronJob')!;
  const { image, env = [], command = [] } = podSpecOf(job)!.containers[0]!;

  it('is of the image of the services, and of their log', () => {
    const images = base().flatMap((object) => podSpecOf(object)?.containers.map((one) => one.image) ?? []);
    expect([...new Set(images)]).toEqual([image]);
    const settings = readFileSync(join(KUBERNETES, 'base', 'settings.env'), 'utf8');
    const { value } = env.find(({ name }) => name === 'EVENT_STORE_URL')!;
    expect(settings.split('\n')).toContain(`EVENT_STORE_URL=${value}`);
  });

  it('knows every name that it is given, and starts what the image has', () => {
    const text = readFileSync(join(ROOT, 'libs', 'service-kit', 'src', 'connection-settings.ts'), 'utf8');
    expect(env.filter(({ name }) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
    expect(command.at(-1)).toContain('node apps/log/dist/main.js backup ');
    expect(readFileSync(join(ROOT, 'deploy', 'Dockerfile'), 'utf8')).toMatch(
      /^RUN npx tsc -b .*apps\/log\b/m,
    );
  });
});

describe('the values of NATS’ own chart', () => {
  const text = readFileSync(join(KUBERNETES, 'examples', 'nats', 'nats-values.yaml'), 'utf8');
  const values = parse(text) as {
    config: {
      cluster: { enabled: boolean; replicas: number };
      merge: { max_payload: number; $include: string };
    };
    podTemplate: { patch: { path: string; value: Volume }[] };
    container: { patch: { path: string; value: { name: string; mountPath: string } }[] };
  };
  const ofNats = (...names: string[]) => readFileSync(join(ROOT, 'deploy', 'nats', ...names), 'utf8');
  /** The file and all that it includes, some of which make-passwords.mjs makes. */
  const included = (file: string): string[] => [
    file,
    ...(existsSync(join(ROOT, 'deploy', 'nats', file))
      ? [...ofNats(file).matchAll(/^\s*include '([^']+)'/gm)].flatMap(([, name]) => included(name!))
      : []),
  ];

  it('are of servers of which one may be lost', () =>
    expect(values.config.cluster.enabled && values.config.cluster.replicas).toBeGreaterThanOrEqual(3));

  it('take messages as large as the other configurations do', () => {
    const megabytes = (conf: string) => Number(/max_payload: (\d+)MB/.exec(conf)![1]!) * 1024 * 1024;
    const leaf = objectsOf(join(KUBERNETES, 'examples', 'nats')).find(({ kind }) => kind === 'ConfigMap')!;
    expect(values.config.merge.max_payload).toBe(megabytes(ofNats('nats-server.conf')));
    expect(megabytes(leaf.data!['nats.conf']!)).toBe(values.config.merge.max_payload);
  });

  it('include the accounts of deploy/nats, from where they are mounted, and all that they include', () => {
    const [folder, file] = values.config.merge.$include.split('/');
    const { path, value: mount } = values.container.patch[0]!;
    // The chart keeps its own file in /etc/nats-config.
    expect([path, mount.mountPath]).toEqual(['/volumeMounts/-', `/etc/nats-config/${folder}`]);
    const [volume] = values.podTemplate.patch;
    expect([volume!.path, volume!.value.name]).toEqual(['/spec/volumes/-', mount.name]);
    const made = new RegExp(`create secret generic ${volume!.value.secret!.secretName} [^]*?\\nconfig:`).exec(
      text,
    );
    const files = [...made![0].matchAll(/--from-file=\S+\/(\S+)/g)].map(([, name]) => name!);
    expect(existsSync(join(ROOT, 'deploy', 'nats', file!))).toBe(true);
    expect(files.sort()).toEqual(included(file!).sort());
    const passwords = ofNats('make-passwords.mjs');
    expect(passwords).toContain('keys-passwords.conf and log-passwords.conf');
  });
});

/** The base with these components. */
function overlay(...components: string[]): Kubernetes[] {
  const folder = mkdtempSync(join(tmpdir(), 'mcpstack-overlay-'));
  const place = (...names: string[]) => relative(folder, join(KUBERNETES, ...names));
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [place('base')],
    components: components.map((name) => place('components', name)),
  };
  writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
  try {
    return build(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const why = whyNoKustomize();

(why === undefined ? describe : describe.skip)(`Kustomize${why ? ` (skipped: ${why})` : ''}`, () => {
  it('builds the overlay for production, which keeps the rules', () => {
    const built = build(join(KUBERNETES, 'examples', 'production'));
    expect(built.length).toBeGreaterThan(base().length);
    for (const release of RELEASES) expect(built.flatMap(objectionsOf(release))).toEqual([]);
    expect(Object.keys(RULES).flatMap((rule) => RULES[rule]!(built))).toEqual([]);
    const settings = built.find(({ kind }) => kind === 'ConfigMap')!;
    expect(settings.data).toMatchObject({
      NATS_URL: 'tls://nats.nats.svc:4222',
      TRUSTED_PROXIES: '10.0.0.0/8',
      JETSTREAM_REPLICAS: '3',
    });
    const names = built
      .flatMap((object) => podSpecOf(object)?.containers[0]!.env ?? [])
      .flatMap(({ valueFrom }) => valueFrom?.configMapKeyRef?.name ?? []);
    expect(new Set(names)).toEqual(new Set([settings.metadata.name]));
  });

  it('redis-sentinel gives the password to those that ask sentinels, and to nobody else', () => {
    const built = overlay('redis-sentinel');
    const asking = SERVICES.filter(({ files }) => 'REDIS_SENTINEL_PASSWORD_FILE' in files);
    expect(asking).toHaveLength(5);
    const told = built.filter((object) =>
      podSpecOf(object)?.volumes!.some(({ secret }) => secret?.secretName === 'mcpstack-redis-sentinel'),
    );
    expect(told.map(({ metadata }) => metadata.name).sort()).toEqual(
      asking.map(({ name }) => `mcpstack-${name}`).sort(),
    );
    for (const release of RELEASES) expect(told.flatMap(objectionsOf(release))).toEqual([]);
    expect(Object.keys(RULES).flatMap((rule) => RULES[rule]!(built))).toEqual([]);
  });

  it.each([
    ['no component', [], 'NATS_URL'],
    ['authorizer-leaf', ['authorizer-leaf'], 'AUTHORIZER_NATS_URL'],
    ['authorizer-leaf, one on each node', ['authorizer-daemonset', 'authorizer-leaf'], 'AUTHORIZER_NATS_URL'],
  ])('with %s the authorizer is told its NATS, and nobody else another', (_, components, key) => {
    const built = overlay(...components);
    const keys = natsKeysOf(built);
    expect(Object.keys(keys)).toHaveLength(6);
    for (const [name, its] of Object.entries(keys))
      expect(`${name} ${its}`).toBe(`${name} ${name === 'mcpstack-authorizer' ? key : 'NATS_URL'}`);
  });
});
