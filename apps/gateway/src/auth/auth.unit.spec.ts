import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeInvitationToken, makeToken, newId, type ProblemError, tokenDigest } from '@mcpstack/contracts';
import { ConfigError } from '@mcpstack/service-kit';
import { readCredential, readPublishableKey } from './credentials.ts';
import { readLoginFile, writeLoginFile } from './login-file.ts';
import { LoginLimits } from './login-limits.ts';
import { hashPassword, Passwords } from './passwords.ts';
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

describe('the login file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mcpstack-login-'));
  const file = join(dir, 'login.json');
  const user = { id: newId('user'), email: 'a@b', passwordHash: '' };
  beforeAll(async () => {
    user.passwordHash = await hashPassword('x');
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const refused = async (content: string, mode = 0o600): Promise<string> => {
    writeFileSync(file, content);
    chmodSync(file, mode);
    const error = await readLoginFile(file).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  };

  it('is written in one step, for its owner alone, and read back', async () => {
    await writeLoginFile(file, [user]);
    expect(await readLoginFile(file)).toEqual([user]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['login.json']);
  });

  it.each([
    ['no JSON', 'secret-content{'],
    ['another shape', '{"users":[{"id":"secret-content"}]}'],
    ['an unknown field', JSON.stringify({ users: [{ ...user, x: 'secret-content' }] })],
    ['another kind of hash', JSON.stringify({ users: [{ ...user, passwordHash: 'secret-content' }] })],
    ['half a hash', JSON.stringify({ users: [{ ...user, passwordHash: '$argon2id$secret-content' }] })],
  ])('is refused with a sentence when it holds %s, and nothing of it is repeated', async (_, content) => {
    const message = await refused(content);
    expect(message).toMatch(/^LOCAL_LOGIN_FILE cannot be used: .*is not a JSON file of users/);
    expect(message).not.toContain('secret-content');
  });

  it('is refused with one e-mail twice, in whatever case', async () => {
    expect(await refused(JSON.stringify({ users: [user, { ...user, email: 'A@B' }] }))).toContain('twice');
  });

  it('is refused when others can read it', async () => {
    expect(await refused(JSON.stringify({ users: [user] }), 0o644)).toContain('chmod 600');
  });

  it('is refused when it is larger than 1 MiB', async () => {
    expect(await refused(' '.repeat(1024 * 1024 + 1))).toContain('larger than 1 MiB');
  });

  it('is refused when it is missing or a folder', async () => {
    await expect(readLoginFile(join(dir, 'none'))).rejects.toThrow('does not exist');
    await expect(readLoginFile(dir)).rejects.toThrow(ConfigError);
  });
});

describe('passwords', () => {
  it('fit their hash alone, and nobody without one', async () => {
    const passwords = await Passwords.create();
    const stored = await hashPassword('right');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.fits('right', stored)).toBe(true);
    expect(await passwords.fits('wrong', stored)).toBe(false);
    expect(await passwords.fits('right', undefined)).toBe(false);
  });

  it('are hashed for unknown people too: the time does not tell', async () => {
    const passwords = await Passwords.create();
    const stored = await hashPassword('right');
    const timeMs = async (hash: string | undefined): Promise<number> => {
      const startMs = performance.now();
      for (let times = 0; times < 5; times += 1) await passwords.fits('wrong', hash);
      return performance.now() - startMs;
    };
    await timeMs(stored);
    // Without the work an unknown e-mail would be hundreds of times faster.
    expect(await timeMs(undefined)).toBeGreaterThan((await timeMs(stored)) / 4);
  });

  it('wait in a short queue, and beyond it are refused', async () => {
    const passwords = await Passwords.create();
    const tries = Array.from({ length: 40 }, () =>
      passwords.fits('x', undefined).then(
        () => 'done',
        (error: ProblemError) => error.code,
      ),
    );
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter((one) => one === 'done')).toHaveLength(34);
    expect(outcomes.filter((one) => one === 'too-many-requests')).toHaveLength(6);
    expect(await passwords.fits('x', undefined)).toBe(false);
  });
});

describe('limits on attempts to log in', () => {
  const settings = { perEmailAndAddress: 3, perAddress: 6, perEmail: 5, windowS: 60 };
  const taken = (limits: LoginLimits, email: string, address: string): Promise<string> =>
    limits.take(email, address).then(
      () => 'taken',
      (error: ProblemError) => error.code,
    );
  const many = async (limits: LoginLimits, ...attempts: [string, string][]): Promise<number> => {
    let count = 0;
    for (const attempt of attempts) if ((await taken(limits, ...attempt)) === 'taken') count += 1;
    return count;
  };
  const times = (count: number, attempt: (at: number) => [string, string]): [string, string][] =>
    Array.from({ length: count }, (_, at) => attempt(at));

  it('hold per e-mail and address, per address, and per e-mail', async () => {
    expect(await many(new LoginLimits(settings), ...times(9, () => ['a@b', '1.1.1.1']))).toBe(3);
    expect(await many(new LoginLimits(settings), ...times(9, (at) => [`${at}@b`, '1.1.1.1']))).toBe(6);
    expect(await many(new LoginLimits(settings), ...times(9, (at) => ['a@b', `1.1.1.${at}`]))).toBe(5);
  });

  it('take an IPv6 network of one holder for one address, and a mapped IPv4 address for itself', async () => {
    const spread = times(9, (at) => [`${at}@b`, `2001:db8:1:2::${at}`] as [string, string]);
    expect(await many(new LoginLimits(settings), ...spread)).toBe(6);
    const one = times(9, (at) => ['a@b', at % 2 ? '1.1.1.1' : '::ffff:1.1.1.1'] as [string, string]);
    expect(await many(new LoginLimits(settings), ...one)).toBe(3);
    // Control: other networks count by themselves.
    const others = times(9, (at) => [`${at}@b`, `2001:db8:1:${at}::1`] as [string, string]);
    expect(await many(new LoginLimits(settings), ...others)).toBe(9);
  });

  it('say when to come back', async () => {
    const limits = new LoginLimits({ ...settings, perEmailAndAddress: 1 });
    await limits.take('a@b', '1.1.1.1');
    const error = await limits.take('a@b', '1.1.1.1').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'too-many-requests', headers: { 'Retry-After': '60' } });
  });

  it('forget the attempts of who got in', async () => {
    const limits = new LoginLimits(settings);
    for (let at = 0; at < 20; at += 1) {
      expect(await taken(limits, 'a@b', '1.1.1.1')).toBe('taken');
      await limits.forgive('a@b', '1.1.1.1');
    }
  });

  it('keep a bounded number of counters, whoever knocks', () => {
    const limits = new LoginLimits({ ...settings, perEmail: 1e9, perAddress: 1e9, perEmailAndAddress: 1e9 });
    const slots = new Set<string>();
    const slot = (limits as unknown as { slot(...parts: string[]): string }).slot.bind(limits);
    for (let at = 0; at < 200_000; at += 1) slots.add(slot(`${at}@b`));
    expect(slots.size).toBeLessThanOrEqual(65_536);
    expect(slots.size).toBeGreaterThan(60_000);
  });
});
