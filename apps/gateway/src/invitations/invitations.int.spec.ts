import { makeInvitationToken, newId, ProblemError, tokenDigest, type Invitation } from '@mcpstack/contracts';
import { expectProblem, Harness, type Answer } from '../../test/harness.ts';

let harness: Harness;
let session: string;
beforeAll(async () => {
  harness = await Harness.start();
  session = await harness.login();
});
afterAll(() => harness.stop());
afterEach(() => (harness.issuance.override = undefined));

const AT = '2026-01-01T00:00:00.000Z';
const call = (method: string, path: string, json?: unknown, token = session): Promise<Answer> =>
  harness.call(method, `${harness.organizationPath}/invitations${path}`, { token, json });
const lastSent = () => harness.issuance.commands.at(-1)!;
const BODY = { email: 'ada@example.com', role: 'developer' };

function stored(change: Partial<Invitation> = {}): Invitation {
  return {
    id: newId('invitation'),
    organizationId: harness.organizationId,
    role: 'viewer',
    state: 'pending',
    expiresAt: '2030-01-01T00:00:00.000Z',
    createdAt: AT,
    createdBy: { type: 'user', id: harness.userId },
    profileId: newId('user'),
    ...change,
  };
}

describe('POST /organizations/{orgId}/invitations', () => {
  it('201: answers the invitation and its token, once', async () => {
    const answer = await call('POST', '', BODY);
    expect(answer.status).toBe(201);
    const id = answer.body['id'] as string;
    expect(answer.body).toEqual({
      ...{ id, organizationId: harness.organizationId, ...BODY, state: 'pending', expiresAt: AT },
      ...{ createdAt: AT, createdBy: { type: 'user', id: harness.userId } },
      token: harness.issuance.secrets.at(-1),
    });
    expect(answer.headers['location']).toBe(`${harness.organizationPath}/invitations/${id}`);
    const { name, envelope } = lastSent();
    expect(name).toBe('inviteMember');
    expect(envelope.input).toEqual({ organizationId: harness.organizationId, ...BODY });
    // The token and the address are no matter for the log.
    for (const secret of [harness.issuance.secrets.at(-1)!, BODY.email])
      expect(harness.log).not.toContain(secret);
  });

  it('201: an expiry with an offset is sent in UTC', async () => {
    const answer = await call('POST', '', { ...BODY, expiresAt: '2030-01-31T12:00:00+02:00' });
    expect(answer.status).toBe(201);
    expect(lastSent().envelope.input).toMatchObject({ expiresAt: '2030-01-31T10:00:00.000Z' });
  });

  it('201: an address whose host has no dot, as the one of the local owner', async () => {
    const answer = await call('POST', '', { ...BODY, email: 'ada@localhost' });
    expect(answer.status).toBe(201);
    expect(lastSent().envelope.input).toMatchObject({ email: 'ada@localhost' });
  });

  it('201: says so when a replay cannot show the token again', async () => {
    harness.issuance.override = () => ({ invitation: stored(), secretAlreadyShown: true, position: '7' });
    const { body } = await call('POST', '', BODY);
    expect(body['secretAlreadyShown']).toBe(true);
    expect(body).not.toHaveProperty('token');
  });

  it.each<[string, unknown, string]>([
    ['no e-mail', { role: 'viewer' }, 'email'],
    ['no address', { ...BODY, email: 'ada' }, 'email'],
    ['a line break', { ...BODY, email: 'ada@example.com\nBcc: all@example.com' }, 'email'],
    ['10,000 characters', { ...BODY, email: `${'a'.repeat(10_000)}@example.com` }, 'email'],
    ['an unknown role', { ...BODY, role: 'root' }, 'role'],
    ['30 February', { ...BODY, expiresAt: '2030-02-30T00:00:00Z' }, 'expiresAt'],
    ['a time without an offset', { ...BODY, expiresAt: '2030-01-30T00:00:00' }, 'expiresAt'],
    ['a number', { ...BODY, expiresAt: 1_900_000_000_000 }, 'expiresAt'],
    ['null', { ...BODY, expiresAt: null }, 'expiresAt'],
    ['a token of the caller’s choice', { ...BODY, token: 'x' }, 'token'],
  ])('400: %s', async (_, json, field) => {
    const before = harness.issuance.commands.length;
    const answer = await call('POST', '', json);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe(field);
    expect(harness.issuance.commands).toHaveLength(before);
  });

  it('403: for whoever may not', async () => {
    expectProblem(await call('POST', '', BODY, harness.key('developer')), 403, 'forbidden');
  });
});

describe('GET and DELETE', () => {
  it('200: the address is shown, the stream of the profile is not', async () => {
    const invitation = stored();
    harness.models.addInvitation(invitation);
    harness.models.addProfile({ userId: invitation.profileId, email: 'ada@example.com' });
    harness.models.addInvitation(stored({ state: 'accepted', acceptedBy: harness.userId }));
    const one = await call('GET', `/${invitation.id}`);
    expect(one.status).toBe(200);
    const { profileId, ...shown } = invitation;
    expect(one.body).toEqual({ ...shown, email: 'ada@example.com' });
    const { body, text } = await call('GET', '');
    expect(body['data']).toMatchObject([
      { id: invitation.id, email: 'ada@example.com' },
      { state: 'accepted', acceptedBy: harness.userId },
    ]);
    expect(text).not.toContain(profileId);
    // Control: it is what the read model holds.
    expect(JSON.stringify(stored())).toContain('profileId');
  });

  it('204: DELETE revokes', async () => {
    const invitationId = newId('invitation');
    const answer = await call('DELETE', `/${invitationId}`);
    expect(answer.status).toBe(204);
    expect(lastSent()).toMatchObject({
      name: 'revokeInvitation',
      envelope: { input: { organizationId: harness.organizationId, invitationId } },
    });
  });

  it('404: what is no id of an invitation', async () => {
    for (const method of ['GET', 'DELETE'])
      expectProblem(await call(method, '/inv_%'.replace('%', '-')), 404, 'not-found');
  });
});

describe('POST /invitations/accept', () => {
  const accept = (json: unknown, token = session): Promise<Answer> =>
    harness.call('POST', '/api/v1/invitations/accept', { token, json });

  it('200: only the digest of the token goes on', async () => {
    const place = { organizationId: newId('organization'), invitationId: newId('invitation') };
    const token = makeInvitationToken(place);
    const answer = await accept({ token });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ organizationId: place.organizationId, userId: harness.userId });
    const { name, envelope } = lastSent();
    expect(name).toBe('acceptInvitation');
    expect(envelope.actor).toEqual({ type: 'user', id: harness.userId });
    expect(envelope.input).toEqual({ ...place, digest: tokenDigest(token) });
    expect(JSON.stringify(envelope)).not.toContain(token);
    expect(harness.log).not.toContain(token);
  });

  it.each(['', 'nonsense', 'mcpstack_it_a_b_c', 'x'.repeat(10_000)])('400: %p is none', async (token) => {
    const before = harness.issuance.commands.length;
    const answer = await accept({ token });
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.problem.errors?.[0]?.field).toBe('token');
    expect(harness.issuance.commands).toHaveLength(before);
  });

  it('400: a token in an address is refused, and never logged', async () => {
    const token = makeInvitationToken({
      organizationId: newId('organization'),
      invitationId: newId('invitation'),
    });
    expectProblem(await harness.call('GET', `/api/v1/me?token=${token}`), 400, 'bad-request');
    expect(harness.log).not.toContain(token);
  });

  it('403: a key accepts nothing; 404: as issuance decides', async () => {
    const place = { organizationId: newId('organization'), invitationId: newId('invitation') };
    const token = makeInvitationToken(place);
    expectProblem(await accept({ token }, harness.key('owner')), 403, 'forbidden');
    harness.issuance.override = () => {
      throw new ProblemError('not-found', 'There is no such invitation.');
    };
    expectProblem(await accept({ token }), 404, 'not-found');
  });
});
