/** Kubernetes objects as specs read them. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const ROOT = join(import.meta.dirname, '..', '..', '..');
export const KUBERNETES = join(ROOT, 'deploy', 'kubernetes');

export type Labels = Record<string, string>;
export interface Selector {
  matchLabels?: Labels;
}
export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: { configMapKeyRef?: { name: string; key: string; optional?: boolean }; secretKeyRef?: object };
}
export interface Probe {
  httpGet?: { path: string; port: string | number };
}
/** What a pod says of its processes, and a container instead of it. */
export interface SecurityContext extends Record<string, unknown> {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  seccompProfile?: { type: string };
  appArmorProfile?: { type: string };
  seLinuxOptions?: object;
  procMount?: string;
}
interface Affinity {
  topologyKey: string;
  labelSelector?: Selector;
}
export interface Container {
  name: string;
  image: string;
  command?: string[];
  env?: EnvVar[];
  envFrom?: object[];
  ports?: { name?: string; containerPort: number; hostPort?: number }[];
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
  resources?: { requests?: Labels; limits?: Labels };
  securityContext?: SecurityContext & { capabilities?: { drop?: string[]; add?: string[] } };
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
}
export interface Volume {
  name: string;
  secret?: { secretName: string; items?: { key: string; path: string }[] };
  configMap?: { name: string; items?: { key: string; path: string }[] };
  emptyDir?: { sizeLimit?: string };
  persistentVolumeClaim?: { claimName: string };
  hostPath?: object;
}
export interface PodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  securityContext?: SecurityContext & { sysctls?: object[] };
  topologySpreadConstraints?: { topologyKey: string; labelSelector?: Selector }[];
  affinity?: { podAntiAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: Affinity[] } };
  containers: Container[];
  initContainers?: Container[];
  volumes?: Volume[];
}
export interface PodTemplate {
  metadata: { labels?: Labels };
  spec: PodSpec;
}
export interface Peer {
  namespaceSelector?: Selector;
  podSelector?: Selector;
  ipBlock?: { cidr: string; except?: string[] };
}
export interface PolicyPort {
  protocol?: string;
  port?: number | string;
  endPort?: number;
}
export interface PolicyRule {
  from?: Peer[];
  to?: Peer[];
  ports?: PolicyPort[];
}
/** Fields of every kind that specs look into. */
export interface Kubernetes {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Labels };
  data?: Labels;
  stringData?: Labels;
  automountServiceAccountToken?: boolean;
  spec?: {
    replicas?: number;
    minReplicas?: number;
    selector?: Selector & Labels;
    template?: PodTemplate;
    jobTemplate?: { spec: { template: PodTemplate } };
    ports?: { name?: string; port: number; targetPort?: string | number }[];
    podSelector?: Selector;
    policyTypes?: string[];
    ingress?: PolicyRule[];
    egress?: PolicyRule[];
    scaleTargetRef?: { kind: string; name: string };
  } & Record<string, unknown>;
}

/** The objects in a text of YAML documents. */
export function objectsIn(text: string): Kubernetes[] {
  return parseAllDocuments(text)
    .map((document) => {
      const [error] = document.errors;
      if (error) throw error;
      return document.toJS() as Kubernetes | null;
    })
    .filter((object) => object !== null);
}

/** Files of a folder and of those in it. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesIn(path) : [path]));
}

const parsed = new Map<string, Kubernetes[]>();

/**
 * The objects of a folder's manifests; what tells Kustomize or Helm what to do with them is none. They may be changed: each
 * call answers its own.
 */
export function objectsOf(folder: string): Kubernetes[] {
  return filesIn(folder)
    .filter((path) => path.endsWith('.yaml') && !/\/(kustomization|values|[\w-]+-values)\.yaml$/.test(path))
    .flatMap((path) => {
      if (!parsed.has(path)) parsed.set(path, objectsIn(readFileSync(path, 'utf8')));
      return structuredClone(parsed.get(path)!);
    });
}

/** Of what runs on, and of what ends. */
export const podTemplateOf = ({ spec }: Kubernetes): PodTemplate | undefined =>
  spec?.template ?? spec?.jobTemplate?.spec.template;

export const podSpecOf = (object: Kubernetes): PodSpec | undefined => podTemplateOf(object)?.spec;

/** Workload → the name in the ConfigMap of the NATS that it is told. */
export function natsKeysOf(objects: readonly Kubernetes[]): Record<string, string> {
  const told = objects.flatMap((object) => {
    const url = podSpecOf(object)?.containers[0]!.env?.find(({ name }) => name === 'NATS_URL');
    return url ? [[object.metadata.name, url.valueFrom!.configMapKeyRef!.key] as const] : [];
  });
  return Object.fromEntries(told);
}

/** Whether the labels are among those. */
export function selects(selector: Labels | undefined, labels: Labels | undefined): boolean {
  return Object.entries(selector ?? {}).every(([name, value]) => labels?.[name] === value);
}
