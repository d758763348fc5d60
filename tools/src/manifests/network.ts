/** Who may talk to whom: nobody, and then exactly the arrows of the design. */
import { labelsOf } from './pods.ts';
import type { Destination, Port, ServiceFacts } from './services.ts';
import { head, nameOf, type Part } from './workloads.ts';
import { both, on, type World } from './world.ts';

/** Destinations that the values have no peers of their own for. */
const PEERS: Partial<Record<Destination | 'dns', string>> = { https: 'internet', webhooks: 'internet' };

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
          ...outgoing('dns', world),
          ...[...service.servers, ...service.destinations].flatMap((destination) =>
            outgoing(destination, world),
          ),
        ],
      },
    },
  };
}

// No rule where the values name nobody, or no port: to a policy, an empty list is everybody, and every port.

function incoming({ port, from }: Port, world: World): unknown[] {
  const ports = [{ protocol: 'TCP', port }];
  return from.flatMap((origin) => {
    const peers = `networkPolicy.${origin}`;
    return world.items(on(peers), [{ from: world.block(peers), ports }]);
  });
}

function outgoing(destination: Destination | 'dns', world: World): unknown[] {
  const peers = `networkPolicy.${PEERS[destination] ?? destination}`;
  const ports = `networkPolicy.ports.${destination}`;
  return world.items(both(on(peers), on(ports)), [{ to: world.block(peers), ports: world.block(ports) }]);
}
