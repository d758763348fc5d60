// Writes the schemas that specs hold manifests to, from Kubernetes' own client for Node, whose classes are made from the
// OpenAPI document of one release each. Unknown fields are errors, as `kubectl apply --validate=strict` has it.
//
//     npm pack @kubernetes/client-node@1.4.0 && tar xzf kubernetes-client-node-1.4.0.tgz
//     node tools/test/kubernetes/write-schemas.mjs package tools/test/fixtures/kubernetes-schemas
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KINDS = {
  'v1/ConfigMap': 'V1ConfigMap',
  'v1/Namespace': 'V1Namespace',
  'v1/PersistentVolumeClaim': 'V1PersistentVolumeClaim',
  'v1/Secret': 'V1Secret',
  'v1/Service': 'V1Service',
  'v1/ServiceAccount': 'V1ServiceAccount',
  'apps/v1/DaemonSet': 'V1DaemonSet',
  'apps/v1/Deployment': 'V1Deployment',
  'apps/v1/StatefulSet': 'V1StatefulSet',
  'autoscaling/v2/HorizontalPodAutoscaler': 'V2HorizontalPodAutoscaler',
  'batch/v1/CronJob': 'V1CronJob',
  'batch/v1/Job': 'V1Job',
  'networking.k8s.io/v1/Ingress': 'V1Ingress',
  'networking.k8s.io/v1/NetworkPolicy': 'V1NetworkPolicy',
  'policy/v1/PodDisruptionBudget': 'V1PodDisruptionBudget',
};
// What a server writes, never a manifest.
const LEFT_OUT = new Set(['status', 'managedFields']);

const [client, target] = process.argv.slice(2);
const models = join(client, 'dist', 'gen', 'models');
const definitions = {};

function typeOf(text, format) {
  const list = /^Array<(.*)>$/.exec(text)?.[1];
  if (list) return { type: 'array', items: typeOf(list, format) };
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(text)?.[1];
  if (map) return { type: 'object', additionalProperties: typeOf(map, format) };
  if (text === 'number') return { type: format.startsWith('int') ? 'integer' : 'number' };
  if (text === 'string' || text === 'boolean') return { type: text };
  if (text === 'Date') return { type: 'string' };
  if (text === 'IntOrString') return { type: ['integer', 'string'] };
  if (text === 'any' || text === 'object') return {};
  define(text);
  return { $ref: `#/definitions/${text}` };
}

function define(name) {
  if (name in definitions) return;
  const definition = (definitions[name] = { type: 'object', additionalProperties: false });
  const source = readFileSync(join(models, `${name}.js`), 'utf8');
  const attributes = JSON.parse(/attributeTypeMap = (\[.*?\n?\]);/s.exec(source)[1]);
  const optional = new Set(
    [...readFileSync(join(models, `${name}.d.ts`), 'utf8').matchAll(/'(\w+)'\?:/g)].map(([, field]) => field),
  );
  const kept = attributes.filter(({ baseName }) => !LEFT_OUT.has(baseName));
  definition.properties = Object.fromEntries(
    kept.map(({ baseName, type, format }) => [baseName, typeOf(type, format)]),
  );
  const required = kept.filter(({ name: field }) => !optional.has(field)).map(({ baseName }) => baseName);
  if (required.length > 0) definition.required = required;
}

const header = readFileSync(join(models, 'V1Pod.d.ts'), 'utf8');
const release = /OpenAPI spec version: (?:v|release-)(\d+\.\d+)/.exec(header)[1];
for (const name of Object.values(KINDS)) define(name);
const { version } = JSON.parse(readFileSync(join(client, 'package.json'), 'utf8'));
const schema = {
  $comment: `Kubernetes ${release}, from @kubernetes/client-node ${version}`,
  kinds: KINDS,
  definitions,
};
writeFileSync(join(target, `${release}.json`), `${JSON.stringify(schema)}\n`);
