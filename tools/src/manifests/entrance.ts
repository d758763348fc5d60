/** What stands before the gateway, by choice, and the settings of all. */
import { block, expression, type Manifest } from './print.ts';
import { SETTINGS_MAP } from './pods.ts';
import { head, type Part } from './workloads.ts';
import { both, on, type World } from './world.ts';

const HOST = expression('(urlParse .Values.settings.PUBLIC_URL).host | quote');
const GATEWAY = { name: 'mcpstack-gateway', port: { name: 'http' } };

export function settings(): Part {
  return { object: { ...head('v1', 'ConfigMap', SETTINGS_MAP), data: block('.Values.settings') } };
}

export function ingress(world: World): Part {
  const path = { path: '/', pathType: 'Prefix', backend: { service: GATEWAY } };
  const { apiVersion, kind, metadata } = head(
    'networking.k8s.io/v1',
    'Ingress',
    'mcpstack-gateway',
    'gateway',
  );
  return {
    when: on('ingress.enabled'),
    object: {
      apiVersion,
      kind,
      metadata: {
        ...(metadata as Manifest),
        ...world.entries(on('ingress.annotations'), { annotations: world.block('ingress.annotations') }),
      },
      spec: {
        ...world.entries(on('ingress.className'), { ingressClassName: world.value('ingress.className') }),
        ...world.entries(on('ingress.tlsSecret'), {
          tls: [{ hosts: [HOST], secretName: world.value('ingress.tlsSecret') }],
        }),
        rules: [{ host: HOST, http: { paths: [path] } }],
      },
    },
  };
}

export function httpRoute(world: World): Part {
  return {
    when: both(on('httpRoute.enabled'), on('httpRoute.parentRefs')),
    object: {
      ...head('gateway.networking.k8s.io/v1', 'HTTPRoute', 'mcpstack-gateway', 'gateway'),
      spec: {
        parentRefs: world.block('httpRoute.parentRefs'),
        hostnames: [HOST],
        rules: [{ backendRefs: [{ name: 'mcpstack-gateway', port: 80 }] }],
      },
    },
  };
}
