/** What becomes of invitations: one makes one member, or is revoked; the address goes with the end. */
import { randomUUID } from 'node:crypto';
import { newId } from '@mcpstack/contracts';
import type { RecordedEvent } from '@mcpstack/event-store';
import {
  accept,
  expectForbidden,
  expectHidden,
  expectRepeatable,
  invite,
  join,
  keyActor,
  person,
  wrongFields,
} from './checks.ts';
import { Harness, problemOf, sha256 } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
beforeEach(() => {
  harness.confirm = () => ({ confirmed: true });
  harness.asked.splice(0);
});

const mine = () => harness.createOrganization('Umbrella', harness.owner.id);
const codeOf = async (sent: Promise<unknown>) => (await problemOf(sent)).code;
const organizationEvents = (id: string) => harness.events(`organization-${id}`);
const profileTypes = async (profileId: string) =>
  (await harness.events(`user-${profileId}`)).map(({ type }) => type);

/** Writes an invitation that runs out at once, as one that was made long ago. */
async function expire(organizationId: string, token: string, invitation: { id: string; profileId: string }) {
  const events: RecordedEvent[] = await organizationEvents(organizationId);
  const invited = events.find(({ type }) => type === 'MemberInvited')!;
  const invitationId = newId('invitation');
  await harness.write('organization', organizationId, {
    type: 'MemberInvited',
    data: { ...invited.data, invitationId, expiresAt: new Date(Date.now() - 1).toISOString() },
  });
  return { token, invitation: { ...invitation, id: invitationId, organizationId } };
}

describe('acceptInvitation', () => {
  it('accepted: the member, and the address is erased; repeated: the same', async () => {
    const organizationId = await mine();
    const { invitation, token } = await invite(harness, 'developer', {}, organizationId);
    const actor = person();
    const input = { organizationId, invitationId: invitation.id, digest: sha256(token) };
    const output = await expectRepeatable(harness, 'acceptInvitation', input, { actor });
    expect(output).toMatchObject({
      member: { organizationId, userId: actor.id, role: 'developer', state: 'active' },
      revokedKeyIds: [],
    });
    expect(await profileTypes(invitation.profileId)).toEqual(['UserProfileErased']);
    const [erased] = (await harness.events(`user-${invitation.profileId}`)).slice(-1);
    expect(output.position).toBe(String(erased!.position));
    // Under another command id the member is told that it is one already, in the same way.
    const again = await harness.send('acceptInvitation', input, { actor });
    expect(again.member).toEqual(output.member);
    expect((await organizationEvents(organizationId)).map(({ type }) => type)).toEqual([
      'OrganizationCreated',
      'MemberInvited',
      'InvitationAccepted',
    ]);
  });

  it('a wrong token, an unknown invitation, a foreign organization, none: one answer, nothing written', async () => {
    const organizationId = await mine();
    const foreign = await mine();
    const made = await invite(harness, 'viewer', {}, organizationId);
    const other = await invite(harness, 'viewer', {}, organizationId);
    const actor = person();
    const input = { organizationId, invitationId: made.invitation.id, digest: sha256(made.token) };
    const head = await harness.head();
    const send = (change: object) => harness.send('acceptInvitation', { ...input, ...change }, { actor });
    await expectHidden(
      send({ digest: sha256('guess') }),
      send({ digest: sha256(other.token) }),
      send({ invitationId: newId('invitation') }),
      send({ organizationId: foreign }),
      send({ organizationId: newId('organization') }),
    );
    expect(await harness.head()).toBe(head);
    expect(await wrongFields(send({ digest: made.token }))).toEqual(['digest']);
    await accept(harness, made, { actor });
  });

  it('revoked, expired, used: conflict for whoever shows the token, nothing for anybody else', async () => {
    const organizationId = await mine();
    const used = await invite(harness, 'viewer', {}, organizationId);
    await accept(harness, used, { actor: person() });
    const revoked = await invite(harness, 'viewer', {}, organizationId);
    await harness.send('revokeInvitation', { organizationId, invitationId: revoked.invitation.id });
    const expired = await expire(organizationId, used.token, used.invitation);
    const head = await harness.head();
    for (const one of [used, revoked, expired]) {
      expect(await codeOf(accept(harness, one, { actor: person() }))).toBe('conflict');
      await expectHidden(accept(harness, { ...one, token: 'guess' }, { actor: person() }));
    }
    expect(await harness.head()).toBe(head);
  });

  it('refused: to keys and the system, and to whoever is a member already', async () => {
    const made = await invite(harness, 'viewer');
    await expectForbidden(accept(harness, made, { actor: keyActor(newId('key')) }));
    await expectForbidden(accept(harness, made, { actor: { type: 'system', id: 'setup' } }));
    await expectForbidden(accept(harness, made, { actor: { type: 'user', id: 'not-an-id' } }));
    expect(await codeOf(accept(harness, made, { actor: harness.owner }))).toBe('conflict');
  });

  it('made by a key that was revoked since: refused (G8); control: one that it made works while it is in force', async () => {
    const organizationId = await mine();
    const { key } = await harness.createKey({}, { organizationId, role: 'admin' });
    const [first, second] = [
      await invite(harness, 'admin', { actor: keyActor(key.id) }, organizationId),
      await invite(harness, 'admin', { actor: keyActor(key.id) }, organizationId),
    ];
    await accept(harness, first, { actor: person() });
    await harness.send('revokeKey', { organizationId, keyId: key.id, kind: 'service' });
    expect(await codeOf(accept(harness, second, { actor: person() }))).toBe('conflict');
  });

  it('the log confirms no guess of the token (G1)', async () => {
    const organizationId = await mine();
    const { invitation, token } = await invite(harness, 'viewer', {}, organizationId);
    const input = { organizationId, invitationId: invitation.id, digest: sha256(token) };
    const asked = harness.envelope(input, { actor: person() });
    await harness.client.send('acceptInvitation', asked);
    const written = [
      ...(await organizationEvents(organizationId)),
      ...(await harness.events(`user-${invitation.profileId}`)),
    ].map(({ data, metadata }) => JSON.stringify({ data, metadata }));
    expect(written).toHaveLength(4);
    for (const text of written) {
      expect(text).not.toContain(asked.requestDigest);
      expect(text).not.toContain(input.digest);
    }
  });

  it('fifty people who accept one invitation at once: one member', async () => {
    const organizationId = await mine();
    const made = await invite(harness, 'developer', {}, organizationId);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () => accept(harness, made, { actor: person() })),
    );
    const members = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.member] : []));
    expect(members).toHaveLength(1);
    const codes = outcomes.flatMap((one) =>
      one.status === 'rejected' ? [(one.reason as { code: string }).code] : [],
    );
    expect(new Set(codes)).toEqual(new Set(['conflict']));
    const accepted = (await organizationEvents(organizationId)).filter(
      ({ type }) => type === 'InvitationAccepted',
    );
    expect(accepted.map(({ data }) => data.userId)).toEqual([members[0]!.userId]);
  });

  it('fifty tries of one person at once, each a command of its own: one member, every try says so', async () => {
    const organizationId = await mine();
    const made = await invite(harness, 'developer', {}, organizationId);
    const actor = person();
    const outputs = await Promise.all(Array.from({ length: 50 }, () => accept(harness, made, { actor })));
    expect(new Set(outputs.map(({ member }) => JSON.stringify(member))).size).toBe(1);
    expect(await organizationEvents(organizationId)).toHaveLength(3);
  });

  it('a retry after the member was removed does not say that it is one', async () => {
    const organizationId = await mine();
    const made = await invite(harness, 'viewer', {}, organizationId);
    const same = { actor: person(), commandId: randomUUID() };
    await accept(harness, made, same);
    await harness.send('removeMember', { organizationId, userId: same.actor.id });
    expect(await codeOf(accept(harness, made, same))).toBe('conflict');
    expect(await codeOf(accept(harness, made, { actor: same.actor }))).toBe('conflict');
  });
});

describe('revokeInvitation', () => {
  it('accepted and repeated: the invitation ends, the address is erased', async () => {
    const organizationId = await mine();
    const { invitation } = await invite(harness, 'viewer', {}, organizationId);
    const input = { organizationId, invitationId: invitation.id };
    const { position } = await expectRepeatable(harness, 'revokeInvitation', input);
    expect(await profileTypes(invitation.profileId)).toEqual(['UserProfileErased']);
    const [erased] = (await harness.events(`user-${invitation.profileId}`)).slice(-1);
    expect(position).toBe(String(erased!.position));
    await harness.send('revokeInvitation', input);
    expect(await profileTypes(invitation.profileId)).toHaveLength(1);
    expect(await organizationEvents(organizationId)).toHaveLength(3);
  });

  it('a crash before the erasure: the retry erases', async () => {
    const organizationId = await mine();
    const { invitation } = await invite(harness, 'viewer', {}, organizationId);
    await harness.write('organization', organizationId, {
      type: 'InvitationRevoked',
      data: { invitationId: invitation.id },
    });
    // Control: until then it stands.
    expect(await profileTypes(invitation.profileId)).toEqual(['UserProfileChanged']);
    await harness.send('revokeInvitation', { organizationId, invitationId: invitation.id });
    expect(await profileTypes(invitation.profileId)).toEqual(['UserProfileErased']);
  });

  it('refused: accepted already, without the permission, an owner’s by an admin, foreign, unknown', async () => {
    const organizationId = await mine();
    const made = await invite(harness, 'viewer', {}, organizationId);
    const ownerly = await invite(harness, 'owner', {}, organizationId);
    const admin = await join(harness, 'admin', organizationId);
    const viewer = await join(harness, 'viewer', organizationId);
    const input = { organizationId, invitationId: made.invitation.id };
    await expectForbidden(harness.send('revokeInvitation', input, { actor: viewer }), 'members:write');
    const above = { organizationId, invitationId: ownerly.invitation.id };
    await expectForbidden(harness.send('revokeInvitation', above, { actor: admin }), 'owners:write');
    await expectHidden(
      harness.send('revokeInvitation', input, { actor: person() }),
      harness.send('revokeInvitation', { ...input, invitationId: newId('invitation') }),
      harness.send('revokeInvitation', { ...input, organizationId: await mine() }),
    );
    await accept(harness, made, { actor: person() });
    expect(await codeOf(harness.send('revokeInvitation', input))).toBe('conflict');
  });
});
