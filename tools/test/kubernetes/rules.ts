/** What the schemas cannot say: each rule answers the offences in a list of objects that are installed together. */
import {
  podSpecOf,
  podTemplateOf,
  selects,
  type Container,
  type Kubernetes,
  type Labels,
  type PodSpec,
  type SecurityContext,
} from './objects.ts';

type Rule = (objects: readonly Kubernetes[]) => string[];

const nameOf = ({ kind, metadata }: Kubernetes) => `${kind} ${metadata.name}`;
const containersOf = (pod: PodSpec): Container[] => [...(pod.initContainers ?? []), ...pod.containers];

/** Offences of every pod. */
const ofPods =
  (look: (pod: PodSpec, workload: Kubernetes) => (string | false | undefined)[]): Rule =>
  (objects) =>
    objects.flatMap((object) => {
      const pod = podSpecOf(object);
      const found = pod ? look(pod, object).filter((offence) => typeof offence === 'string') : [];
      return found.map((offence) => `${nameOf(object)}: ${offence}`);
    });

/** Offences of every container. */
const ofContainers = (look: (container: Container, pod: PodSpec) => (string | false | undefined)[]): Rule =>
  ofPods((pod) => containersOf(pod).flatMap((container) => look(container, pod)));

/** What runs until somebody ends it: what ends by itself is asked nothing, and is missed by nobody. */
const standing =
  (rule: Rule): Rule =>
  (objects) =>
    rule(objects.filter(({ kind }) => kind !== 'CronJob'));

const labelsOf = (object: Kubernetes): Labels => podTemplateOf(object)?.metadata.labels ?? {};
const workloadsOf = (objects: readonly Kubernetes[]) => objects.filter((object) => podSpecOf(object));
const selected = (objects: readonly Kubernetes[], selector: Labels | undefined) =>
  workloadsOf(objects).filter((workload) => selects(selector, labelsOf(workload)));

/** Names that hold a secret itself, not the path of a file or the name of somebody. */
const SECRET_NAME = /(PASSWORD|SECRET|TOKEN|PEPPERS?|CREDENTIALS?|PRIVATE_KEY)$/;
const URL_WITH_PASSWORD = /:\/\/[^/\s]*:[^/\s]*@/;

/** Volumes that are no door to the node, or to a server that nobody named. */
const VOLUMES = new Set([
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral'],
  ...['persistentVolumeClaim', 'projected', 'secret'],
]);

/** What a container may say of itself, and with that undo what its pod says. */
const overridden = (context: SecurityContext): (string | false)[] => [
  context.runAsNonRoot === false && 'asks to be root',
  context.runAsUser === 0 && 'is root',
  (context.seccompProfile?.type ?? 'RuntimeDefault') !== 'RuntimeDefault' && 'has another seccomp profile',
  (context.appArmorProfile?.type ?? 'RuntimeDefault') !== 'RuntimeDefault' && 'has another AppArmor profile',
  (context.procMount ?? 'Default') !== 'Default' && 'sees more of /proc',
  context.seLinuxOptions !== undefined && 'names its own labels of SELinux',
];

const HOST = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

export const RULES: Readonly<Record<string, Rule>> = {
  'Pod Security: restricted': ofPods((pod) => {
    const { runAsNonRoot, runAsUser, seccompProfile, sysctls = [] } = pod.securityContext ?? {};
    return [
      runAsNonRoot !== true && 'may run as root',
      !(typeof runAsUser === 'number' && runAsUser > 0) && 'has no number of a user',
      seccompProfile?.type !== 'RuntimeDefault' && 'has no seccomp profile',
      sysctls.length > 0 && 'sets what the kernel does',
      (pod.hostNetwork || pod.hostPID || pod.hostIPC) && 'shares the namespaces of its node',
      ...(pod.volumes ?? [])
        .flatMap(({ name: _name, ...source }) => Object.keys(source))
        .map((source) => !VOLUMES.has(source) && `mounts a ${source}`),
      ...[pod.securityContext ?? {}, ...containersOf(pod).map((one) => one.securityContext ?? {})].flatMap(
        overridden,
      ),
      ...containersOf(pod).flatMap(({ securityContext: context = {}, ports = [] }) => [
        ports.some(({ hostPort }) => hostPort) && 'takes a port of its node',
        context.allowPrivilegeEscalation !== false && 'may gain privileges',
        context.privileged === true && 'is privileged',
        !context.capabilities?.drop?.includes('ALL') && 'keeps capabilities',
        (context.capabilities?.add ?? []).length > 0 && 'adds capabilities',
      ]),
    ];
  }),

  'the root file system is read-only': ofContainers(({ securityContext }) => [
    securityContext?.readOnlyRootFilesystem !== true && 'may be written to',
  ]),

  'no token of the API is mounted': (objects) => [
    ...ofPods((pod) => [pod.automountServiceAccountToken !== false && 'mounts a token'])(objects),
    ...objects
      .filter((o) => o.kind === 'ServiceAccount' && o.automountServiceAccountToken !== false)
      .map((o) => `${nameOf(o)} lets pods mount its token`),
  ],

  'every pod has an account of its own': ofPods((pod, workload) => [
    pod.serviceAccountName !== workload.metadata.name && `is ${pod.serviceAccountName}`,
  ]),

  'no secret is in the environment or in a manifest': (objects) => [
    ...ofContainers(({ env = [], envFrom = [] }) => [
      envFrom.length > 0 && 'takes all that an object holds',
      ...env.map(({ name, value, valueFrom }) => {
        if (valueFrom?.secretKeyRef) return `${name} is a secret`;
        return (SECRET_NAME.test(name) || URL_WITH_PASSWORD.test(value ?? '')) && `${name} holds a secret`;
      }),
    ])(objects),
    ...objects.filter(({ kind }) => kind === 'Secret').map((o) => `${nameOf(o)} stands in a manifest`),
    ...objects.flatMap((o) =>
      Object.entries(o.kind === 'ConfigMap' ? (o.data ?? {}) : {})
        .filter(([name, value]) => SECRET_NAME.test(name) || URL_WITH_PASSWORD.test(value))
        .map(([name]) => `${nameOf(o)}: ${name} holds a secret`),
    ),
  ],

  'every path of a file is below a volume': ofContainers(({ env = [], volumeMounts = [] }) =>
    env.map(
      ({ name, value }) =>
        name.endsWith('_FILE') &&
        !volumeMounts.some(({ mountPath }) => value?.startsWith(`${mountPath}/`)) &&
        `${name} is on no volume`,
    ),
  ),

  'volumes and mounts go together': ofPods((pod, { spec }) => {
    const mounted = containersOf(pod).flatMap(({ volumeMounts = [] }) =>
      volumeMounts.map(({ name }) => name),
    );
    const claimed = (spec!['volumeClaimTemplates'] as { metadata: { name: string } }[] | undefined) ?? [];
    const named = [
      ...(pod.volumes ?? []).map(({ name }) => name),
      ...claimed.map(({ metadata }) => metadata.name),
    ];
    return [
      ...mounted.map((name) => !named.includes(name) && `mounts ${name}, which is none of its volumes`),
      ...named.map((name) => !mounted.includes(name) && `mounts ${name} nowhere`),
    ];
  }),

  'three probes; liveness looks at nothing else': standing(
    ofContainers((container) => {
      const { startupProbe, livenessProbe, readinessProbe, ports = [] } = container;
      const at = (probe: typeof startupProbe) => probe?.httpGet?.path;
      return [
        at(startupProbe) !== '/health/live' && 'has no startup probe',
        at(livenessProbe) !== '/health/live' && 'has a liveness probe that is not of its process alone',
        at(readinessProbe) !== '/health/ready' && 'has no readiness probe',
        ...[startupProbe, livenessProbe, readinessProbe].map(
          (probe) =>
            probe?.httpGet &&
            !ports.some(({ name }) => name === probe.httpGet!.port) &&
            'is probed at no port of its own',
        ),
      ];
    }),
  ),

  'it has the time to stop': ofPods((pod) => {
    const sleepS = Math.max(
      ...pod.containers.map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0),
    );
    // STOP_TIMEOUT_MS of service-kit.
    return [(pod.terminationGracePeriodSeconds ?? 30) <= sleepS + 20 && 'is killed while it drains'];
  }),

  'it says what it needs': ofContainers(({ resources }) => [
    !(resources?.requests?.cpu && resources.requests.memory) && 'requests nothing',
    !resources?.limits?.memory && 'has no limit of memory',
  ]),

  'images are pinned': ofContainers(({ image }) => [
    !/(:\d+\.\d+\.\d+[\w.-]*|@sha256:[0-9a-f]{64})$/.test(image) && `${image} may be any`,
  ]),

  'who runs twice has a budget for disruptions': standing((objects) =>
    workloadsOf(objects)
      .filter(({ kind, spec }) => kind !== 'DaemonSet' && (spec?.replicas ?? 2) > 1)
      .filter(
        (workload) =>
          !objects.some(
            ({ kind, spec }) =>
              kind === 'PodDisruptionBudget' && selects(spec?.selector?.matchLabels, labelsOf(workload)),
          ),
      )
      .map((workload) => `${nameOf(workload)} has none`),
  ),

  'who runs twice is spread over nodes and zones': (objects) =>
    objects
      .filter(({ kind, spec }) => /^(Deployment|StatefulSet)$/.test(kind) && (spec?.replicas ?? 2) > 1)
      .flatMap((workload) => {
        const { topologySpreadConstraints: soft = [], affinity } = podSpecOf(workload)!;
        const hard = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
        const isOver = (key: string, places: typeof hard) =>
          places.some(
            ({ topologyKey, labelSelector }) =>
              topologyKey === key &&
              labelSelector?.matchLabels !== undefined &&
              selects(labelSelector.matchLabels, labelsOf(workload)),
          );
        const isSpread = isOver(HOST, hard) || (isOver(HOST, soft) && isOver(ZONE, soft));
        return isSpread ? [] : [`${nameOf(workload)} may be all on one node`];
      }),

  'selectors select what they mean': (objects) =>
    objects.flatMap((object) => {
      const { kind, spec } = object;
      if (kind === 'NetworkPolicy' && Object.keys(spec?.podSelector ?? {}).length === 0) return [];
      const selector =
        { Service: spec?.selector as Labels, NetworkPolicy: spec?.podSelector?.matchLabels }[kind] ??
        spec?.selector?.matchLabels;
      if (kind === 'HorizontalPodAutoscaler') {
        const { scaleTargetRef: target } = spec!;
        const found = objects.some((o) => o.kind === target!.kind && o.metadata.name === target!.name);
        return found ? [] : [`${nameOf(object)} scales nothing`];
      }
      if (selector === undefined) return [];
      const found = selected(objects, selector);
      return found.length === 1 &&
        found[0]!.metadata.labels?.['app.kubernetes.io/component'] ===
          object.metadata.labels?.['app.kubernetes.io/component']
        ? []
        : [`${nameOf(object)} selects ${found.map(nameOf).join(' and ') || 'nothing'}`];
    }),

  'Services send to ports that pods have': (objects) =>
    objects
      .filter(({ kind }) => kind === 'Service')
      .flatMap((service) =>
        (service.spec!.ports ?? [])
          .filter(({ targetPort }) =>
            selected(objects, service.spec!.selector as Labels).some(
              (workload) =>
                !podSpecOf(workload)!.containers.some(({ ports = [] }) =>
                  ports.some(
                    ({ name, containerPort }) => name === targetPort || containerPort === targetPort,
                  ),
                ),
            ),
          )
          .map(({ targetPort }) => `${nameOf(service)} sends to ${targetPort}`),
      ),

  'policies shut everything, and cover each pod both ways': (objects) => {
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
    const bothWays = ({ spec }: Kubernetes) =>
      ['Ingress', 'Egress'].every((way) => spec!.policyTypes?.includes(way));
    const shut = policies.some(
      (policy) =>
        Object.keys(policy.spec!.podSelector ?? {}).length === 0 &&
        bothWays(policy) &&
        !policy.spec!.ingress?.length &&
        !policy.spec!.egress?.length,
    );
    const uncovered = workloadsOf(objects).filter(
      (workload) =>
        !policies.some(
          (policy) =>
            policy.spec!.podSelector?.matchLabels &&
            bothWays(policy) &&
            selects(policy.spec!.podSelector.matchLabels, labelsOf(workload)),
        ),
    );
    return [...(shut ? [] : ['nothing is shut']), ...uncovered.map((w) => `${nameOf(w)} has no policy`)];
  },

  'no policy lets in or out more than it names': (objects) =>
    objects
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .flatMap((policy) =>
        [...(policy.spec!.ingress ?? []), ...(policy.spec!.egress ?? [])]
          .filter(({ from, to, ports }) => !(from ?? to)?.length || !ports?.length)
          .map(() => `${nameOf(policy)} has a rule without peers or ports`),
      ),
};
