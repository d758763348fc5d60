/** A moment, told to a person: lines that fit 80 columns. */
import { wrapped } from '../words.ts';
import { type Holder, type KeyAt, type MemberAt, type OrganizationAt } from './answer.ts';

const INDENT = { indent: '  ', hanging: '    ' };

export function holderLines({
  kind,
  id,
  name,
  role,
  since,
  why,
  conditions,
  organizationId,
}: Holder): string[] {
  const named = name === undefined ? '' : ` ${JSON.stringify(name)}`;
  return [
    ...wrapped(`${kind} ${id}${named}, ${role} in ${organizationId}`, { hanging: '  ' }),
    ...wrapped([`since ${since}: ${why}`, ...conditions].join('; '), INDENT),
  ];
}

/** One key in a list. */
export function keyLines(key: KeyAt): string[] {
  const { id, name, kind, verdict, role } = key;
  return [
    ...wrapped(`${verdict.code} ${id} ${JSON.stringify(name)}, ${role ?? kind}`, { hanging: '  ' }),
    ...wrapped([verdictText(key), ...detailsOf(key)].join('; '), INDENT),
  ];
}

function verdictText({ verdict: { why, since } }: KeyAt): string {
  return since === undefined ? why : `${why} since ${since}`;
}

function detailsOf({ conditions, secrets, origins, expiresAt, verdict }: KeyAt): string[] {
  if (verdict.code !== 'VALID') return [];
  return [
    ...(expiresAt === undefined ? ['no expiry'] : [`until ${expiresAt}`]),
    ...(secrets && secrets.length > 1 ? [`secrets ${secrets.join(' and ')} worked`] : []),
    ...(origins ? [`from ${origins.join(' ')}`] : []),
    ...conditions,
  ];
}

/** One key alone, with all that is known. */
export function keyFields(key: KeyAt): (readonly [string, string | undefined])[] {
  const { verdict, permissions, secrets, origins, conditions } = key;
  return [
    ['Key', key.id],
    ['Name', JSON.stringify(key.name)],
    ['Organization', key.organizationId],
    ['Kind', key.kind],
    ['Answer', `${verdict.code}: ${verdictText(key)}`],
    ['Role', key.role],
    ['Permissions', permissions && (permissions.join(' ') || 'none')],
    ['Conditions', conditions.join('; ')],
    ['Secrets', secrets && (secrets.join(' and ') || 'none that worked')],
    ['Agent', key.agentId],
    ['Origins', origins && (origins.join(' ') || 'none')],
    ['Expires', key.expiresAt ?? 'never'],
    ['Made', `${key.createdAt} by ${key.createdBy}`],
    ['Last used', key.lastUsedAt ?? 'never, as far as was counted'],
  ];
}

export function memberLines(member: MemberAt): string[] {
  const { userId, name, role, state, organizationId, joinedAt, why, permissions } = member;
  const named = name === undefined ? '' : ` ${JSON.stringify(name)}`;
  const held = permissions.length === 0 ? 'nothing was allowed' : `could: ${permissions.join(' ')}`;
  return [
    ...wrapped(`${userId}${named}, ${role} in ${organizationId}, ${state}`, { hanging: '  ' }),
    ...wrapped(`member since ${joinedAt}: ${why}; ${held}`, INDENT),
  ];
}

export function organizationLines(one: OrganizationAt): string[] {
  const { id, name, state, since, members, keys, validKeys } = one;
  return [
    ...wrapped(`${id} ${JSON.stringify(name)}, ${state} since ${since}`, { hanging: '  ' }),
    ...wrapped(
      `${members} ${members === 1 ? 'member' : 'members'}; ${validKeys} of ${keys} keys valid`,
      INDENT,
    ),
  ];
}
