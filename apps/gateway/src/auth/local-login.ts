/** Login with e-mail and password against the local file of users. */
import { ProblemError } from '@mcpstack/contracts';
import { type Log } from '@mcpstack/service-kit';
import { HttpProblem, unavailable } from '../http/problem-response.ts';
import { normalEmail, readLoginFile, type LoginUser } from './login-file.ts';
import { LoginLimits, type LoginLimitSettings } from './login-limits.ts';
import { Passwords } from './passwords.ts';

export class LocalLogin {
  private readonly limits: LoginLimits;

  private constructor(
    private readonly path: string | undefined,
    private readonly passwords: Passwords,
    private readonly log: Log,
    limits: LoginLimitSettings | undefined,
  ) {
    this.limits = new LoginLimits(limits);
  }

  /**
   * @param path absent: nobody can log in here, and the answer says so.
   * @throws ConfigError when the file is there to be used and cannot be.
   */
  static async open(path: string | undefined, log: Log, limits?: LoginLimitSettings): Promise<LocalLogin> {
    if (path !== undefined) await readLoginFile(path);
    return new LocalLogin(path, await Passwords.create(), log, limits);
  }

  /**
   * The id of the user with this e-mail and password.
   * @param address where the attempt comes from.
   * @throws ProblemError `unauthenticated` (the same for an unknown e-mail and a wrong password),
   *   `too-many-requests`, or `not-found` where local login is not set up.
   */
  async login(email: string, password: string, address: string): Promise<string> {
    if (this.path === undefined)
      throw new ProblemError('not-found', 'Local login is not set up here: LOCAL_LOGIN_FILE is not set.');
    const wanted = normalEmail(email);
    await this.limits.take(wanted, address);
    const user = (await this.users()).find((one) => normalEmail(one.email) === wanted);
    const fits = await this.passwords.fits(password, user?.passwordHash);
    if (!user || !fits) {
      throw new HttpProblem('unauthenticated', 'The e-mail or the password is wrong.', {
        'WWW-Authenticate': 'Bearer realm="mcpstack"',
      });
    }
    await this.limits.forgive(wanted, address);
    return user.id;
  }

  /** Read anew each time: a user that setup adds or an operator removes counts at once. */
  private async users(): Promise<readonly LoginUser[]> {
    try {
      return await readLoginFile(this.path!);
    } catch (error) {
      this.log.error('the file of local users cannot be used', { err: error });
      throw unavailable('Nobody can log in now: the file of local users cannot be used.', error);
    }
  }
}
