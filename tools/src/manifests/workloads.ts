/** What stands around the pods of a service: who it is, how many there are, how they are replaced and reached. */
import { comment, type Manifest } from './print.ts';
import { labelsOf, podTemplate } from './pods.ts';
import type { ServiceFacts } from './services.ts';
import { both, is, off, on, type Condition, type World } from './world.ts';

/** One object of a file, and when there is one. */
export interface Part {
  when?: Condition;
  object: Manifest;
}

const IS_DAEMON_SET = is('authorizer.kind', 'DaemonSet');
const IS_DEPLOYMENT = is('authorizer.kind', 'Deployment');

export const nameOf = ({ name }: ServiceFacts): string => `mcpstack-${name}`;

/** What a manifest begins with. */
export function head(apiVersion: string, kind: string, name: string, component?: string): Manifest {
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      labels: {
        'app.kubernetes.io/name': 'mcpstack-keys',
        ...(component !== undefined && { 'app.kubernetes.io/component': component }),
      },
    },
  };
}

export function workloads(service: ServiceFacts, world: World): Part[] {
  const isRouted = service.ports[0]!.name === 'http';
  return [
    { object: serviceAccount(service) },
    ...(service.name === 'authorizer'
      ? [
          { when: IS_DEPLOYMENT, object: deployment(service, world) },
          { when: IS_DAEMON_SET, object: daemonSet(service, world) },
        ]
      : [{ object: deployment(service, world) }]),
    ...(isRouted ? [{ object: network(service) }] : []),
    ...(service.name === 'checkpointer'
      ? [{ when: on('checkpointer.storage.enabled'), object: checkpoints(world) }]
      : [{ ...onlyDeployment(service), object: disruptionBudget(service) }]),
    ...(isScaled(service) ? [{ ...scaledWhen(service), object: autoscaler(service, world) }] : []),
  ];
}

const isScaled = ({ name }: ServiceFacts): boolean => name === 'gateway' || name === 'authorizer';

const onlyDeployment = ({ name }: ServiceFacts) => (name === 'authorizer' ? { when: IS_DEPLOYMENT } : {});

function scaledWhen({ name, key }: ServiceFacts): { when: Condition } {
  const wanted = on(`${key}.autoscaling.enabled`);
  return { when: name === 'authorizer' ? both(IS_DEPLOYMENT, wanted) : wanted };
}

/** No role is bound to it and no token mounted: it is a name, for policies of others. */
function serviceAccount(service: ServiceFacts): Manifest {
  return {
    ...head('v1', 'ServiceAccount', nameOf(service), service.name),
    automountServiceAccountToken: false,
  };
}

function deployment(service: ServiceFacts, world: World): Manifest {
  const replicas = { replicas: service.name === 'checkpointer' ? 1 : world.value(`${service.key}.replicas`) };
  const strategy =
    service.name === 'checkpointer'
      ? {
          ...comment(
            'Its volume belongs to one pod at a time. Whoever waits for a checkpoint waits a few seconds more.',
          ),
          strategy: { type: 'Recreate' },
        }
      : {
          ...comment('A new one is ready before an old one goes.'),
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        };
  return {
    ...head('apps/v1', 'Deployment', nameOf(service), service.name),
    spec: {
      ...(isScaled(service) ? world.entries(off(`${service.key}.autoscaling.enabled`), replicas) : replicas),
      revisionHistoryLimit: 3,
      ...strategy,
      selector: { matchLabels: labelsOf(service) },
      template: podTemplate(service, world),
    },
  };
}

/** One on each node, beside a leaf node of NATS: a check stays on its node. */
export function daemonSet(service: ServiceFacts, world: World): Manifest {
  const template = podTemplate(service, world) as { spec: Manifest };
  // A DaemonSet is spread as it is.
  const { topologySpreadConstraints: _spread, ...spec } = template.spec;
  return {
    ...head('apps/v1', 'DaemonSet', nameOf(service), service.name),
    spec: {
      revisionHistoryLimit: 3,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels: labelsOf(service) },
      template: { ...template, spec },
    },
  };
}

function network(service: ServiceFacts): Manifest {
  return {
    ...head('v1', 'Service', nameOf(service), service.name),
    spec: {
      selector: labelsOf(service),
      ports: service.ports
        .filter(({ from }) => !from.every((origin) => origin === 'monitoring'))
        .map(({ name, port }) => ({ name, port: name === 'http' ? 80 : port, targetPort: name })),
    },
  };
}

function disruptionBudget(service: ServiceFacts): Manifest {
  return {
    ...head('policy/v1', 'PodDisruptionBudget', nameOf(service), service.name),
    spec: {
      maxUnavailable: 1,
      ...comment('Pods that are not ready do no work: they never hold up the draining of a node.'),
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: labelsOf(service) },
    },
  };
}

function autoscaler(service: ServiceFacts, world: World): Manifest {
  const at = (path: string) => world.value(`${service.key}.autoscaling.${path}`);
  return {
    ...head('autoscaling/v2', 'HorizontalPodAutoscaler', nameOf(service), service.name),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: nameOf(service) },
      minReplicas: at('minReplicas'),
      maxReplicas: at('maxReplicas'),
      ...comment('What a check and a request cost is CPU; they keep nobody waiting.'),
      metrics: world.block(`${service.key}.autoscaling.metrics`),
      behavior: {
        ...comment('Load comes in waves: one that goes away for a minute finds its pods again.'),
        scaleDown: {
          stabilizationWindowSeconds: 300,
          policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
        },
      },
    },
  };
}

/** The newest checkpoint is what shows that a log is another one than before, so that it outlives its pod. */
function checkpoints(world: World): Manifest {
  const storage = 'checkpointer.storage';
  return {
    ...head('v1', 'PersistentVolumeClaim', 'mcpstack-checkpoints', 'checkpointer'),
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...world.entries(on(`${storage}.storageClassName`), {
        storageClassName: world.value(`${storage}.storageClassName`),
      }),
      resources: { requests: { storage: world.value(`${storage}.size`) } },
    },
  };
}
