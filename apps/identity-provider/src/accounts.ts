/** The people who may log in, as the file of local users has them. */
import { ConfigError } from '@mcpstack/service-kit';
import { normalEmail, readLoginFile, type LoginUser } from './login-file.ts';
import { LoginLimits, type LoginLimitSettings } from './login-limits.ts';
import { Passwords } from './passwords.ts';

export class Accounts {
  private readonly limits: LoginLimits;

  private constructor(
    private readonly path: string,
    private readonly passwords: Passwords,
    limits: LoginLimitSettings | undefined,
  ) {
    this.limits = new LoginLimits(limits);
  }

  /** @throws ConfigError when the file cannot be used. */
  static async open(path: string, limits?: LoginLimitSettings): Promise<Accounts> {
    await readLoginFile(path);
    return new Accounts(path, await Passwords.create(), limits);
  }

  /**
   * The user with this e-mail and password; `undefined` for an unknown e-mail as for a wrong password, after the same
   * work.
   * @param address where the attempt comes from.
   * @throws TooManyAttempts, ConfigError when the file cannot be used any more.
   */
  async logIn(email: string, password: string, address: string): Promise<LoginUser | undefined> {
    const wanted = normalEmail(email);
    await this.limits.take(wanted, address);
    const user = (await this.users()).find((one) => normalEmail(one.email) === wanted);
    const fits = await this.passwords.fits(password, user?.passwordHash);
    if (!user || !fits) return undefined;
    await this.limits.forgive(wanted, address);
    return user;
  }

  async find(userId: string): Promise<LoginUser | undefined> {
    return (await this.users()).find(({ id }) => id === userId);
  }

  /** Why nobody can log in now. */
  async problem(): Promise<string | undefined> {
    try {
      await this.users();
      return undefined;
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
  }

  /** Read anew each time: a user that setup adds or an operator removes counts at once. */
  private users(): Promise<readonly LoginUser[]> {
    return readLoginFile(this.path);
  }
}
