import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { filesIn, KUBERNETES, natsKeysOf, objectsOf, type Kubernetes } from './objects.ts';
import { CHART, Renderer, whyNoRenderer, type Values } from './renderer.ts';
import { RULES } from './rules.ts';
import { objectionsOf, RELEASES } from './schemas.ts';

/** Go has to be compiled for, once. Milliseconds. */
const COMPILE_TIMEOUT_MS = 300_000;

const DIGEST = `sha256:${'0'.repeat(64)}`;
const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: 'TCP', port }));
const peer = [{ ipBlock: { cidr: '203.0.113.0/24' } }];

/** Each choice that the chart offers, taken: the values, and what must then be there. */
const CHOICES: Record<string, { values: Values; shows: RegExp[]; hides?: RegExp[] }> = {
  defaults: {
    values: {},
    shows: [/kind: HorizontalPodAutoscaler/],
    hides: [/forward-auth/, /nats-login/, /REDIS_SENTINEL_PASSWORD_FILE/, /kind: Ingress$/m],
  },
  'a digest': {
    values: { image: { repository: 'registry.example.com/mcpstack-keys', digest: DIGEST } },
    shows: [new RegExp(`image: "registry.example.com/mcpstack-keys@${DIGEST}"`)],
  },
  'forward-auth': {
    values: {
      forwardAuth: { enabled: true },
      settings: { FORWARD_AUTH_TRUSTED_PROXIES: '10.0.0.0/8', FRESH_DELTA_MS: '250' },
    },
    shows: [/name: mcpstack-forward-auth/, /FRESH_DELTA_MS: "250"/],
  },
  'nats-login, with seeds of another name': {
    values: {
      natsLogin: { enabled: true, replicas: 3 },
      secrets: { natsLogin: 'callout' },
      settings: { LOGIN_LIFE_S: '60', JETSTREAM_REPLICAS: '3' },
    },
    shows: [
      /name: mcpstack-nats-login\n/,
      /name: login-xkey\n\s+secret:\n\s+secretName: "callout"/,
      /value: \/etc\/mcpstack\/login-issuer\/issuer.seed/,
      /JETSTREAM_REPLICAS: "3"/,
    ],
  },
  'sentinels that ask for a password': {
    values: {
      secrets: { redisSentinel: 'sentinels' },
      settings: { REDIS_SENTINELS: 's1:26379', REDIS_SENTINEL_NAME: 'm', REDIS_SENTINEL_USERNAME: 'keys' },
    },
    shows: [
      /name: REDIS_SENTINEL_PASSWORD_FILE\n\s+value: \/etc\/mcpstack\/redis-sentinel\/password/,
      /secretName: "sentinels"/,
      /key: REDIS_SENTINEL_USERNAME/,
    ],
  },
  'an authorizer on each node': {
    values: { authorizer: { kind: 'DaemonSet' } },
    shows: [/kind: DaemonSet/],
    hides: [/kind: HorizontalPodAutoscaler\nmetadata:\n {2}name: mcpstack-authorizer/],
  },
  'an authorizer behind a leaf node': {
    values: { settings: { AUTHORIZER_NATS_URL: 'tls://nats-leaf.nats.svc:4222' } },
    shows: [/AUTHORIZER_NATS_URL: tls:\/\/nats-leaf.nats.svc:4222/],
  },
  'fixed numbers': {
    values: {
      gateway: { autoscaling: { enabled: false }, replicas: 7 },
      authorizer: { autoscaling: { enabled: false } },
    },
    shows: [/replicas: 7/],
    hides: [/HorizontalPodAutoscaler/],
  },
  'a metric of their own': {
    values: {
      gateway: {
        autoscaling: {
          metrics: [
            {
              type: 'Pods',
              pods: {
                metric: { name: 'mcpstack_gateway_requests_in_flight' },
                target: { type: 'AverageValue', averageValue: '50' },
              },
            },
          ],
        },
      },
    },
    shows: [/name: mcpstack_gateway_requests_in_flight/],
  },
  'an ingress': {
    values: {
      ingress: {
        enabled: true,
        className: 'nginx',
        tlsSecret: 'keys-tls',
        annotations: { 'a.example/b': 'c' },
      },
    },
    shows: [
      /host: "keys.example.com"/,
      /ingressClassName: "nginx"/,
      /secretName: "keys-tls"/,
      /a.example\/b: c/,
    ],
  },
  'no credentials and no TLS': {
    values: { credentials: { enabled: false }, tls: { enabled: false } },
    shows: [/name: PEPPER_FILE/],
    hides: [/_PASSWORD_FILE/, /_CA_FILE/, /mcpstack-ca/],
  },
  'a confidential client, witnesses and a key that was lost': {
    values: {
      secrets: { login: 'mcpstack-login' },
      checkpointer: {
        witnessConfigMap: 'witnesses',
        formerKeysConfigMap: 'former',
        storage: { storageClassName: 'fast', size: '2Gi' },
      },
      networkPolicy: { witnesses: peer },
    },
    shows: [
      /OIDC_CLIENT_SECRET_FILE/,
      /WITNESS_VKEY_FILE/,
      /CHECKPOINT_FORMER_VKEY_FILE/,
      /name: former-keys\n\s+configMap:\n\s+name: "?former/,
      /storageClassName: "fast"/,
      /storage: "2Gi"/,
    ],
  },
  'checkpoints that nobody keeps': {
    values: { checkpointer: { storage: { enabled: false } } },
    shows: [/name: checkpoints\n\s+emptyDir:/],
    hides: [/PersistentVolumeClaim/],
  },
  'places for pods': {
    values: {
      imagePullSecrets: [{ name: 'registry' }],
      nodeSelector: { pool: 'keys' },
      tolerations: [{ key: 'keys', operator: 'Exists' }],
      priorityClassName: 'high',
      podAnnotations: { 'example.com/team': 'keys' },
    },
    shows: [
      /pool: keys/,
      /key: keys/,
      /priorityClassName: "high"/,
      /example.com\/team: keys/,
      /- name: registry/,
    ],
  },
  'other ports': {
    values: {
      settings: { REDIS_URL: 'rediss://redis.example.com:6380', DNS_SERVERS: '10.0.0.53:5353' },
      networkPolicy: {
        redis: peer,
        ports: {
          redis: tcp(6380),
          login: tcp(443, 8443),
          dns: [{ protocol: 'UDP', port: 5353 }],
          log: tcp(4222),
        },
      },
    },
    shows: [
      /cidr: 203.0.113.0\/24\n\s+ports:\n\s+- port: 6380\n\s+protocol: TCP\n/,
      /port: 8443\n/,
      /port: 5353\n\s+protocol: UDP\n/,
    ],
    hides: [/port: (6379|26379|2113|53)\n/],
  },
  'other policies': {
    values: { networkPolicy: { enabled: false } },
    shows: [/kind: Deployment/],
    hides: [/NetworkPolicy/],
  },
};

const why = await whyNoRenderer();
const title = (text: string) => (why === undefined ? text : `${text} (skipped: ${why})`);

(why === undefined ? describe : describe.skip)(title('the chart, rendered by Go’s templates'), () => {
  let renderer: Renderer;
  beforeAll(() => void (renderer = new Renderer()), COMPILE_TIMEOUT_MS);
  afterAll(() => renderer.close());

  it('is the base where nothing is chosen', () => {
    const rendered = renderer.render().objects;
    const settings = rendered.find(({ kind }) => kind === 'ConfigMap')!;
    const lines = readFileSync(join(KUBERNETES, 'base', 'settings.env'), 'utf8')
      .split('\n')
      .filter((line) => /^\w/.test(line));
    expect(
      Object.entries(settings.data!)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    ).toEqual(lines.sort());
    const others = rendered.filter((object) => object !== settings);
    for (const object of others)
      delete (object.spec?.template?.metadata as { annotations?: object })?.annotations;
    expect(inOrder(others)).toEqual(inOrder(objectsOf(join(KUBERNETES, 'base'))));
  });

  it('gives pods another name for other settings', () => {
    const sum = (values: Values) => /checksum\/settings: (\w{64})/.exec(renderer.render(values).text)![1];
    expect(sum({ settings: { LOG_LEVEL: 'debug' } })).not.toBe(sum({}));
    expect(sum({ scheduler: { replicas: 3 } })).toBe(sum({}));
  });

  describe.each(Object.keys(CHOICES))('with %s', (name) => {
    const { values, shows, hides = [] } = CHOICES[name]!;
    let objects: Kubernetes[];
    let text: string;
    beforeAll(() => void ({ objects, text } = renderer.render(values)));

    it('shows it', () => {
      for (const pattern of shows) expect(text).toMatch(pattern);
      for (const pattern of hides) expect(text).not.toMatch(pattern);
      // Nothing of a template is left, and nothing that a template had no value for.
      expect(text).not.toMatch(/\{\{|<no value>|<nil>|⟦/);
    });

    it.each(RELEASES)('is valid in Kubernetes %s', (release) => {
      expect(objects.flatMap(objectionsOf(release))).toEqual([]);
    });

    it('keeps the rules', () => {
      const offences = Object.entries(RULES).flatMap(([rule, look]) => look(objects).map(() => rule));
      const expected =
        name === 'other policies' ? ['policies shut everything, and cover each pod both ways'] : [];
      expect([...new Set(offences)]).toEqual(expected);
    });

    it('has values that the schema takes', () =>
      expect(objectionsToValues(renderer.values(values))).toEqual([]));
  });

  it('tells the authorizer alone of a NATS of its own', () => {
    const keys = (AUTHORIZER_NATS_URL: string) =>
      natsKeysOf(
        renderer.render({ natsLogin: { enabled: true }, settings: { AUTHORIZER_NATS_URL } }).objects,
      );
    const usual = keys('');
    expect(new Set(Object.values(usual))).toEqual(new Set(['NATS_URL']));
    expect(keys('tls://leaf:4222')).toEqual({ ...usual, 'mcpstack-authorizer': 'AUTHORIZER_NATS_URL' });
  });

  it('offers an HTTPRoute, of which the schemas of Kubernetes know nothing', () => {
    const chosen = { httpRoute: { enabled: true, parentRefs: [{ name: 'edge', namespace: 'gateways' }] } };
    const route = renderer.render(chosen).objects.find(({ kind }) => kind === 'HTTPRoute')!;
    expect(route.spec).toMatchObject({
      hostnames: ['keys.example.com'],
      parentRefs: chosen.httpRoute.parentRefs,
    });
  });

  it.each<[string, Values]>([
    ['no peers are no rule, not a rule for everybody', { nats: [] }],
    ['no ports are no rule, not a rule for every port', { ports: { nats: [] } }],
  ])('%s', (_, networkPolicy) => {
    const { objects } = renderer.render({ networkPolicy });
    expect(RULES['no policy lets in or out more than it names']!(objects)).toEqual([]);
    const gateway = objects.find(
      ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'mcpstack-gateway',
    )!;
    expect(JSON.stringify(gateway)).not.toContain('4222');
  });

  it('control: a value that is not there stops the rendering', () => {
    expect(() => renderer.render({ gateway: null })).toThrow(/gateway/);
  });

  it.each<[string, Values]>([
    ['a setting that no service reads', { settings: { NATS_ULR: 'nats://nats' } }],
    ['a setting that is no text', { settings: { FRESH_DELTA_MS: 250 } }],
    ['a value that there is not', { gatway: {} }],
    ['a kind that there is not', { authorizer: { kind: 'StatefulSet' } }],
    ['no replicas', { issuance: { replicas: 0 } }],
    ['a yes that is a word', { tls: { enabled: 'yes' } }],
    ['a port of nowhere', { networkPolicy: { ports: { redsi: tcp(6380) } } }],
    ['a port that is every port', { networkPolicy: { ports: { redis: [{ protocol: 'TCP' }] } } }],
  ])('the schema of values refuses %s', (_, values) => {
    expect(objectionsToValues(renderer.values(values))).toHaveLength(1);
  });
});

const validate = new Ajv({ allErrors: true, strict: false }).compile(
  JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as object,
);
function objectionsToValues(values: Values): string[] {
  validate(values);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const inOrder = (objects: Kubernetes[]) =>
  [...objects].sort((a, b) => `${a.kind}/${a.metadata.name}`.localeCompare(`${b.kind}/${b.metadata.name}`));

// Without a renderer this much is seen: every value is asked for somewhere.
it('no value is asked for nowhere', () => {
  const templates = filesIn(join(CHART, 'templates'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
  expect(
    pathsOf(schema).filter(
      (path) => !new RegExp(`\\.Values\\.${path.replaceAll('.', '\\.')}\\b`).test(templates),
    ),
  ).toEqual([]);
});

interface Schema {
  type: string;
  properties?: Record<string, Schema>;
}
const pathsOf = (schema: Schema, path = ''): string[] =>
  Object.entries(schema.properties ?? {})
    .filter(([name]) => name !== 'global')
    .flatMap(([name, inner]) => {
      const at = path === '' ? name : `${path}.${name}`;
      return inner.properties && at !== 'settings' ? pathsOf(inner, at) : [at];
    });
