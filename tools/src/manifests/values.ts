/** What may be chosen: the values of the chart, whose defaults are what the Kustomize base says. */

/** One server, reached where the policies let a service go: pods by labels, or networks for what is outside. */
const podsIn = (namespace: string, labels: Record<string, string>) => [
  {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    podSelector: { matchLabels: labels },
  },
];

const named = (name: string) => ({ 'app.kubernetes.io/name': name });

/** Networks that are no part of the internet; what is sent on behalf of others never goes there. */
const NOT_PUBLIC_4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
];
const NOT_PUBLIC_6 = [
  '::1/128',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
];

const INTERNET = [
  { ipBlock: { cidr: '0.0.0.0/0', except: NOT_PUBLIC_4 } },
  { ipBlock: { cidr: '::/0', except: NOT_PUBLIC_6 } },
];

const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: 'TCP', port }));

// No limit of CPU: a service that is throttled in the middle of a check answers late, and a late check is refused.
const needs = (cpu: string, memory: string, limit: string) => ({
  requests: { cpu, memory },
  limits: { memory: limit },
});

const scaled = (least: number, most: number) => ({
  enabled: true,
  minReplicas: least,
  maxReplicas: most,
  metrics: [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
  ],
});

export const VALUES = {
  image: { repository: 'mcpstack-keys', tag: '0.1.0', digest: '', pullPolicy: 'IfNotPresent' },
  imagePullSecrets: [],
  settings: {
    NATS_URL: 'tls://nats.nats.svc:4222',
    AUTHORIZER_NATS_URL: '',
    REDIS_URL: 'rediss://redis.redis.svc:6379',
    EVENT_STORE_URL: 'kurrentdb+discover://kurrentdb.kurrentdb.svc:2113',
    PUBLIC_URL: 'https://keys.example.com',
    OIDC_ISSUER: 'https://login.example.com',
    OIDC_CLIENT_ID: 'mcpstack',
    LOG_LEVEL: 'info',
    OTEL_EXPORTER_OTLP_ENDPOINT: '',
  },
  secrets: {
    peppers: 'mcpstack-peppers',
    checkpointKeys: 'mcpstack-checkpoint-keys',
    webhookKeys: 'mcpstack-webhook-keys',
    login: '',
    redisSentinel: '',
    natsLogin: 'mcpstack-nats-login',
  },
  credentials: { enabled: true },
  tls: { enabled: true, configMap: 'mcpstack-ca' },
  gateway: { autoscaling: scaled(2, 10), replicas: 2, resources: needs('200m', '256Mi', '512Mi') },
  issuance: { replicas: 2, resources: needs('200m', '256Mi', '512Mi') },
  projection: { replicas: 2, resources: needs('200m', '256Mi', '1Gi') },
  authorizer: {
    kind: 'Deployment',
    autoscaling: scaled(2, 20),
    replicas: 2,
    resources: needs('500m', '256Mi', '1Gi'),
  },
  scheduler: { replicas: 2, resources: needs('50m', '128Mi', '256Mi') },
  webhooks: { replicas: 2, resources: needs('100m', '192Mi', '512Mi') },
  checkpointer: {
    resources: needs('50m', '192Mi', '512Mi'),
    storage: { enabled: true, size: '1Gi', storageClassName: '' },
    witnessConfigMap: '',
    formerKeysConfigMap: '',
  },
  forwardAuth: { enabled: false, replicas: 2, resources: needs('100m', '128Mi', '256Mi') },
  natsLogin: { enabled: false, replicas: 2, resources: needs('200m', '128Mi', '256Mi') },
  ingress: { enabled: false, className: '', annotations: {}, tlsSecret: '' },
  httpRoute: { enabled: false, parentRefs: [] },
  networkPolicy: {
    enabled: true,
    dns: podsIn('kube-system', { 'k8s-app': 'kube-dns' }),
    nats: podsIn('nats', named('nats')),
    redis: podsIn('redis', named('redis')),
    log: podsIn('kurrentdb', named('kurrentdb')),
    login: INTERNET,
    internet: INTERNET,
    witnesses: [],
    collector: [],
    ingress: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }],
    proxies: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }],
    monitoring: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    ports: {
      dns: [{ protocol: 'UDP', port: 53 }, ...tcp(53)],
      nats: tcp(4222),
      // The second is Sentinel's.
      redis: tcp(6379, 26_379),
      log: tcp(2113),
      login: tcp(443),
      https: tcp(443),
      // A webhook's URL may have any port above the privileged ones.
      webhooks: [...tcp(443), { protocol: 'TCP', port: 1024, endPort: 65_535 }],
      witnesses: tcp(443),
      // Of traces; OTLP over HTTP.
      collector: tcp(4318),
    },
  },
  podAnnotations: {},
  nodeSelector: {},
  tolerations: [],
  priorityClassName: '',
};

/** What each value means: the comments of values.yaml and the table of docs/kubernetes.md. */
export const MEANINGS: Readonly<Record<string, string>> = {
  image: 'The one image of all services. With a digest the tag is left out.',
  imagePullSecrets: 'Names of Secrets for the registry, each as `name: …`.',
  settings:
    'Every setting that is no secret, by the name that the services read; empty ones count as absent. `AUTHORIZER_NATS_URL` is the `NATS_URL` of the authorizer alone, for a leaf node beside it.',
  secrets:
    'Names of Secrets that you make: peppers, the keys that sign the log, the keys of the secrets of webhooks, for a confidential client the secret of the login, the password of sentinels where they ask for one, and the seeds of nats-login.',
  credentials:
    'Each service logs in to NATS, Redis and the log as a user of its own name, with passwords from the Secret `mcpstack-<service>-credentials`.',
  tls: 'The certificates that NATS, Redis and the log are trusted by: `nats.crt`, `redis.crt` and `event-store.crt` in a ConfigMap.',
  gateway:
    'HTTP: the API, login and the console. `metrics` is what scales it: CPU, unless you say otherwise.',
  issuance: 'Decides commands and appends to the log.',
  projection: 'Writes the read models: one is active, the others stand by.',
  authorizer: 'Answers checks. `kind` is `Deployment`, or `DaemonSet` for one on each node.',
  scheduler: 'What falls due by the clock.',
  webhooks: 'Delivers audit events: one is active, the others stand by.',
  checkpointer:
    'Signs the log; one of them. Its volume holds the newest checkpoint and the public keys. `witnessConfigMap` holds the public keys of witnesses as `witnesses.vkeys`; `formerKeysConfigMap` that of a key that was lost, as `former.vkeys`.',
  forwardAuth:
    'Answers proxies, where it is enabled; it needs `settings.FORWARD_AUTH_TRUSTED_PROXIES`, their networks.',
  natsLogin: 'Lets clients into NATS by their keys, where it is enabled and NATS is set up to ask it.',
  ingress: 'An Ingress to the gateway, for the host of `PUBLIC_URL`.',
  httpRoute: 'Or an HTTPRoute, where the cluster has the Gateway API.',
  networkPolicy:
    'Whom the services may talk to, and who to them, as peers of a NetworkPolicy. `witnesses` and `collector` (of traces) are nowhere until they are set. `ports` are those that each is asked on: of `internet`, `https` for the proofs of domains and `webhooks`.',
  podAnnotations: 'Of every pod.',
  nodeSelector: 'Of every pod.',
  tolerations: 'Of every pod.',
  priorityClassName: 'Of every pod.',
};
