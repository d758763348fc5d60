import { makeInvitationToken, makeToken, newId } from '@mcpstack/contracts';
import {
  makeRefreshToken,
  makeSessionToken,
  newSessionName,
  nextTokens,
  parseRefreshToken,
  parseSessionToken,
  secretDigest,
} from './session-tokens.ts';

const PREFIX = 'mcpstack';
const name = newSessionName(newId('user'));
const access = makeSessionToken(PREFIX, name);
const refresh = makeRefreshToken(PREFIX, name);

describe('tokens of sessions', () => {
  it('name their session, and are told apart by their spelling', () => {
    expect(parseSessionToken(access, PREFIX)).toEqual({
      type: 'session',
      ...name,
      digest: secretDigest(access),
    });
    expect(parseRefreshToken(refresh, PREFIX)).toMatchObject({ type: 'refresh', ...name });
    expect(parseSessionToken(refresh, PREFIX)).toBeUndefined();
    expect(parseRefreshToken(access, PREFIX)).toBeUndefined();
  });

  it('have a secret of 256 random bits, another one each time', () => {
    expect(access).toMatch(/^mcpstack_st_[0-9A-Za-z]{22}_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}$/);
    expect(refresh).toMatch(/^mcpstack_rt_[0-9A-Za-z]{22}_[0-9A-Za-z]{22}_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}$/);
    expect(makeSessionToken(PREFIX, name)).not.toBe(access);
    expect(makeRefreshToken(PREFIX, name)).not.toBe(refresh);
  });

  it.each([
    ['nothing', ''],
    ['another prefix', access.replace('mcpstack', 'other')],
    ['one character less', access.slice(0, -1)],
    ['one more', `${access}0`],
    ['one that is no base62', `${access.slice(0, -1)}-`],
    ['a part less', access.split('_').slice(0, -1).join('_')],
    ['a part more', `${access}_0`],
    ['an empty name', `mcpstack_st___${'0'.repeat(43)}`],
    ['a name of another key', `mcpstack_st_a.b_*_${'0'.repeat(43)}`],
    ['a very long name', `mcpstack_st_${'0'.repeat(10_000)}_0_${'0'.repeat(43)}`],
    ['a service key', makeToken('service')],
    [
      'an invitation',
      makeInvitationToken({ invitationId: newId('invitation'), organizationId: newId('organization') }),
    ],
  ])('are not: %s', (_, text) => {
    expect(parseSessionToken(text, PREFIX)).toBeUndefined();
    expect(parseRefreshToken(text.replace('_st_', '_rt_'), PREFIX)).toBeUndefined();
  });
});

describe('the tokens that follow on a refresh token', () => {
  const next = nextTokens(PREFIX, refresh, 'salt');

  it('are the same for one salt, and others for another salt or another token', () => {
    expect(nextTokens(PREFIX, refresh, 'salt')).toEqual(next);
    const others = [
      nextTokens(PREFIX, refresh, 'pepper'),
      nextTokens(PREFIX, makeRefreshToken(PREFIX, name), 'salt'),
      nextTokens(PREFIX, next.refreshToken, 'salt'),
    ];
    const all = [next, ...others].flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken]);
    const secrets = all.map((token) => token.split('_').at(-1));
    expect(new Set(secrets).size).toBe(all.length);
  });

  it('are of the same session and family', () => {
    const before = parseRefreshToken(refresh, PREFIX)!;
    expect(parseSessionToken(next.accessToken, PREFIX)).toMatchObject(name);
    const after = parseRefreshToken(next.refreshToken, PREFIX)!;
    expect(after).toMatchObject({ ...name, family: before.family });
    expect(after.digest).not.toBe(before.digest);
  });
});
