/** Who answers for a key: the person at the end of the chain of its makers. */
import { type Role } from '@mcpstack/contracts';
import { type View } from './checks.ts';
import { type SurveyedKey } from './survey.ts';

export interface Maker {
  /** The person at the end of the chain; undefined for what no person made. */
  makerId: string | undefined;
  member: 'active' | 'suspended' | 'none';
  role: Role | undefined;
  /** How the key comes from the person, if not directly. */
  through: string;
}

/** Keys may make keys: whoever made the first of them answers for all. */
export function makerOf(key: SurveyedKey, { survey, organization }: View): Maker {
  const nobody: Maker = { makerId: undefined, member: 'none', role: undefined, through: '' };
  const seen = new Set<string>([key.id]);
  let { createdBy } = key;
  let through = '';
  while (createdBy.type === 'key') {
    const maker = survey.keys.get(createdBy.id);
    // A log that names itself as its own maker must not hold us up.
    if (!maker || seen.has(maker.id)) return nobody;
    seen.add(maker.id);
    through ||= `, through ${maker.id}`;
    ({ createdBy } = maker);
  }
  if (createdBy.type !== 'user' || !organization) return nobody;
  const { members } = organization;
  const member = Object.hasOwn(members, createdBy.id) ? members[createdBy.id] : undefined;
  return { makerId: createdBy.id, member: member?.state ?? 'none', role: member?.role, through };
}
