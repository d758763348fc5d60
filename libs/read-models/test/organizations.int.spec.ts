/** What is asked about organizations and people, and that nobody learns of what is another's. */
import { newId } from '@mcpstack/contracts';
import { streamName } from '@mcpstack/domain';
import { ACTOR, digestOf } from './log.ts';
import { all, DAY_MS, ids, log, models, organizationId, ownerId, publish } from './published-log.ts';

describe('organizations, members, invitations, profiles', () => {
  const stream = () => streamName('organization', organizationId);
  const invite = (invitationId = newId('invitation'), profileId = newId('user')) => {
    log.append(stream(), 'MemberInvited', {
      invitationId,
      role: 'developer',
      profileId,
      credential: { digest: digestOf(invitationId), pepperVersion: 1 },
      expiresAt: log.timeAfter(DAY_MS),
    });
    return { invitationId, profileId };
  };
  const accept = (invitationId: string, userId = newId('user')) => {
    log.append(stream(), 'InvitationAccepted', { invitationId, userId, role: 'developer' });
    return userId;
  };

  it('members in the order in which they joined, each with state and role', async () => {
    const users = Array.from({ length: 7 }, () => accept(invite().invitationId));
    log.append(stream(), 'MemberRoleChanged', { userId: users[0], role: 'admin' });
    log.append(stream(), 'MemberSuspended', { userId: users[1] });
    log.append(stream(), 'MemberRemoved', { userId: users[2] });
    log.append(stream(), 'MemberRoleChanged', { userId: users[2], role: 'owner' });
    await publish();
    const members = await all((page) => models.listMembers(organizationId, page));
    const expected = [ownerId, users[0], users[1], ...users.slice(3)];
    expect(members.map(({ userId }) => userId)).toEqual(expected);
    expect(members[1]).toEqual({
      organizationId,
      userId: users[0],
      role: 'admin',
      state: 'active',
      joinedAt: expect.any(String) as string,
    });
    expect((await models.getMember(organizationId, users[1]!)).value).toMatchObject({ state: 'suspended' });
    expect((await models.getMember(organizationId, users[2]!)).value).toBeUndefined();
    expect((await models.getMember(organizationId, 'constructor')).value).toBeUndefined();
    expect((await models.getMember(newId('organization'), users[0]!)).value).toBeUndefined();
    expect((await models.listOrganizationsOf(users[0]!)).value).toMatchObject([
      { id: organizationId, role: 'admin', state: 'active' },
    ]);
    expect((await models.listOrganizationsOf(users[1]!)).value).toEqual([]);
    expect((await models.listOrganizationsOf(users[2]!)).value).toEqual([]);
    expect((await models.listMembers(newId('organization'))).value).toEqual({ items: [] });
    log.append(stream(), 'MemberResumed', { userId: users[1] });
    await publish();
    expect((await models.listOrganizationsOf(users[1]!)).value).toMatchObject([{ id: organizationId }]);
  });

  it('invitations, newest first, without what the token is checked with', async () => {
    const sent = Array.from({ length: 5 }, () => invite());
    const acceptedBy = accept(sent[0]!.invitationId);
    log.append(stream(), 'InvitationRevoked', { invitationId: sent[1]!.invitationId });
    await publish();
    const listed = await all((page) => models.listInvitations(organizationId, page));
    expect(ids(listed)).toEqual(sent.map(({ invitationId }) => invitationId).reverse());
    expect(listed.map(({ state }) => state)).toEqual([
      'pending',
      'pending',
      'pending',
      'revoked',
      'accepted',
    ]);
    expect(listed[4]).toMatchObject({
      acceptedBy,
      profileId: sent[0]!.profileId,
      role: 'developer',
      createdBy: ACTOR,
    });
    expect(JSON.stringify(listed)).not.toContain(digestOf(sent[0]!.invitationId));
    const one = await models.getInvitation(organizationId, sent[2]!.invitationId);
    expect(one.value).toEqual(listed[2]);
    expect((await models.getInvitation(newId('organization'), sent[2]!.invitationId)).value).toBeUndefined();
    expect((await models.getInvitation(organizationId, newId('invitation'))).value).toBeUndefined();
  });

  it('the organization with policy, state and revision', async () => {
    const policy = { onMakerLoss: 'revoke', longestKeyLifeDays: 30 };
    log.append(stream(), 'OrganizationPolicyChanged', { policy });
    log.append(stream(), 'OrganizationRenamed', { name: 'Other' });
    log.append(stream(), 'OrganizationSuspended', {});
    await publish();
    expect((await models.getOrganization(organizationId)).value).toEqual({
      id: organizationId,
      name: 'Other',
      state: 'suspended',
      policy,
      createdAt: expect.any(String) as string,
      revision: '3',
    });
  });

  it('profiles, until they are erased, and nothing of them afterwards', async () => {
    const [known, erased, parked] = [newId('user'), newId('user'), newId('user')];
    for (const userId of [known, erased, parked])
      log.append(streamName('user', userId), 'UserProfileChanged', { userId, email: 'ada@example.com' });
    log.append(streamName('user', erased), 'UserProfileErased', { userId: erased });
    log.append(streamName('user', parked), 'UserProfileTeleported', {});
    await publish();
    const { value } = await models.getProfiles([newId('user'), known, erased, parked]);
    expect(value).toEqual([undefined, { userId: known, email: 'ada@example.com' }, undefined, undefined]);
    expect((await models.getProfiles([])).value).toEqual([]);
    await expect(models.getProfiles(Array.from({ length: 201 }, () => known))).rejects.toThrow(RangeError);
  });
});
