/** A new key, as its fields hold it, and as the API takes it. */
import { nameProblem, ROLE_PERMISSIONS, ROLES, type Role } from '@mcpstack/contracts';
import type { Schema } from '../../api/client.ts';
import type { Here } from '../../api/organization.tsx';
import { dateProblem, defaultExpiry, expiresAtOf, expiryChoices, lastDate } from './expiry.ts';
import { ENVIRONMENT, TAG } from './key-filter.ts';
import { termsIn, type TermsValues } from './terms.ts';

export type Policy = Schema<'PolicyAnswer'>;

export interface NewKeyValues {
  name: string;
  role: Role;
  expiry: string;
  date: string;
  environment: string;
  tags: string[];
}

/** Nobody gives more than they hold. */
export function rolesToGive({ can }: Here, { allowedKeyRoles }: Policy): readonly Role[] {
  return ROLES.filter(
    (role) => ROLE_PERMISSIONS[role].every(can) && (allowedKeyRoles?.includes(role) ?? true),
  );
}

/** The smallest that does for most. @returns `undefined` where none may be given. */
export function roleToSuggest(roles: readonly Role[]): Role | undefined {
  return roles.includes('developer') ? 'developer' : roles.at(-1);
}

/** What was chosen, unless it is not offered any more: the policy, and what the reader may do, change meanwhile. */
export function fitting(values: NewKeyValues, roles: readonly Role[], policy: Policy): NewKeyValues {
  const { role, expiry } = values;
  return {
    ...values,
    role: roles.includes(role) ? role : (roleToSuggest(roles) ?? role),
    expiry: expiryChoices(policy).some(({ value }) => value === expiry) ? expiry : defaultExpiry(policy),
  };
}

export function newKey(role: Role, policy: Policy): NewKeyValues {
  return { name: '', role, expiry: defaultExpiry(policy), date: '', environment: '', tags: [] };
}

export const nameRule = (name: string): string | null => {
  const problem = nameProblem(name);
  return problem === undefined ? null : `The name ${problem}.`;
};

export const tagsRule = (tags: readonly string[]): string | null =>
  tags.every((tag) => TAG.test(tag)) ? null : 'Small letters, digits and . _ : - only, such as team:ci.';

export const newKeyRules = (policy: Policy) => ({
  name: nameRule,
  date: (date: string, { expiry }: NewKeyValues) => {
    const nowMs = Date.now();
    return expiry === 'date' ? dateProblem(date, lastDate(policy, nowMs), nowMs) : null;
  },
  environment: (value: string) =>
    value === '' || ENVIRONMENT.test(value) ? null : 'Small letters, digits and dashes, such as production.',
  tags: tagsRule,
});

export function bodyOf(values: NewKeyValues, limits: TermsValues, policy: Policy): Schema<'CreateKeyBody'> {
  const { name, role, expiry, date, environment, tags } = values;
  const expiresAt = expiresAtOf(expiry, date, policy, Date.now());
  return {
    name,
    role,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(environment !== '' && { environment }),
    ...(tags.length > 0 && { tags }),
    ...termsIn(limits, ROLE_PERMISSIONS[role]),
  };
}
