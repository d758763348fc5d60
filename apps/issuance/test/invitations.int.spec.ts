/** Inviting: the token is shown once and stands nowhere, and the address in a profile alone. */
import { randomUUID } from 'node:crypto';
import { newId, parseInvitationToken } from '@mcpstack/contracts';
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
import { Harness, sha256, strongKey } from './harness.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

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
const organizationEvents = (id: string) => harness.events(`organization-${id}`);
const profileTypes = async (profileId: string) =>
  (await harness.events(`user-${profileId}`)).map(({ type }) => type);

describe('inviteMember', () => {
  it('accepted: the invitation and its token; the address stands in a profile alone', async () => {
    const organizationId = await mine();
    const { invitation, token, email, position } = await invite(harness, 'developer', {}, organizationId);
    expect(invitation).toEqual({
      id: expect.stringMatching(/^inv_/) as string,
      organizationId,
      role: 'developer',
      state: 'pending',
      expiresAt: expect.any(String) as string,
      createdAt: expect.any(String) as string,
      createdBy: harness.owner,
      profileId: expect.stringMatching(/^user_/) as string,
    });
    expect(Date.parse(invitation.expiresAt) - Date.parse(invitation.createdAt)).toBe(7 * DAY_MS);
    expect(parseInvitationToken(token)).toEqual({ invitationId: invitation.id, organizationId });
    expect(harness.asked.at(-1)).toMatchObject({ need: 'visible', position });
    const [, invited] = await organizationEvents(organizationId);
    const [profile] = await harness.events(`user-${invitation.profileId}`);
    expect(profile).toMatchObject({ type: 'UserProfileChanged', data: { email } });
    // First the profile: an invitation never names one that is not there.
    expect(profile!.position).toBeLessThan(invited!.position);
    expect(JSON.stringify(invited, (_, value: unknown) => String(value))).not.toContain(email);
  });

  it('neither token nor digest nor address stands in the organization’s events or any log', async () => {
    const organizationId = await mine();
    const input = { organizationId, role: 'viewer' as const, email: 'ada.lovelace@example.com' };
    const envelope = harness.envelope(input);
    const { token, invitation } = await harness.client.send('inviteMember', envelope);
    await accept(harness, await invite(harness, 'viewer', {}, organizationId), { actor: person() });
    const stored = JSON.stringify(
      (await organizationEvents(organizationId)).map(({ data, metadata }) => [data, metadata]),
    );
    // The digest of the request would confirm a guess of the address to anybody.
    const secrets = [token!, sha256(token!), input.email, envelope.requestDigest];
    for (const text of secrets) expect(stored).not.toContain(text);
    for (const text of secrets) expect(harness.logged).not.toContain(text);
    // Controls: the same search finds the address where it does stand, and the digest of another request.
    const profile = await harness.events(`user-${invitation.profileId}`);
    expect(JSON.stringify(profile.map(({ data }) => data))).toContain(input.email);
    const renamed = harness.envelope({ organizationId, name: 'Plain' });
    await harness.client.send('renameOrganization', renamed);
    const last = (await organizationEvents(organizationId)).at(-1)!;
    expect(JSON.stringify(last.metadata)).toContain(renamed.requestDigest);
  });

  it('repeated: the same token under the same strong Idempotency-Key, else that it was shown', async () => {
    const organizationId = await mine();
    const input = { organizationId, role: 'admin' as const, email: 'x@example.com' };
    const first = await expectRepeatable(harness, 'inviteMember', input);
    expect(first.token).toBeDefined();
    for (const idempotencyKey of [undefined, 'weak']) {
      const same = { commandId: randomUUID(), ...(idempotencyKey !== undefined && { idempotencyKey }) };
      const { token, ...rest } = await harness.send('inviteMember', input, same);
      expect(token).toBeDefined();
      expect(await harness.send('inviteMember', input, same)).toEqual({ ...rest, secretAlreadyShown: true });
    }
    const same = { commandId: randomUUID(), idempotencyKey: strongKey() };
    const { token } = await harness.send('inviteMember', input, same);
    expect(token).toBeDefined();
    const admin = await join(harness, 'admin', organizationId);
    const foreign = await harness.send('inviteMember', input, { ...same, actor: admin });
    expect(foreign).toMatchObject({ secretAlreadyShown: true });
    expect(foreign).not.toHaveProperty('token');
  });

  it('twenty tries of one command at once: one invitation, one profile, one token', async () => {
    const organizationId = await mine();
    const input = { organizationId, role: 'viewer' as const, email: 'x@example.com' };
    const same = { commandId: randomUUID(), idempotencyKey: strongKey() };
    const outputs = await Promise.all(
      Array.from({ length: 20 }, () => harness.send('inviteMember', input, same)),
    );
    expect(new Set(outputs.map(({ token }) => token)).size).toBe(1);
    const { invitation, token } = outputs[0]!;
    expect(await organizationEvents(organizationId)).toHaveLength(2);
    expect(await profileTypes(invitation.profileId)).toEqual(['UserProfileChanged']);
    await accept(harness, { invitation, token: token! }, { actor: person() });
  });

  it('another request under the same Idempotency-Key at once: one is refused, and the address stays', async () => {
    const organizationId = await mine();
    const same = { commandId: randomUUID(), idempotencyKey: strongKey() };
    const outcomes = await Promise.allSettled(
      ['one@example.com', 'two@example.com'].map((email) =>
        harness.send('inviteMember', { organizationId, role: 'viewer', email }, same),
      ),
    );
    const made = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(made).toHaveLength(1);
    for (const { invitation } of made)
      expect(await profileTypes(invitation.profileId)).toEqual(['UserProfileChanged']);
  });

  it('refused: without the permission, above oneself, foreign; and no address is kept', async () => {
    const organizationId = await mine();
    const input = { organizationId, role: 'viewer' as const, email: 'secret@example.com' };
    const developer = await join(harness, 'developer', organizationId);
    const admin = await join(harness, 'admin', organizationId);
    const { key } = await harness.createKey({ actor: harness.owner }, { organizationId, role: 'admin' });
    const head = await harness.head();
    await expectForbidden(harness.send('inviteMember', input, { actor: developer }), 'members:write');
    for (const actor of [admin, keyActor(key.id)]) {
      const above = harness.send('inviteMember', { ...input, role: 'owner' }, { actor });
      await expectForbidden(above, 'owners:write');
    }
    await expectHidden(
      harness.send('inviteMember', input, { actor: person() }),
      harness.send('inviteMember', input, { actor: keyActor(newId('key')) }),
      harness.send('inviteMember', { ...input, organizationId: newId('organization') }),
    );
    expect(await harness.head()).toBe(head);
    expect((await harness.send('inviteMember', input, { actor: keyActor(key.id) })).token).toBeDefined();
  });

  it.each<[string, string, object]>([
    ['no @', 'email', { email: 'ada.example.com' }],
    ['two @', 'email', { email: 'a@b@example.com' }],
    ['nothing before it', 'email', { email: '@example.com' }],
    ['too long', 'email', { email: `${'x'.repeat(250)}@example.com` }],
    ['a control character', 'email', { email: 'a\u0000@example.com' }],
    ['a line break', 'email', { email: 'a@example.com\nBcc: b' }],
    ['a lone surrogate', 'email', { email: 'a\ud800@example.com' }],
    ['white space', 'email', { email: 'a b@example.com' }],
    ['a list', 'email', { email: ['a@example.com'] }],
    ['an unknown role', 'role', { role: 'emperor' }],
    ['30 February', 'expiresAt', { expiresAt: '2027-02-30T00:00:00Z' }],
    ['the past', 'expiresAt', { expiresAt: '2001-01-01T00:00:00Z' }],
    ['31 days', 'expiresAt', { expiresAt: new Date(Date.now() + 31 * DAY_MS).toISOString() }],
  ])('refused: %s', async (_what, field, change) => {
    const head = await harness.head();
    const input = { organizationId: harness.organizationId, role: 'viewer', email: 'a@example.com' };
    const sent = harness.send('inviteMember', { ...input, ...change } as never);
    expect(await wrongFields(sent)).toEqual([field]);
    expect(await harness.head()).toBe(head);
  });
});
