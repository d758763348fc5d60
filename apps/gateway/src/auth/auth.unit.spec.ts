import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { makeInvitationToken, makeToken, newId, type ProblemError, tokenDigest } from '@mcpstack/contracts';
import { readCredential, readPublishableKey } from './credentials.ts';
import { makeSessionToken, newSessionName, parseSessionToken } from './session-tokens.ts';

function read(...rawHeaders: string[]): unknown {
  return readWith(readCredential, rawHeaders);
}

function readWith(
  reader: (request: IncomingMessage, prefix: string) => unknown,
  rawHeaders: string[],
): unknown {
  const request = new IncomingMessage(new Socket());
  request.rawHeaders = rawHeaders;
  try {
    return reader(request, 'mcpstack');
  } catch (error) {
    return (error as ProblemError).code;
  }
}

describe('the credential of a request', () => {
  const key = makeToken('service');
  const name = newSessionName(newId('user'));
  const session = makeSessionToken('mcpstack', name);
  const invitation = makeInvitationToken({
    invitationId: newId('invitation'),
    organizationId: newId('organization'),
  });

  it.each([
    ['acme_live_0123456789', 'X-API-Key'],
    [makeToken('service', 'other'), 'X-API-Key'],
    ['x'.repeat(16), 'Authorization'],
    ['!'.repeat(512), 'Authorization'],
    ['mcpstack_xx_0123456789', 'X-API-Key'],
  ])('may be a key of another make, which only its digest can tell: %#', (token, header) => {
    const value = header === 'Authorization' ? `Bearer ${token}` : token;
    expect(read(header, value)).toEqual({ type: 'key', digest: tokenDigest(token), fromCookie: false });
  });

  it('is a publishable key only where a page may show one, and nothing else is there', () => {
    const publishable = makeToken('publishable');
    const shown = (...headers: string[]): unknown => readWith(readPublishableKey, headers);
    expect(shown('X-API-Key', publishable)).toBe(tokenDigest(publishable));
    expect(shown('Authorization', `Bearer ${publishable}`)).toBe(tokenDigest(publishable));
    for (const other of [key, session, invitation, 'acme_live_0123456789', `${publishable}0`])
      expect(shown('Authorization', `Bearer ${other}`)).toBe('unauthenticated');
    expect(shown('Authorization', `Bearer ${publishable}`, 'X-API-Key', publishable)).toBe(
      'ambiguous-credentials',
    );
  });

  it('is a service key or a session, known by its digest alone', () => {
    const asKey = { type: 'key', digest: tokenDigest(key), fromCookie: false };
    expect(read('Authorization', `Bearer ${key}`)).toEqual(asKey);
    expect(read('authorization', `bearer  ${key}`)).toEqual(asKey);
    expect(read('X-API-Key', key)).toEqual(asKey);
    expect(read('Authorization', `Bearer ${session}`)).toEqual({
      ...{ type: 'session', ...name, fromCookie: false },
      digest: parseSessionToken(session, 'mcpstack')!.digest,
    });
  });

  it.each([
    ['both headers', ['Authorization', `Bearer ${key}`, 'X-API-Key', key]],
    ['Authorization twice', ['Authorization', `Bearer ${key}`, 'authorization', `Bearer ${key}`]],
    ['X-API-Key twice', ['X-API-Key', key, 'x-api-key', key]],
  ])('is ambiguous with %s', (_, headers) => {
    expect(read(...headers)).toBe('ambiguous-credentials');
  });

  it.each([
    ['nothing', []],
    ['another scheme', ['Authorization', 'Basic eDp5']],
    ['a publishable key', ['Authorization', `Bearer ${makeToken('publishable')}`]],
    ['a wrong checksum', ['Authorization', `Bearer ${key.slice(0, -1)}~`]],
    ['a session as X-API-Key', ['X-API-Key', session]],
    ['a session that is too long', ['Authorization', `Bearer ${session}0`]],
    ['a session that is too short', ['Authorization', `Bearer ${session.slice(0, -1)}`]],
    ['an invitation', ['Authorization', `Bearer ${invitation}`]],
    ['an invitation as X-API-Key', ['X-API-Key', invitation]],
    ['half a key of ours', ['X-API-Key', key.slice(0, 30)]],
    ['a key of ours with more behind it', ['X-API-Key', `${key}0`]],
    ['a key of another make that is too short', ['X-API-Key', 'x'.repeat(15)]],
    ['one that is too long', ['X-API-Key', 'x'.repeat(513)]],
    ['one that is not visible ASCII', ['X-API-Key', `${'x'.repeat(20)}\u00e9`]],
    ['one with a space in it', ['X-API-Key', 'acme_live_ 0123456789']],
    ['an empty one', ['Authorization', 'Bearer ']],
    ['two in one', ['Authorization', `Bearer ${key}, Bearer ${key}`]],
  ])('is no good with %s', (_, headers) => {
    expect(read(...headers)).toBe('unauthenticated');
  });

  it('of a session has 256 random bits', () => {
    expect(session).toMatch(/^mcpstack_st_[0-9A-Za-z]{22}_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}$/);
    expect(makeSessionToken('mcpstack', name)).not.toBe(session);
  });
});
