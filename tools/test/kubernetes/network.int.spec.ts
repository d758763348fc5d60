import { join } from 'node:path';
import { KUBERNETES, objectsOf, podSpecOf, podTemplateOf, type Kubernetes } from './objects.ts';
import { PodNetwork, whyNoNetwork, type Host } from './pod-network.ts';

const HOME = 'mcpstack-keys';
const objects = ['base', 'components/forward-auth', 'components/nats-login', 'examples/backup'].flatMap(
  (folder) => objectsOf(join(KUBERNETES, folder)),
);
const policiesOf = (objects: readonly Kubernetes[], namespace: string) =>
  objects
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map((policy) => ({ ...policy, metadata: { ...policy.metadata, namespace } }));
const policies = policiesOf(objects, HOME);
/** Of the servers, in namespaces of their own. */
const theirs = ['kurrentdb', 'nats', 'redis'].flatMap((name) =>
  policiesOf(objectsOf(join(KUBERNETES, 'examples', name)), name),
);

/** A pod of each workload, listening on every port that it has, and on one that nobody is to know of. */
const ours: Host[] = objects
  .filter((object) => podSpecOf(object))
  .map((object, index) => ({
    name: object.metadata.name.replace('mcpstack-', ''),
    address: `10.1.0.${index + 10}`,
    namespace: HOME,
    labels: podTemplateOf(object)!.metadata.labels!,
    ports: [
      ...(podSpecOf(object)!.containers[0]!.ports ?? []).map(({ containerPort }) => containerPort),
      9229,
    ],
  }));

const pod = (
  name: string,
  address: string,
  namespace: string,
  labels: Record<string, string>,
  ports: number[],
): Host => ({
  name,
  address,
  namespace,
  labels,
  ports,
});
const named = (name: string) => ({ 'app.kubernetes.io/name': name });

const others: Host[] = [
  pod('nats', '10.2.0.1', 'nats', named('nats'), [4222, 6222, 7422, 8222]),
  pod('redis', '10.2.0.2', 'redis', named('redis'), [6379, 26_379]),
  pod('log', '10.2.0.3', 'kurrentdb', named('kurrentdb'), [2113, 1112]),
  { ...pod('dns', '10.2.0.4', 'kube-system', { 'k8s-app': 'kube-dns' }, [53, 8080]), datagramPorts: [53] },
  pod('apiserver', '10.2.0.5', 'kube-system', { component: 'kube-apiserver' }, [443, 6443]),
  pod('ingress', '10.2.0.6', 'ingress-nginx', named('ingress-nginx'), [443]),
  pod('prometheus', '10.2.0.7', 'monitoring', named('prometheus'), [9090]),
  // Another server of each, and something else beside them.
  pod('nats-1', '10.2.1.1', 'nats', named('nats'), [6222]),
  pod('redis-1', '10.2.1.2', 'redis', named('redis'), [6379]),
  pod('log-1', '10.2.1.3', 'kurrentdb', named('kurrentdb'), [1112]),
  pod('guest', '10.2.1.4', 'nats', { app: 'debug' }, [4222]),
  // It asks about keys, and its namespace says so.
  {
    ...pod('shop', '10.4.0.1', 'shop', { app: 'shop' }, [8080]),
    namespaceLabels: { 'mcpstack-keys/asks': 'true' },
  },
  // In our namespace, and none of ours; and one that has the labels of NATS elsewhere.
  pod('stranger', '10.1.0.99', HOME, { app: 'debug' }, [4222, 8080]),
  pod('impostor', '10.3.0.1', 'default', named('nats'), [4222]),
  { name: 'internet', address: '203.0.113.10', ports: [25, 80, 443, 8443], datagramPorts: [53, 443] },
  { name: 'intranet', address: '10.200.0.1', ports: [443, 8443] },
  { name: 'metadata', address: '169.254.169.254', ports: [80, 443] },
];

const REDIS = ['redis:6379', 'redis:26379', 'redis-1:6379'];
const NATS = 'nats:4222';
const LOG = 'log:2113';
const DNS = ['dns:53', 'dns:53/udp'];
const SERVERS = /^(nats|redis|log)(-1)?:/;
/** The arrows of the design: who reaches what, and nothing else. */
const ARROWS: Record<string, string[]> = {
  gateway: [...DNS, NATS, ...REDIS, 'internet:443'],
  issuance: [...DNS, NATS, LOG],
  projection: [...DNS, NATS, LOG, ...REDIS],
  authorizer: [...DNS, NATS, ...REDIS],
  scheduler: [...DNS, NATS, ...REDIS, 'internet:443'],
  webhooks: [...DNS, NATS, ...REDIS, 'internet:443', 'internet:8443'],
  checkpointer: [...DNS, LOG],
  'forward-auth': [...DNS, NATS],
  'nats-login': [...DNS, NATS],
  'log-backup': [...DNS, LOG],
  stranger: [],
};
/** Of ours, from elsewhere. */
const WAYS_IN: Record<string, string[]> = {
  ingress: ['gateway:8080', 'forward-auth:8080', 'forward-auth:9191'],
  prometheus: [
    'gateway:9464',
    ...[
      ...['issuance', 'projection', 'authorizer', 'scheduler', 'webhooks', 'checkpointer'],
      ...['forward-auth', 'nats-login'],
    ].map((name) => `${name}:8080`),
  ],
  impostor: [],
  nats: [],
  shop: [],
  internet: [],
};
/** Of the servers that the examples are of. */
const WAYS_TO_SERVERS: Record<string, string[]> = {
  nats: ['nats-1:6222'],
  'nats-1': ['nats:6222', 'nats:7422'],
  redis: ['redis-1:6379'],
  'redis-1': ['redis:6379', 'redis:26379'],
  'log-1': [LOG, 'log:1112'],
  shop: [NATS],
  prometheus: ['nats:8222', LOG],
  guest: [],
  ingress: [],
  impostor: [],
  internet: [],
};

const why = await whyNoNetwork();

(why === undefined ? describe : describe.skip)(
  `NetworkPolicies between namespaces${why ? ` (skipped: ${why})` : ''}`,
  () => {
    const network = new PodNetwork([...ours, ...others]);
    const isOurs = (place: string) =>
      [...ours.map(({ name }) => name), 'stranger'].includes(place.split(':')[0]!);
    beforeAll(async () => {
      await network.start();
      network.enforce([...policies, ...theirs]);
    });
    afterAll(() => network.stop());

    it.each(Object.keys(ARROWS))('%s reaches what the design says, and nothing else', (name) => {
      const { reached, strange } = network.reachable(name);
      expect(reached.sort()).toEqual([...ARROWS[name]!].sort());
      expect(strange).toEqual([]);
    });

    it.each(Object.keys(WAYS_IN))('%s reaches of ours what the design says, and nothing else', (name) => {
      expect(network.reachable(name).reached.filter(isOurs).sort()).toEqual([...WAYS_IN[name]!].sort());
    });

    it.each(Object.keys(WAYS_TO_SERVERS))('%s reaches of the servers what the examples say', (name) => {
      const ofServers = network.reachable(name).reached.filter((place) => SERVERS.test(place));
      expect(ofServers.sort()).toEqual([...WAYS_TO_SERVERS[name]!].sort());
    });

    it('has every pod in the table', () => {
      expect(Object.keys(ARROWS).sort()).toEqual([...ours.map(({ name }) => name), 'stranger'].sort());
    });

    describe('control', () => {
      const without = (...names: string[]) =>
        policies.filter(({ metadata }) => !names.includes(metadata.name));

      it('without theirs, whoever can reaches the servers', () => {
        network.enforce(policies);
        expect(network.reachable('impostor').reached).toEqual(
          expect.arrayContaining([NATS, ...REDIS, LOG, 'log:1112']),
        );
      });

      it('without its own policy a pod is alone', () => {
        network.enforce(without('mcpstack-issuance'));
        expect(network.reachable('issuance').reached).toEqual([]);
      });

      it('without the port of datagrams, nobody asks for names that way', () => {
        const silent = structuredClone(policies);
        for (const { spec } of silent)
          for (const rule of spec!.egress ?? [])
            rule.ports = rule.ports!.filter(({ protocol }) => protocol !== 'UDP');
        network.enforce(silent);
        for (const name of ours.map((one) => one.name))
          expect(network.reachable(name).reached.filter((place) => place.startsWith('dns'))).toEqual([
            'dns:53',
          ]);
      });

      it('without that and the one that shuts all, it reaches Redis', () => {
        network.enforce(without('mcpstack-issuance', 'mcpstack-deny-all'));
        expect(network.reachable('issuance').reached).toEqual(
          expect.arrayContaining([...REDIS, 'intranet:443']),
        );
      });

      it('with the exceptions gone, what is sent on behalf of others reaches the cloud’s metadata', () => {
        const open = structuredClone(policies);
        for (const { spec } of open)
          for (const { to = [] } of spec!.egress ?? []) for (const { ipBlock } of to) delete ipBlock?.except;
        network.enforce(open);
        expect(network.reachable('webhooks').reached).toEqual(
          expect.arrayContaining(['metadata:443', 'intranet:8443']),
        );
      });

      it('without any, everybody reaches everything', () => {
        network.enforce([]);
        const all = [...ours, ...others].flatMap(({ name, ports, datagramPorts = [] }) => [
          ...ports.map((port) => `${name}:${port}`),
          ...datagramPorts.map((port) => `${name}:${port}/udp`),
        ]);
        for (const name of ['checkpointer', 'internet'])
          expect(network.reachable(name).reached).toEqual(
            all.filter((place) => !place.startsWith(`${name}:`)),
          );
      });
    });
  },
);
