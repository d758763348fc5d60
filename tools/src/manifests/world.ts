/** The two worlds a manifest is written for: Kustomize, where values stand as they are, and Helm, where they are asked for. */
import { block, conditional, control, expression, type Manifest } from './print.ts';
import { VALUES } from './values.ts';

/** A question to the values, as both worlds ask it. */
export interface Condition {
  text: string;
  holds: boolean;
}

export interface World {
  readonly isChart: boolean;
  /** A scalar of the values. */
  value(path: string): unknown;
  /** A map or list of the values. */
  block(path: string): unknown;
  /** One of two words. */
  word(path: string, where: string, otherwise: string): string;
  /** Entries of a map that are there only where the condition holds. */
  entries(condition: Condition, entries: Manifest): Manifest;
  /** Items of a list that are. */
  items(condition: Condition, items: readonly unknown[]): unknown[];
}

export const on = (path: string): Condition => ({
  text: `.Values.${path}`,
  holds: isTruthy(valueOf(path)),
});

export const off = (path: string): Condition => ({
  text: `not .Values.${path}`,
  holds: !isTruthy(valueOf(path)),
});

export const is = (path: string, what: string): Condition => ({
  text: `eq .Values.${path} ${JSON.stringify(what)}`,
  holds: valueOf(path) === what,
});

export const both = (one: Condition, other: Condition): Condition => ({
  text: `and (${one.text}) (${other.text})`,
  holds: one.holds && other.holds,
});

export const kustomize: World = {
  isChart: false,
  value: valueOf,
  block: valueOf,
  word: (path, where, otherwise) => (isTruthy(valueOf(path)) ? where : otherwise),
  entries: ({ holds }, entries) => (holds ? entries : {}),
  items: ({ holds }, items) => (holds ? [...items] : []),
};

export const helm: World = {
  isChart: true,
  value: (path) => expression(`.Values.${path}${typeof valueOf(path) === 'string' ? ' | quote' : ''}`),
  block: (path) => {
    valueOf(path);
    return block(`.Values.${path}`);
  },
  word: (path, where, otherwise) => {
    valueOf(path);
    return expression(`ternary "${otherwise}" "${where}" (empty .Values.${path})`);
  },
  entries: ({ text }, entries) => conditional(text, entries),
  items: ({ text }, items) => [control(`if ${text}`), ...items, control('end')],
};

/** What the values say by default. */
export function valueOf(path: string): unknown {
  let at: unknown = VALUES;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !(name in at)) throw new Error(`values have no ${path}`);
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** As templates have it: nothing, zero and what is empty are false. */
function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
