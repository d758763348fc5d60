/**
 * Random histories of an organization's members: there is always an owner in force, and nobody ever gets more by
 * what they do to themselves, nor gives more than they hold (G8).
 */
import { permissionsOf, ProblemError, ROLES, type Actor } from '@mcpstack/contracts';
import fc from 'fast-check';
import {
  organization,
  organizationCodec,
  type KnownOrganization,
  type OrganizationCommand,
} from '../src/index.ts';
import { acmeCreated } from './organization-samples.ts';
import { AT, CREDENTIAL, daysOn, LATER, ORGANIZATION_ID, OWNER_ID } from './samples.ts';

const USERS = [OWNER_ID, 'user_1', 'user_2', 'user_3'];
const INVITATIONS = ['inv_1', 'inv_2', 'inv_3', 'inv_4'];

const actor = fc
  .oneof(fc.constantFrom(...USERS), fc.constant(OWNER_ID))
  .map((id): Actor => ({ type: 'user', id }));
const base = { at: fc.constant(LATER), actor, organizationId: fc.constant(ORGANIZATION_ID) };
const userId = fc.constantFrom(...USERS);
const role = fc.oneof(fc.constantFrom(...ROLES), fc.constant('owner' as const));
const invitationId = fc.constantFrom(...INVITATIONS);
const step: fc.Arbitrary<OrganizationCommand> = fc.oneof(
  fc.record({
    type: fc.constant('InviteMember' as const),
    ...base,
    invitationId,
    role,
    profileId: fc.constant('user_p'),
    credential: fc.constant(CREDENTIAL),
    expiresAt: fc.constant(daysOn(1)),
  }),
  fc.record({
    type: fc.constant('AcceptInvitation' as const),
    ...base,
    invitationId,
    isProven: fc.constant(true),
  }),
  fc.record({ type: fc.constant('RevokeInvitation' as const), ...base, invitationId }),
  fc.record({ type: fc.constant('ChangeMemberRole' as const), ...base, userId, role }),
  fc.record({ type: fc.constantFrom('SuspendMember' as const, 'ResumeMember' as const), ...base, userId }),
  fc.record({ type: fc.constantFrom('RemoveMember' as const, 'ResumeMember' as const), ...base, userId }),
  fc.record({
    type: fc.constantFrom('SuspendOrganization' as const, 'ResumeOrganization' as const),
    ...base,
  }),
);
const history = fc.array(step, { minLength: 20, maxLength: 60 });

const ownersOf = (state: KnownOrganization) =>
  Object.values(state.members).filter((one) => one.role === 'owner' && one.state === 'active');
const heldBy = (state: KnownOrganization, id: string): readonly string[] => {
  const member = state.members[id];
  return member?.state === 'active' ? permissionsOf(member.role) : [];
};

type Apply = (state: KnownOrganization, command: OrganizationCommand) => KnownOrganization;
const decided: Apply = (state, command) => {
  try {
    const events = organization.decide(command, state);
    for (const event of events) organizationCodec.encode(event);
    return events.reduce(organization.evolve, state) as KnownOrganization;
  } catch (error) {
    if (error instanceof ProblemError) return state;
    throw error;
  }
};
/** The rule switched off: roles change as asked. */
const unguarded: Apply = (state, command) =>
  command.type === 'ChangeMemberRole'
    ? (organization.evolve(state, {
        type: 'MemberRoleChanged',
        data: { userId: command.userId, role: command.role },
        at: AT,
        actor: command.actor,
      }) as KnownOrganization)
    : decided(state, command);

function run(steps: readonly OrganizationCommand[], apply: Apply): number {
  let state = organization.evolve(organization.initial, acmeCreated) as KnownOrganization;
  let changed = 0;
  for (const command of steps) {
    const next = apply(state, command);
    if (next === state) continue;
    changed += 1;
    expect(ownersOf(next).length).toBeGreaterThan(0);
    // Whoever holds more than before was given it by somebody who holds that: not by themselves.
    for (const id of USERS) {
      const gained = heldBy(next, id).filter((one) => !heldBy(state, id).includes(one));
      const giver = giverOf(state, command);
      expect(gained.filter((one) => !heldBy(state, giver).includes(one))).toEqual([]);
      if (gained.length > 0) expect(giver).not.toBe(id);
    }
    state = next;
  }
  return changed;
}

/** Who stands for what the command gives: of an invitation, who made it, as they are now. */
function giverOf(state: KnownOrganization, command: OrganizationCommand): string {
  if (command.type !== 'AcceptInvitation') return command.actor.id;
  return state.invitations[command.invitationId]?.createdBy.id ?? command.actor.id;
}

describe('random histories of members (G8)', () => {
  it('always leave an owner in force, and nobody above themselves', () => {
    let changed = 0;
    fc.assert(
      fc.property(history, (steps) => {
        changed += run(steps, decided);
      }),
      { numRuns: 200 },
    );
    expect(changed).toBeGreaterThan(300);
  });

  it('control: roles that change as asked are found', () =>
    expect(() =>
      fc.assert(
        fc.property(history, (steps) => void run(steps, unguarded)),
        { endOnFailure: true },
      ),
    ).toThrow());
});
