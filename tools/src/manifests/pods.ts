/** The pod of a service: what Pod Security calls restricted, probes that mean something, secrets as files. */
import { block, comment, expression, type Manifest } from './print.ts';
import type { Server, ServiceFacts } from './services.ts';
import { VALUES } from './values.ts';
import { off, on, type World } from './world.ts';

/** Owns nothing on the node, and no name is looked up for it. */
export const USER_ID = 10_001;
/** How long a pod may still be sent requests after it was told to stop: its address leaves the routes meanwhile. */
const LEAVE_ROUTES_SECONDS = 5;
/** What a service takes to drain at most (`STOP_TIMEOUT_MS` in service-kit), in seconds. */
export const DRAIN_SECONDS = 20;
const MARGIN_SECONDS = 5;
const IMAGE = `${VALUES.image.repository}:${VALUES.image.tag}`;
const SECRETS = '/etc/mcpstack';
export const CHECKPOINTS = '/var/lib/mcpstack/checkpoints';
export const SETTINGS_MAP = 'mcpstack-settings';

/** Server → the first part of its settings, and the files of its password and its certificate authority. */
const LOGINS: Readonly<Record<Server, { prefix: string; user: string; file: string }>> = {
  nats: { prefix: 'NATS', user: 'NATS_USER', file: 'nats' },
  redis: { prefix: 'REDIS', user: 'REDIS_USERNAME', file: 'redis' },
  log: { prefix: 'EVENT_STORE', user: 'EVENT_STORE_USER', file: 'event-store' },
};

export const labelsOf = ({ name }: ServiceFacts): Record<string, string> => ({
  'app.kubernetes.io/name': 'mcpstack-keys',
  'app.kubernetes.io/component': name,
});

export function podTemplate(service: ServiceFacts, world: World): Manifest {
  // A pod reads its settings once: other settings are another pod. Kustomize gives the map another name instead.
  const checksum =
    'merge (dict "checksum/settings" (.Values.settings | toJson | sha256sum)) .Values.podAnnotations';
  return {
    metadata: { labels: labelsOf(service), ...(world.isChart && { annotations: block(checksum) }) },
    spec: {
      serviceAccountName: `mcpstack-${service.name}`,
      automountServiceAccountToken: false,
      ...comment('Names of services of the namespace would fill the environment.'),
      enableServiceLinks: false,
      ...optional('imagePullSecrets', world),
      ...optional('nodeSelector', world),
      ...optional('tolerations', world),
      ...world.entries(on('priorityClassName'), { priorityClassName: world.value('priorityClassName') }),
      ...comment(`Up to ${DRAIN_SECONDS} s of finishing what was taken, and what comes before and after it.`),
      terminationGracePeriodSeconds: LEAVE_ROUTES_SECONDS + DRAIN_SECONDS + MARGIN_SECONDS,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER_ID,
        runAsGroup: USER_ID,
        ...comment('Secrets and volumes are readable by this group.'),
        fsGroup: USER_ID,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((key) => ({
        maxSkew: 1,
        topologyKey: key,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: labelsOf(service) },
        matchLabelKeys: ['pod-template-hash'],
      })),
      containers: [container(service, world)],
      volumes: volumes(service, world),
    },
  };
}

const optional = (path: string, world: World): Manifest =>
  world.entries(on(path), { [path]: world.block(path) });

function container(service: ServiceFacts, world: World): Manifest {
  const port = service.ports[0]!.name;
  const isRouted = service.ports.some(({ from }) => from.includes('ingress') || from.includes('proxies'));
  return {
    name: service.name,
    image: world.isChart ? expression('include "mcpstack.image" .') : IMAGE,
    imagePullPolicy: world.value('image.pullPolicy'),
    command: ['node', `apps/${service.name}/dist/service.js`],
    env: environment(service, world),
    ports: service.ports.map(({ name, port: number }) => ({ name, containerPort: number })),
    ...comment('Slow servers may keep a start waiting; nothing else is asked of a pod meanwhile.'),
    startupProbe: { ...probe('/health/live', port), periodSeconds: 2, failureThreshold: 60 },
    ...comment(
      'The process runs its event loop: nothing else. If this looked at NATS, Redis or the log, all pods would be restarted',
      'while one of them is away, which cures nothing and costs what they hold.',
    ),
    livenessProbe: {
      ...probe('/health/live', port),
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
    ...comment(
      'It can do its work now, for which it looks at what it needs, at most 2 s.',
      isRouted
        ? 'Requests go to pods that are ready.'
        : 'No Service sends it requests: this is what rollouts and disruptions wait for.',
    ),
    readinessProbe: {
      ...probe('/health/ready', port),
      periodSeconds: 5,
      timeoutSeconds: 3,
      failureThreshold: 2,
    },
    ...(isRouted && {
      ...comment('It is still sent requests until its address has left the routes.'),
      lifecycle: { preStop: { sleep: { seconds: LEAVE_ROUTES_SECONDS } } },
    }),
    resources: world.block(`${service.key}.resources`),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: mounts(service, world),
  };
}

const probe = (path: string, port: string): Manifest => ({ httpGet: { path, port } });

/** Addresses, choices and paths; what is secret is in files. */
function environment(service: ServiceFacts, world: World): unknown[] {
  const of = (name: string, value: unknown) => ({ name, value });
  const setting = (name: string, key = name, rest: Manifest = {}) => ({
    name,
    valueFrom: { configMapKeyRef: { name: SETTINGS_MAP, key, ...rest } },
  });
  const keyOf = (name: string) => {
    const own = service.own?.[name];
    return own === undefined ? name : world.word(`settings.${own}`, own, name);
  };
  const isChecking = service.name === 'forward-auth';
  return [
    ...service.required.map((name) => setting(name, keyOf(name))),
    ...service.optional.map((name) => setting(name, keyOf(name), { optional: true })),
    ...(isChecking
      ? [
          setting('TRUSTED_PROXIES', 'FORWARD_AUTH_TRUSTED_PROXIES', { optional: true }),
          of('GRPC_PORT', '9191'),
        ]
      : []),
    ...(service.name === 'gateway' ? [of('METRICS_PORT', '9464')] : []),
    ...Object.entries(service.files).flatMap(([name, { value, folder, file, isOptional }]) => {
      const entry = of(name, pathOf(folder, file));
      return isOptional ? world.items(on(value), [entry]) : [entry];
    }),
    ...world.items(
      on('credentials.enabled'),
      service.servers.flatMap((server) => [
        of(LOGINS[server].user, service.name),
        of(
          `${LOGINS[server].prefix}_PASSWORD_FILE`,
          pathOf('credentials', `${LOGINS[server].file}-password`),
        ),
      ]),
    ),
    ...world.items(
      on('tls.enabled'),
      service.servers.map((server) =>
        of(`${LOGINS[server].prefix}_CA_FILE`, pathOf('ca', `${LOGINS[server].file}.crt`)),
      ),
    ),
    ...(service.name === 'checkpointer'
      ? [
          of('CHECKPOINT_FILE', `${CHECKPOINTS}/checkpoint.txt`),
          of('CHECKPOINT_VKEY_FILE', `${CHECKPOINTS}/checkpoint-vkeys.txt`),
          ...world.items(on('checkpointer.witnessConfigMap'), [
            of('WITNESS_VKEY_FILE', pathOf('witnesses', 'witnesses.vkeys')),
          ]),
          ...world.items(on('checkpointer.formerKeysConfigMap'), [
            of('CHECKPOINT_FORMER_VKEY_FILE', pathOf('former-keys', 'former.vkeys')),
          ]),
        ]
      : []),
  ];
}

export const pathOf = (folder: string, file: string): string => `${SECRETS}/${folder}/${file}`;

export const secretMount = (name: string): Manifest => ({
  name,
  mountPath: `${SECRETS}/${name}`,
  readOnly: true,
});

export const secretVolume = (name: string, secretName: unknown, files: readonly string[]): Manifest => ({
  name,
  secret: {
    secretName,
    ...comment('0440: the group of the pod reads, nobody else.'),
    defaultMode: 0o440,
    items: files.map((file) => ({ key: file, path: file })),
  },
});

function mounts(service: ServiceFacts, world: World): unknown[] {
  return [
    ...Object.values(service.files).flatMap(({ value, folder, isOptional }) =>
      isOptional ? world.items(on(value), [secretMount(folder)]) : [secretMount(folder)],
    ),
    ...world.items(on('credentials.enabled'), [secretMount('credentials')]),
    ...world.items(on('tls.enabled'), [secretMount('ca')]),
    ...(service.name === 'checkpointer'
      ? [
          ...world.items(on('checkpointer.witnessConfigMap'), [secretMount('witnesses')]),
          ...world.items(on('checkpointer.formerKeysConfigMap'), [secretMount('former-keys')]),
          { name: 'checkpoints', mountPath: CHECKPOINTS },
        ]
      : []),
    { name: 'tmp', mountPath: '/tmp' },
  ];
}

function volumes(service: ServiceFacts, world: World): unknown[] {
  const map = (name: string, value: string, files: readonly string[]) => ({
    name,
    configMap: { name: world.value(value), items: files.map((file) => ({ key: file, path: file })) },
  });
  const files = service.servers.map((server) => LOGINS[server].file);
  return [
    ...Object.values(service.files).flatMap(({ value, folder, file, isOptional }) => {
      const volume = secretVolume(folder, world.value(value), [file]);
      return isOptional ? world.items(on(value), [volume]) : [volume];
    }),
    ...world.items(on('credentials.enabled'), [
      secretVolume(
        'credentials',
        `mcpstack-${service.name}-credentials`,
        files.map((file) => `${file}-password`),
      ),
    ]),
    ...world.items(on('tls.enabled'), [
      map(
        'ca',
        'tls.configMap',
        files.map((file) => `${file}.crt`),
      ),
    ]),
    ...(service.name === 'checkpointer' ? checkpointVolumes(world, map) : []),
    { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
  ];
}

function checkpointVolumes(
  world: World,
  map: (name: string, value: string, files: readonly string[]) => unknown,
): unknown[] {
  const kept = { persistentVolumeClaim: { claimName: 'mcpstack-checkpoints' } };
  return [
    ...world.items(on('checkpointer.witnessConfigMap'), [
      map('witnesses', 'checkpointer.witnessConfigMap', ['witnesses.vkeys']),
    ]),
    ...world.items(on('checkpointer.formerKeysConfigMap'), [
      map('former-keys', 'checkpointer.formerKeysConfigMap', ['former.vkeys']),
    ]),
    ...world.items(on('checkpointer.storage.enabled'), [{ name: 'checkpoints', ...kept }]),
    ...world.items(off('checkpointer.storage.enabled'), [
      { name: 'checkpoints', emptyDir: { sizeLimit: '64Mi' } },
    ]),
  ];
}
