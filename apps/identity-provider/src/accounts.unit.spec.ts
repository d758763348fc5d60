import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@mcpstack/contracts';
import { ConfigError } from '@mcpstack/service-kit';
import { readLoginFile, writeLoginFile } from './login-file.ts';
import { LoginLimits, type TooManyAttempts } from './login-limits.ts';
import { hashPassword, Passwords } from './passwords.ts';

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
    const named = { ...user, name: 'Ada' };
    await writeLoginFile(file, [named]);
    expect(await readLoginFile(file)).toEqual([named]);
  });

  it('is written also where a process of the same id left its draft', async () => {
    writeFileSync(`${file}.${process.pid}.tmp`, 'half');
    await writeLoginFile(file, [user]);
    expect(await readLoginFile(file)).toEqual([user]);
  });

  it.each([
    ['no JSON', 'secret-content{'],
    ['another shape', '{"users":[{"id":"secret-content"}]}'],
    ['a name that is none', JSON.stringify({ users: [{ ...user, name: 'secret-content\n' }] })],
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
    // What this process spends on it, in all its threads: how busy the machine is does not show in that.
    const spentMs = async (hash: string | undefined): Promise<number> => {
      const before = process.cpuUsage();
      for (let times = 0; times < 10; times += 1) await passwords.fits('wrong', hash);
      return process.cpuUsage(before).user / 1_000;
    };
    await spentMs(stored);
    // Without the work an unknown e-mail would be hundreds of times faster.
    expect(await spentMs(undefined)).toBeGreaterThan((await spentMs(stored)) / 4);
  });

  it('wait in a short queue, and beyond it are refused', async () => {
    const passwords = await Passwords.create();
    const tries = Array.from({ length: 40 }, () =>
      passwords.fits('x', undefined).then(
        () => 'done',
        (error: TooManyAttempts) => error.code,
      ),
    );
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter((one) => one === 'done')).toHaveLength(34);
    expect(outcomes.filter((one) => one === 'too-many-attempts')).toHaveLength(6);
    expect(await passwords.fits('x', undefined)).toBe(false);
  });
});

describe('limits on attempts to log in', () => {
  const settings = { perEmailAndAddress: 3, perAddress: 6, perEmail: 5, windowS: 60 };
  const taken = (limits: LoginLimits, email: string, address: string): Promise<string> =>
    limits.take(email, address).then(
      () => 'taken',
      (error: TooManyAttempts) => error.code,
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
    expect(error).toMatchObject({ code: 'too-many-attempts', retryAfterS: 60 });
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
