/** The Helm chart: the same objects, with the values asked for where they stand. */
import { stringify } from 'yaml';
import { httpRoute, ingress, settings } from './entrance.ts';
import { denyAll, networkPolicy } from './network.ts';
import { print } from './print.ts';
import { SERVICES } from './services.ts';
import { MEANINGS, VALUES } from './values.ts';
import { workloads, type Part } from './workloads.ts';
import { both, helm, on, type Condition } from './world.ts';

/** Files that are made say so, and from what. */
export const MADE = 'Made by `npm run manifests` from tools/src/manifests: change it there.';

const IMAGE = `{{/* ${MADE} */}}
{{- define "mcpstack.image" -}}
{{- if .Values.image.digest -}}
{{ printf "%s@%s" .Values.image.repository .Values.image.digest | quote }}
{{- else -}}
{{ printf "%s:%s" .Values.image.repository .Values.image.tag | quote }}
{{- end -}}
{{- end -}}
`;

const NOTES = `Ready when every pod is: kubectl -n {{ .Release.Namespace }} get pods -l app.kubernetes.io/name=mcpstack-keys
People log in at {{ .Values.settings.PUBLIC_URL }}, with {{ .Values.settings.PUBLIC_URL }}/auth/callback registered at
{{ .Values.settings.OIDC_ISSUER }}.
`;

export function chart(version: string): Map<string, string> {
  const files = new Map<string, string>();
  const description = 'Issues, checks and revokes API keys and service accounts for a platform.';
  // From 1.30 a pod may be told to sleep before it stops; a release that still knows no such thing refuses it.
  const about = { apiVersion: 'v2', name: 'mcpstack-keys', description, type: 'application', version };
  files.set(
    'Chart.yaml',
    `# ${MADE}\n${stringify({ ...about, appVersion: version, kubeVersion: '>=1.30.0-0' })}`,
  );
  files.set('values.yaml', valuesText());
  files.set('values.schema.json', `${JSON.stringify(schemaOfValues(), null, 2)}\n`);
  files.set('templates/_image.tpl', IMAGE);
  files.set('templates/NOTES.txt', NOTES);
  files.set('templates/settings.yaml', template([settings()]));
  files.set('templates/deny-all.yaml', template([denyAll()]));
  files.set('templates/entrance.yaml', template([ingress(helm), httpRoute(helm)]));
  for (const service of SERVICES) {
    const parts = [...workloads(service, helm), networkPolicy(service, helm)];
    const { askedBy } = service;
    const only = askedBy === undefined ? parts : parts.map((part) => whereEnabled(askedBy, part));
    files.set(`templates/${service.name}.yaml`, template(only, service.summary));
  }
  return files;
}

function whereEnabled(askedBy: string, { when, object }: Part): Part {
  const enabled = on(askedBy);
  return {
    when: when === undefined || when.text.includes(enabled.text) ? (when ?? enabled) : both(enabled, when),
    object,
  };
}

function template(parts: readonly Part[], summary?: string): string {
  const objects = parts.map(({ when, object }) => {
    const text = `---\n${print(object)}`;
    return when === undefined ? text : `{{- if ${condition(when)} }}\n${text}{{- end }}\n`;
  });
  return `# ${MADE}\n${summary === undefined ? '' : `# ${summary}\n`}${objects.join('')}`;
}

const condition = ({ text }: Condition): string => text;

function valuesText(): string {
  const entries = Object.entries(VALUES).map(
    ([name, value]) => `# ${MEANINGS[name]}\n${stringify({ [name]: value }, { lineWidth: 0 })}`,
  );
  return `# ${MADE}\n# What each is for: docs/kubernetes.md.\n\n${entries.join('\n')}`;
}

/** Maps that hold what others name. */
const OPEN_MAPS = new Set(['podAnnotations', 'nodeSelector', 'annotations', 'resources']);
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  kind: ['Deployment', 'DaemonSet'],
  pullPolicy: ['Always', 'IfNotPresent', 'Never'],
};

function schemaOfValues(): unknown {
  const names = SERVICES.flatMap(({ required, optional, own = {} }) => [
    ...[...required, ...optional],
    ...Object.values(own),
  ]);
  const settingNames = [...new Set([...names, 'FORWARD_AUTH_TRUSTED_PROXIES'])].sort();
  const schema = schemaOf('', VALUES) as { properties: Record<string, unknown> };
  schema.properties['settings'] = {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(settingNames.map((name) => [name, { type: 'string' }])),
  };
  // `global` belongs to Helm.
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...schema };
}

/** Without a number it would be every port. */
const PORT = {
  type: 'object',
  additionalProperties: false,
  required: ['port'],
  properties: {
    protocol: { enum: ['TCP', 'UDP', 'SCTP'] },
    port: { type: ['integer', 'string'] },
    endPort: { type: 'integer' },
  },
};

function schemaOf(name: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    const arePorts = value.some((item: object) => 'port' in item);
    return { type: 'array', ...(arePorts && { items: PORT }) };
  }
  if (typeof value === 'boolean') return { type: 'boolean' };
  if (typeof value === 'number') return { type: 'integer', minimum: 1 };
  if (typeof value === 'string') return { type: 'string', ...(CHOICES[name] && { enum: CHOICES[name] }) };
  if (OPEN_MAPS.has(name)) return { type: 'object' };
  const properties = Object.entries(value as object).map(([key, inner]) => [key, schemaOf(key, inner)]);
  if (name === '') properties.push(['global', { type: 'object' }]);
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties) as unknown,
  };
}
