/** One thing wrong at a time: rule → what is wrong → how the base is made so. */
import { podSpecOf, type Container, type Kubernetes, type PodSpec, type Volume } from './objects.ts';

type Break = (objects: Kubernetes[]) => void;

const find = (objects: Kubernetes[], kind: string, name = 'mcpstack-gateway') =>
  objects.find((object) => object.kind === kind && object.metadata.name === name)!;
const pod =
  (change: (spec: PodSpec) => void): Break =>
  (objects) =>
    change(podSpecOf(find(objects, 'Deployment'))!);
const container = (change: (container: Container) => void): Break =>
  pod(({ containers }) => change(containers[0]!));
const without =
  (kind: string, name: string): Break =>
  (objects) =>
    void objects.splice(objects.indexOf(find(objects, kind, name)), 1);

export const breaks: Readonly<Record<string, Readonly<Record<string, Break>>>> = {
  'Pod Security: restricted': {
    'a pod that may be root': pod((spec) => (spec.securityContext!.runAsNonRoot = false)),
    'a user that the image names': pod((spec) => delete spec.securityContext!.runAsUser),
    'no seccomp profile': pod((spec) => delete spec.securityContext!.seccompProfile),
    'the network of the node': pod((spec) => (spec.hostNetwork = true)),
    'a capability kept': container((one) => (one.securityContext!.capabilities = { drop: ['NET_RAW'] })),
    'a capability added': container((one) => (one.securityContext!.capabilities!.add = ['SYS_PTRACE'])),
    'a container that is root': container((one) => (one.securityContext!.runAsUser = 0)),
    'a container that may be root': container((one) => (one.securityContext!.runAsNonRoot = false)),
    'a container without seccomp': container(
      (one) => (one.securityContext!.seccompProfile = { type: 'Unconfined' }),
    ),
    'a container without AppArmor': container(
      (one) => (one.securityContext!.appArmorProfile = { type: 'Unconfined' }),
    ),
    'a container that sees all of /proc': container((one) => (one.securityContext!.procMount = 'Unmasked')),
    'a container with a label of SELinux': container(
      (one) => (one.securityContext!.seLinuxOptions = { type: 'spc_t' }),
    ),
    'a pod with a label of SELinux': pod(
      (spec) => (spec.securityContext!.seLinuxOptions = { user: 'system_u' }),
    ),
    'a port of the node': container((one) => (one.ports![0]!.hostPort = 8080)),
    'a setting of the kernel': pod(
      (spec) => (spec.securityContext!.sysctls = [{ name: 'kernel.msgmax', value: '1' }]),
    ),
    'a folder of the node': pod((spec) => {
      const { name } = spec.volumes!.at(-1)!;
      spec.volumes!.splice(-1, 1, { name, hostPath: { path: '/' } });
    }),
    'a server of files that nobody named': pod((spec) => {
      const { name } = spec.volumes!.at(-1)!;
      spec.volumes!.splice(-1, 1, { name, nfs: { server: 'files', path: '/' } } as Volume);
    }),
    'privileges to be gained': container((one) => delete one.securityContext!.allowPrivilegeEscalation),
  },
  'the root file system is read-only': {
    'one that is not': container((one) => delete one.securityContext!.readOnlyRootFilesystem),
  },
  'no token of the API is mounted': {
    'a pod that mounts it': pod((spec) => delete spec.automountServiceAccountToken),
    'an account that offers it': (objects) =>
      delete find(objects, 'ServiceAccount').automountServiceAccountToken,
  },
  'every pod has an account of its own': {
    'that of another': pod((spec) => (spec.serviceAccountName = 'default')),
  },
  'no secret is in the environment or in a manifest': {
    'a variable from a Secret': container((one) =>
      one.env!.push({ name: 'NATS_USER', valueFrom: { secretKeyRef: { name: 'nats', key: 'user' } } }),
    ),
    'a password': container((one) => one.env!.push({ name: 'NATS_PASSWORD', value: 'x' })),
    'a URL with a password': container((one) =>
      one.env!.push({ name: 'REDIS_URL', value: 'redis://a:b@redis' }),
    ),
    'a whole Secret': container((one) => (one.envFrom = [{ secretRef: { name: 'all' } }])),
    'a Secret': (objects) =>
      objects.push({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'peppers' },
        stringData: { a: 'b' },
      }),
  },
  'every path of a file is below a volume': {
    'a file of the image': container((one) =>
      one.env!.push({ name: 'PEPPER_FILE', value: '/app/peppers.json' }),
    ),
  },
  'volumes and mounts go together': {
    'a mount of nothing': container((one) => one.volumeMounts!.push({ name: 'gone', mountPath: '/gone' })),
    'a volume that nobody mounts': pod((spec) => spec.volumes!.push({ name: 'spare', emptyDir: {} })),
  },
  'three probes; liveness looks at nothing else': {
    'no startup probe': container((one) => delete one.startupProbe),
    'a liveness probe that asks for readiness': container(
      (one) => (one.livenessProbe!.httpGet!.path = '/health/ready'),
    ),
    'no readiness probe': container((one) => delete one.readinessProbe),
    'a port that it has not': container((one) => (one.readinessProbe!.httpGet!.port = 'web')),
  },
  'it has the time to stop': {
    'a grace period as short as the drain': pod((spec) => (spec.terminationGracePeriodSeconds = 25)),
  },
  'it says what it needs': {
    'no requests': container((one) => delete one.resources!.requests),
    'no limit': container((one) => delete one.resources!.limits),
  },
  'images are pinned': {
    latest: container((one) => (one.image = 'mcpstack-keys:latest')),
    'no tag': container((one) => (one.image = 'registry.example.com:5000/mcpstack-keys')),
  },
  'who runs twice has a budget for disruptions': {
    none: without('PodDisruptionBudget', 'mcpstack-issuance'),
  },
  'who runs twice is spread over nodes and zones': {
    'not spread': pod((spec) => delete spec.topologySpreadConstraints),
    'over zones alone': pod((spec) => spec.topologySpreadConstraints!.pop()),
    'over nodes alone': pod((spec) => spec.topologySpreadConstraints!.shift()),
    'away from others': pod((spec) => {
      for (const one of spec.topologySpreadConstraints!)
        one.labelSelector = { matchLabels: { 'app.kubernetes.io/component': 'issuance' } };
    }),
  },
  'selectors select what they mean': {
    'a Service of nobody': (objects) =>
      (find(objects, 'Service').spec!.selector = { app: 'gateway' } as NonNullable<
        Kubernetes['spec']
      >['selector'] &
        object),
    'a budget of somebody else': (objects) => {
      const { selector } = find(objects, 'PodDisruptionBudget', 'mcpstack-webhooks').spec!;
      find(objects, 'PodDisruptionBudget', 'mcpstack-scheduler').spec!.selector = selector!;
      objects.push({
        ...find(objects, 'PodDisruptionBudget', 'mcpstack-scheduler'),
        metadata: {
          name: 'spare',
          labels: find(objects, 'Deployment', 'mcpstack-scheduler').metadata.labels!,
        },
        spec: { selector: find(objects, 'Deployment', 'mcpstack-scheduler').spec!.selector! },
      });
    },
    'an autoscaler of nothing': (objects) =>
      (find(objects, 'HorizontalPodAutoscaler').spec!.scaleTargetRef!.name = 'gateway'),
  },
  'Services send to ports that pods have': {
    'a port that is not there': (objects) => (find(objects, 'Service').spec!.ports![0]!.targetPort = 'web'),
  },
  'policies shut everything, and cover each pod both ways': {
    'nothing shut': without('NetworkPolicy', 'mcpstack-deny-all'),
    'a pod without one': without('NetworkPolicy', 'mcpstack-issuance'),
    'one way only': (objects) => (find(objects, 'NetworkPolicy').spec!.policyTypes = ['Ingress']),
  },
  'no policy lets in or out more than it names': {
    'a rule for everybody': (objects) => (find(objects, 'NetworkPolicy').spec!.egress![1]!.to = []),
    'a rule for every port': (objects) => delete find(objects, 'NetworkPolicy').spec!.ingress![0]!.ports,
  },
};
