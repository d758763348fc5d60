/** What Kubernetes has to know of each service: what it reads, whom it speaks to, and how many there are. */

/** Where a service may go, beyond the cluster's name servers. */
export type Destination =
  'nats' | 'redis' | 'log' | 'login' | 'https' | 'webhooks' | 'witnesses' | 'collector';

/** Whence requests come. */
export type Origin = 'ingress' | 'proxies' | 'monitoring';

/** Whom it has credentials for; each is a user named after the service. */
export type Server = 'nats' | 'redis' | 'log';

export interface ServiceFacts {
  name: string;
  /** Its part of the values. */
  key: string;
  /** What it does, for who reads the manifest. */
  summary: string;
  /** Without these it does not start. */
  required: readonly string[];
  /** Settings that may be in the ConfigMap. */
  optional: readonly string[];
  /**
   * Settings that are this service's alone, where the ConfigMap has them: setting → the name there. Without them it reads what all read.
   */
  own?: Readonly<Record<string, string>>;
  /** Secrets that it reads as files: setting → secret. */
  files: Readonly<Record<string, SecretFile>>;
  /** What it talks to, each with credentials of its own. */
  servers: readonly Server[];
  /** Where else it goes. */
  destinations: readonly Destination[];
  /** Where requests come in; the others are asked over NATS and serve their health alone. */
  ports: readonly Port[];
  /** The value that asks for it, where not everybody needs it. */
  askedBy?: string;
}

export interface Port {
  name: string;
  port: number;
  /** Whose pods may connect. */
  from: readonly Origin[];
}

export interface SecretFile {
  /** Where the values name the Secret. */
  value: string;
  folder: string;
  file: string;
  /** Only where the values name one. */
  isOptional?: true;
}

const FRESHNESS = ['FRESH_DELTA_MS', 'STAMP_LIFE_MS', 'LEASE_LIFE_MS'];
/** Where it is: an address, or sentinels that know it. */
const REDIS = ['REDIS_URL', 'REDIS_SENTINELS', 'REDIS_SENTINEL_NAME', 'REDIS_SENTINEL_USERNAME'];
/** Streams and buckets that it makes. */
const JETSTREAM = ['JETSTREAM_REPLICAS'];
const EVERYBODY = ['LOG_LEVEL'];
const TRACES = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG'];
const PEPPERS: SecretFile = { value: 'secrets.peppers', folder: 'peppers', file: 'peppers.json' };
/** One password of all services: sentinels tell an address, and what they tell is no proof. */
const SENTINEL = {
  REDIS_SENTINEL_PASSWORD_FILE: {
    value: 'secrets.redisSentinel',
    folder: 'redis-sentinel',
    file: 'password',
    isOptional: true,
  },
} as const;
const WEBHOOK_KEYS: SecretFile = {
  value: 'secrets.webhookKeys',
  folder: 'webhook-keys',
  file: 'webhook-keys.json',
};
/** Every service answers here; the image sets PORT and HEALTH_PORT to it. */
export const HTTP_PORT = 8080;
const HEALTH: Port = { name: 'health', port: HTTP_PORT, from: ['monitoring'] };

export const SERVICES: readonly ServiceFacts[] = [
  {
    name: 'gateway',
    key: 'gateway',
    summary: 'HTTP: the API, login and the console.',
    required: ['NATS_URL', 'PUBLIC_URL', 'OIDC_ISSUER', 'OIDC_CLIENT_ID'],
    optional: [
      ...['OIDC_SCOPES', 'TRUSTED_PROXIES', 'GITHUB_SECRET_SCANNING_KEYS', 'TOKEN_PREFIX'],
      ...['ACCESS_TOKEN_LIFE_MS', ...FRESHNESS, ...REDIS, ...JETSTREAM, ...TRACES, ...EVERYBODY],
    ],
    files: {
      OIDC_CLIENT_SECRET_FILE: {
        value: 'secrets.login',
        folder: 'login',
        file: 'client-secret',
        isOptional: true,
      },
      ...SENTINEL,
    },
    servers: ['nats', 'redis'],
    destinations: ['login', 'collector'],
    ports: [
      { name: 'http', port: HTTP_PORT, from: ['ingress'] },
      { name: 'metrics', port: 9464, from: ['monitoring'] },
    ],
  },
  {
    name: 'issuance',
    key: 'issuance',
    summary: 'Decides commands and appends to the log; nobody else does.',
    required: ['NATS_URL', 'EVENT_STORE_URL'],
    optional: [
      ...['TOKEN_PREFIX', 'FRESH_DELTA_MS', 'STAMP_LIFE_MS', 'FINAL_TIMEOUT_MS'],
      ...[...JETSTREAM, ...TRACES, ...EVERYBODY],
    ],
    files: { PEPPER_FILE: PEPPERS, WEBHOOK_KEY_FILE: WEBHOOK_KEYS },
    servers: ['nats', 'log'],
    destinations: ['collector'],
    ports: [HEALTH],
  },
  {
    name: 'projection',
    key: 'projection',
    summary: 'Writes the read models. One is active, under a lease; the others stand by.',
    required: ['NATS_URL', 'EVENT_STORE_URL'],
    optional: [...FRESHNESS, ...REDIS, ...JETSTREAM, ...TRACES, ...EVERYBODY],
    files: SENTINEL,
    servers: ['nats', 'redis', 'log'],
    destinations: ['collector'],
    ports: [HEALTH],
  },
  {
    name: 'authorizer',
    key: 'authorizer',
    summary: 'Answers whether a key may do this, over NATS.',
    required: ['NATS_URL'],
    optional: ['TOKEN_PREFIX', 'USAGE_MAX_KEYS', ...FRESHNESS, ...REDIS, ...TRACES, ...EVERYBODY],
    // It alone may stand behind a leaf node: it needs no JetStream, and `leaf` has its rights.
    own: { NATS_URL: 'AUTHORIZER_NATS_URL' },
    files: { PEPPER_FILE: PEPPERS, ...SENTINEL },
    servers: ['nats', 'redis'],
    destinations: ['collector'],
    ports: [HEALTH],
  },
  {
    name: 'scheduler',
    key: 'scheduler',
    summary: 'What falls due by the clock; looks for the proofs of domains on the internet.',
    required: ['NATS_URL'],
    optional: [
      ...[
        'KEY_EXPIRY_POLL_MS',
        'DOMAIN_POLL_MS',
        'DOMAIN_RECHECK_MS',
        'PENDING_DOMAIN_RECHECK_MS',
        'DNS_SERVERS',
      ],
      ...[...FRESHNESS, ...REDIS, ...JETSTREAM, ...EVERYBODY],
    ],
    files: SENTINEL,
    servers: ['nats', 'redis'],
    destinations: ['https'],
    ports: [HEALTH],
  },
  {
    name: 'webhooks',
    key: 'webhooks',
    summary: 'Delivers audit events to where organizations want them. One is active, under a lease.',
    required: ['NATS_URL'],
    optional: [
      ...[
        'WEBHOOK_TIMEOUT_MS',
        'WEBHOOK_RETRY_MS',
        'WEBHOOK_DISABLE_AFTER_MS',
        'WEBHOOK_POLL_MS',
        'DNS_SERVERS',
      ],
      ...[...FRESHNESS, ...REDIS, ...JETSTREAM, ...TRACES, ...EVERYBODY],
    ],
    files: { WEBHOOK_KEY_FILE: WEBHOOK_KEYS, ...SENTINEL },
    servers: ['nats', 'redis'],
    destinations: ['webhooks', 'collector'],
    ports: [HEALTH],
  },
  {
    name: 'checkpointer',
    key: 'checkpointer',
    summary: 'Signs that the log is what it was, and only grows.',
    required: ['EVENT_STORE_URL'],
    optional: ['CHECKPOINT_ORIGIN', 'CHECKPOINT_INTERVAL_MS', 'WITNESS_URLS', ...JETSTREAM, ...EVERYBODY],
    files: {
      CHECKPOINT_KEY_FILE: {
        value: 'secrets.checkpointKeys',
        folder: 'checkpoint-keys',
        file: 'checkpoint-keys.json',
      },
    },
    servers: ['log'],
    destinations: ['witnesses'],
    ports: [HEALTH],
  },
  {
    name: 'forward-auth',
    key: 'forwardAuth',
    summary: 'Answers proxies whether the key of a request may pass.',
    required: ['NATS_URL'],
    optional: ['TOKEN_PREFIX', 'CHECK_TIMEOUT_MS', ...EVERYBODY],
    files: {},
    servers: ['nats'],
    destinations: [],
    ports: [
      { name: 'http', port: HTTP_PORT, from: ['proxies', 'monitoring'] },
      { name: 'grpc', port: 9191, from: ['proxies'] },
    ],
    askedBy: 'forwardAuth.enabled',
  },
  {
    name: 'nats-login',
    key: 'natsLogin',
    summary: 'Lets clients into NATS by their keys (auth callout); it needs NATS 2.10.',
    required: ['NATS_URL'],
    optional: ['TOKEN_PREFIX', 'LOGIN_ACCOUNT', 'LOGIN_LIFE_S', ...EVERYBODY],
    files: {
      LOGIN_ISSUER_FILE: { value: 'secrets.natsLogin', folder: 'login-issuer', file: 'issuer.seed' },
      LOGIN_XKEY_FILE: { value: 'secrets.natsLogin', folder: 'login-xkey', file: 'xkey.seed' },
    },
    servers: ['nats'],
    destinations: [],
    ports: [HEALTH],
    askedBy: 'natsLogin.enabled',
  },
];
