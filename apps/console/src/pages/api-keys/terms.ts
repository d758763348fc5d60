/** What limits a key, as fields hold it, and as the API takes it. */
import type { components } from '@mcpstack/api-client';
import type { Permission } from '@mcpstack/contracts';

type Schemas = components['schemas'];
type ApiKey = Schemas['ApiKeyAnswer'];
type Terms = Pick<Schemas['UpdateKeyBody'], 'permissions' | 'scope' | 'allowedIps' | 'limits' | 'quotas'>;
type Interval = Schemas['QuotaBody']['interval'];

export interface LimitRow {
  name: string;
  /** A number once it is one. */
  limit: number | string;
  windowMs: string;
}

export interface QuotaRow {
  name: string;
  limit: number | string;
  interval: string;
}

export interface TermsValues {
  permissions: Permission[];
  /** Ids; none: all of them. */
  agents: string[];
  servers: string[];
  /** One in a line; none: any. */
  allowedIps: string;
  limits: LimitRow[];
  quotas: QuotaRow[];
}

/** The fields, as `fieldErrors` takes them. */
export const TERMS = ['permissions', 'agents', 'servers', 'allowedIps', 'limits', 'quotas'];

const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

export function valuesOf(key: Partial<ApiKey>): TermsValues {
  const { permissions = [], scope, allowedIps = [], limits = [], quotas = [] } = key;
  return {
    permissions: [...permissions],
    agents: [...(scope?.agents ?? [])],
    servers: [...(scope?.servers ?? [])],
    allowedIps: allowedIps.join('\n'),
    limits: limits.map(({ name, limit, windowMs }) => ({ name, limit, windowMs: String(windowMs) })),
    quotas: quotas.map((quota) => ({ ...quota })),
  };
}

/** @param all permissions that it would hold anyway: to name them all would leave out those to come. */
export function termsIn(values: TermsValues, all: readonly Permission[]): Terms {
  const { permissions, agents, servers, limits, quotas } = values;
  const allowedIps = values.allowedIps.split(/[\s,]+/).filter((line) => line !== '');
  return {
    ...(all.some((one) => !permissions.includes(one)) && {
      permissions: all.filter((one) => permissions.includes(one)),
    }),
    ...(agents.length + servers.length > 0 && {
      scope: { ...(agents.length > 0 && { agents }), ...(servers.length > 0 && { servers }) },
    }),
    ...(allowedIps.length > 0 && { allowedIps }),
    ...(limits.length > 0 && {
      limits: limits.map(({ name, limit, windowMs }) => ({
        name,
        limit: Number(limit),
        windowMs: Number(windowMs),
      })),
    }),
    ...(quotas.length > 0 && {
      quotas: quotas.map(({ name, limit, interval }) => ({
        name,
        limit: Number(limit),
        interval: interval as Interval,
      })),
    }),
  };
}

/** Only what differs from what the key has. */
export function changesIn(values: TermsValues, key: ApiKey): Terms {
  const before = termsIn(valuesOf(key), []);
  const after = { permissions: values.permissions, ...termsIn(values, []) };
  return Object.fromEntries(
    Object.entries(after).filter(([field, value]) => {
      const old = field === 'permissions' ? key.permissions : before[field as keyof Terms];
      return JSON.stringify(value) !== JSON.stringify(old);
    }),
  );
}

export const termsRules = {
  permissions: (value: readonly string[]) => (value.length === 0 ? 'Leave at least one permission.' : null),
  limits: { name: nameRule, limit: limitRule },
  quotas: { name: nameRule, limit: limitRule },
};

function nameRule(value: string): string | null {
  return NAME.test(value) ? null : 'Small letters, digits and dashes, such as requests.';
}

function limitRule(value: number | string): string | null {
  return Number.isSafeInteger(value) && Number(value) >= 1 ? null : 'A whole number from 1.';
}

/** For `form.setErrors`: what the API says of `allowedIps.2` stands at `allowedIps`, which is one field here. */
export function fieldErrors(
  errors: readonly { field: string; message: string }[],
  fields: readonly string[],
): Record<string, string> {
  const placed: Record<string, string> = {};
  for (const { field, message } of errors) {
    const [first = '', index] = field.replace(/^scope\./, '').split('.');
    const place = first === 'limits' || first === 'quotas' ? field : first;
    if (!fields.includes(first)) continue;
    const text = place === field || index === undefined ? message : `Number ${Number(index) + 1} ${message}`;
    placed[place] = placed[place] === undefined ? text : `${placed[place]}; ${text}`;
  }
  return placed;
}
