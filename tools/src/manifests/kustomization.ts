/** The Kustomize base and its components: the objects as they are with the default values. */
import { stringify } from 'yaml';
import { MADE } from './chart.ts';
import { denyAll, networkPolicy } from './network.ts';
import { pathOf, secretMount, secretVolume, SETTINGS_MAP } from './pods.ts';
import { print, type Manifest } from './print.ts';
import { SERVICES, type ServiceFacts } from './services.ts';
import { VALUES } from './values.ts';
import { daemonSet, nameOf, workloads, type Part } from './workloads.ts';
import { kustomize } from './world.ts';

const service = (wanted: string): ServiceFacts => SERVICES.find(({ name }) => name === wanted)!;

/** Folder of deploy/kubernetes → file → text. */
export function kustomization(): Map<string, string> {
  const files = new Map<string, string>();
  const always = SERVICES.filter(({ askedBy }) => askedBy === undefined);
  files.set('base/deny-all.yaml', text([denyAll()]));
  for (const one of always)
    files.set(
      `base/${one.name}.yaml`,
      text([...workloads(one, kustomize), networkPolicy(one, kustomize)], one.summary),
    );
  files.set('base/settings.env', settingsText());
  files.set(
    'base/kustomization.yaml',
    kustomizationText('Kustomization', 'kustomize.config.k8s.io/v1beta1', {
      resources: ['deny-all.yaml', ...always.map(({ name }) => `${name}.yaml`)],
      // The name of what it makes ends with a digest: other settings are other pods.
      configMapGenerator: [{ name: SETTINGS_MAP, envs: ['settings.env'] }],
    }),
  );
  for (const one of SERVICES.filter(({ askedBy }) => askedBy !== undefined)) {
    const parts = [...workloads(one, kustomize), networkPolicy(one, kustomize)];
    // A component is there because it was asked for.
    const asked = parts.map(({ object }) => ({ object }));
    const folder = `components/${one.name}`;
    files.set(`${folder}/${one.name}.yaml`, text(asked, one.summary));
    files.set(`${folder}/kustomization.yaml`, component({ resources: [`${one.name}.yaml`] }));
  }
  return new Map([...files, ...authorizerDaemonSet(), authorizerLeaf(), redisSentinel()]);
}

function authorizerDaemonSet(): [string, string][] {
  const authorizer = service('authorizer');
  const replaced = [
    ['apps/v1', 'Deployment'],
    ['policy/v1', 'PodDisruptionBudget'],
    ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  ].map(([apiVersion, kind]) => ({
    patch: stringify({ apiVersion, kind, metadata: { name: nameOf(authorizer) }, $patch: 'delete' }),
  }));
  const folder = 'components/authorizer-daemonset';
  return [
    [`${folder}/authorizer.yaml`, text([{ object: daemonSet(authorizer, kustomize) }], 'One on each node.')],
    [`${folder}/kustomization.yaml`, component({ resources: ['authorizer.yaml'], patches: replaced })],
  ];
}

/** Other than the chart, Kustomize cannot ask whether a setting is there. */
function authorizerLeaf(): [string, string] {
  const authorizer = service('authorizer');
  const at = (name: string) => `/spec/template/spec/containers/0/env/${authorizer.required.indexOf(name)}`;
  const operations = Object.entries(authorizer.own!).flatMap(([name, own]) => [
    { op: 'test', path: `${at(name)}/name`, value: name },
    { op: 'replace', path: `${at(name)}/valueFrom/configMapKeyRef/key`, value: own },
  ]);
  // A Deployment, or the DaemonSet of the component above.
  const target = { group: 'apps', name: nameOf(authorizer) };
  const patches = [{ target, patch: stringify(operations, { lineWidth: 0 }) }];
  return ['components/authorizer-leaf/kustomization.yaml', component({ patches })];
}

/** Services that ask sentinels get the password for them, as the chart has it where a Secret is named. */
function redisSentinel(): [string, string] {
  const setting = 'REDIS_SENTINEL_PASSWORD_FILE';
  const asking = SERVICES.filter(({ files }) => setting in files);
  const { folder, file } = asking[0]!.files[setting]!;
  const added: Record<string, Manifest> = {
    '/spec/template/spec/containers/0/env/-': { name: setting, value: pathOf(folder, file) },
    '/spec/template/spec/containers/0/volumeMounts/-': secretMount(folder),
    '/spec/template/spec/volumes/-': secretVolume(folder, 'mcpstack-redis-sentinel', [file]),
  };
  const operations = Object.entries(added).map(([path, value]) => ({ op: 'add', path, value }));
  const target = { group: 'apps', name: `mcpstack-(${asking.map(({ name }) => name).join('|')})` };
  return [
    'components/redis-sentinel/kustomization.yaml',
    component({ patches: [{ target, patch: print(operations) }] }),
  ];
}

function text(parts: readonly Part[], summary?: string): string {
  const objects = parts.filter(({ when }) => when?.holds ?? true).map(({ object }) => print(object));
  return `# ${MADE}\n${summary === undefined ? '' : `# ${summary}\n`}${objects.join('---\n')}`;
}

const component = (rest: object): string =>
  kustomizationText('Component', 'kustomize.config.k8s.io/v1alpha1', rest);

const kustomizationText = (kind: string, apiVersion: string, rest: object): string =>
  `# ${MADE}\n${stringify({ apiVersion, kind, ...rest }, { lineWidth: 0 })}`;

function settingsText(): string {
  const lines = Object.entries(VALUES.settings).map(([name, value]) => `${name}=${value}`);
  return `# ${MADE}\n${lines.join('\n')}\n`;
}
