/** Folding many events at once: what it comes to, what it leaves alone, and what it costs. */
import fc from 'fast-check';
import { acmeCreated } from '../../test/organization-samples.ts';
import { AT, CREDENTIAL, daysOn, LATER, OWNER } from '../../test/samples.ts';
import {
  evolveOrganization,
  evolveOrganizationAll,
  noOrganization,
  type OrganizationEvent,
  type OrganizationState,
} from './events.ts';

const event = (type: OrganizationEvent['type'], data: object): OrganizationEvent =>
  ({ type, data, at: LATER, actor: OWNER }) as OrganizationEvent;
const invited = (invitationId: string) =>
  event('MemberInvited', {
    invitationId,
    role: 'viewer',
    profileId: 'user_p',
    credential: CREDENTIAL,
    expiresAt: daysOn(1),
  });
const oneByOne = (state: OrganizationState, events: readonly OrganizationEvent[]) =>
  events.reduce(evolveOrganization, state);

const userId = fc.constantFrom('user_1', 'user_2', OWNER.id);
const invitationId = fc.constantFrom('inv_1', 'inv_2', 'inv_3');
const step = fc.oneof(
  invitationId.map(invited),
  invitationId.map((id) => event('InvitationRevoked', { invitationId: id })),
  fc
    .tuple(invitationId, userId)
    .map(([id, by]) => event('InvitationAccepted', { invitationId: id, userId: by, role: 'viewer' })),
  userId.map((id) => event('MemberRoleChanged', { userId: id, role: 'admin' })),
  fc
    .tuple(fc.constantFrom('MemberSuspended', 'MemberResumed', 'MemberRemoved'), userId)
    .map(([type, id]) => event(type as OrganizationEvent['type'], { userId: id })),
  fc.constantFrom('OrganizationSuspended', 'OrganizationResumed').map((type) => event(type as never, {})),
);
const history = fc.array(step, { maxLength: 40 });

describe('many events at once', () => {
  it('come to the same as one by one, and what was known before stays as it was', () => {
    fc.assert(
      fc.property(history, history, (first, then) => {
        const before = oneByOne(noOrganization, [acmeCreated, ...first]);
        const copy = structuredClone(before);
        expect(evolveOrganizationAll(noOrganization, [acmeCreated, ...first])).toEqual(before);
        expect(evolveOrganizationAll(before, then)).toEqual(oneByOne(before, then));
        expect(before).toEqual(copy);
      }),
    );
  });

  it('cost what they are many; control: one by one, the square of that', () => {
    const events = (count: number) =>
      Array.from({ length: count }, (_value, n) =>
        n === 0 ? { ...acmeCreated, at: AT } : invited(`inv_${n}`),
      );
    const costMs = (fold: typeof oneByOne, count: number) => {
      const list = events(count);
      const before = process.cpuUsage();
      fold(noOrganization, list);
      return process.cpuUsage(before).user / 1_000;
    };
    costMs(evolveOrganizationAll, 1_000);
    const many = costMs(evolveOrganizationAll, 10_000);
    expect(many).toBeLessThan(2_000);
    expect(costMs(oneByOne, 3_000)).toBeGreaterThan(many);
  });
});
