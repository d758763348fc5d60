/** Who may talk to whom: nobody, and then exactly the arrows of the design. */
import { type Manifest } from './print.ts';
import { labelsOf } from './pods.ts';
import type { Destination, Port, ServiceFacts } from './services.ts';
import { head, nameOf, type Part } from './workloads.ts';
import { both, on, type World } from './world.ts';

const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: 'TCP', port }));

/** Where the values say who a destination is, and the ports it is asked on. */
const DESTINATIONS: Readonly<Record<Destination, { peers: string; ports: readonly Manifest[] }>> = {
  nats: { peers: 'nats', ports: tcp(4222) },
  // The second is Sentinel's.
  redis: { peers: 'redis', ports: tcp(6379, 26_379) },
  log: { peers: 'log', ports: tcp(2113) },
  login: { peers: 'login', ports: tcp(443) },
  https: { peers: 'internet', ports: tcp(443) },
  // A webhook's URL may have any port above the privileged ones.
  webhooks: { peers: 'internet', ports: [...tcp(443), { protocol: 'TCP', port: 1024, endPort: 65_535 }] },
  witnesses: { peers: 'witnesses', ports: tcp(443) },
  // Of traces; OTLP over HTTP.
  collector: { peers: 'collector', ports: tcp(4318) },
};

const DNS = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];

const IS_ENFORCED = on('networkPolicy.enabled');

/** Whatever else runs in the namespace, and whatever is forgotten below, is alone. */
export function denyAll(): Part {
  return {
    when: IS_ENFORCED,
    object: {
      ...head('networking.k8s.io/v1', 'NetworkPolicy', 'mcpstack-deny-all'),
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
  };
}

export function networkPolicy(service: ServiceFacts, world: World): Part {
  return {
    when: service.askedBy === undefined ? IS_ENFORCED : both(on(service.askedBy), IS_ENFORCED),
    object: {
      ...head('networking.k8s.io/v1', 'NetworkPolicy', nameOf(service), service.name),
      spec: {
        podSelector: { matchLabels: labelsOf(service) },
        policyTypes: ['Ingress', 'Egress'],
        ingress: service.ports.flatMap((port) => incoming(port, world)),
        egress: [
          ...rule('to', 'dns', DNS, world),
          ...[...service.servers, ...service.destinations].flatMap((destination) =>
            rule('to', DESTINATIONS[destination].peers, DESTINATIONS[destination].ports, world),
          ),
        ],
      },
    },
  };
}

const incoming = ({ port, from }: Port, world: World): unknown[] =>
  from.flatMap((origin) => rule('from', origin, tcp(port), world));

/** No rule where the values name nobody: to a policy, an empty list is everybody. */
function rule(side: 'to' | 'from', peers: string, ports: readonly Manifest[], world: World): unknown[] {
  const path = `networkPolicy.${peers}`;
  return world.items(on(path), [{ [side]: world.block(path), ports }]);
}
