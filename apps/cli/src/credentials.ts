/**
 * The credentials file: one login a profile, in the person's own configuration folder (XDG), readable by nobody
 * else, replaced as a whole, changed by one process at a time.
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Role } from '@mcpstack/contracts';
import { CliError } from './errors.ts';
import { NotFree, withLock } from './lock.ts';

/** A person's login by the device grant. */
export interface SessionLogin {
  kind: 'session';
  /** Where it is good; it is sent to no other place. */
  apiUrl: string;
  accessToken: string;
  /** How long the access token is good, as the server said, counted from when it was obtained here. */
  expiresInS: number;
  obtainedAtMs: number;
  refreshToken: string;
  sessionId: string;
  userId: string;
}

/** A service key that was stored by `auth service-account login`. */
export interface KeyLogin {
  kind: 'key';
  apiUrl: string;
  key: string;
  keyId: string;
  organizationId: string;
  role: Role;
}

export interface Profile {
  apiUrl?: string;
  /** Chosen by `org use`. */
  organizationId?: string;
  login?: SessionLogin | KeyLogin;
}

interface Content {
  version: typeof VERSION;
  profiles: Record<string, Profile>;
}

/** Raised when an older mcpstack could not read the file any more. */
const VERSION = 1;
const NAME = 'credentials.json';
const MOST_MS = 60_000;
const LOGIN_FIELDS = {
  session: ['apiUrl', 'accessToken', 'refreshToken', 'sessionId', 'userId'],
  key: ['apiUrl', 'key', 'keyId', 'organizationId', 'role'],
};

export class Credentials {
  readonly path: string;
  readonly #folder: string;
  readonly #mostMs: number;

  /**
   * @param folder made when something is stored for the first time.
   * @param limits.mostMs how long to wait for another process at most.
   */
  constructor(folder: string, { mostMs = MOST_MS }: { mostMs?: number } = {}) {
    this.#mostMs = Math.min(mostMs, MOST_MS);
    this.#folder = folder;
    this.path = join(folder, NAME);
  }

  /** An empty profile where there is none by that name. @throws CliError when the file cannot be used. */
  read(name: string): Profile {
    const { profiles } = this.#content();
    return Object.hasOwn(profiles, name) ? profiles[name]! : {};
  }

  names(): string[] {
    return Object.keys(this.#content().profiles).sort();
  }

  /** @throws CliError when nothing can be stored here: asked before a person goes to any trouble. */
  seeThatWritable(): void {
    this.#content();
    this.#guard(() => {
      const draft = this.#draft();
      closeSync(openSync(draft, 'wx', 0o600));
      rmSync(draft);
    });
  }

  /** Changes one profile; what others changed meanwhile stays. */
  async change(name: string, change: (profile: Profile) => Profile): Promise<void> {
    await this.exclusively(async (store) => Promise.resolve(store(name, change)));
  }

  /**
   * Runs `act` while no other process changes the file; `store` then writes a profile.
   * @param settled asked while another process is at work: an answer makes ours unnecessary.
   */
  async exclusively<Result>(
    act: (store: (name: string, change: (profile: Profile) => Profile) => void) => Promise<Result>,
    settled?: () => Result | undefined,
  ): Promise<Result> {
    this.seeThatWritable();
    const lock = join(this.#folder, 'credentials.lock');
    const limits = { mostMs: this.#mostMs, ...(settled && { settled }) };
    try {
      return await withLock(lock, () => act((name, change) => this.#store(name, change)), limits);
    } catch (error) {
      if (!(error instanceof NotFree)) throw error;
      throw new CliError('unavailable', 'Another mcpstack is still renewing this login.', {
        code: 'login-busy',
        next: 'Try again in a moment; MCPSTACK_TIMEOUT_MS says how long to wait.',
        cause: error,
      });
    }
  }

  #store(name: string, change: (profile: Profile) => Profile): void {
    const content = this.#content();
    const profile = change(this.read(name));
    if (Object.keys(profile).length === 0) delete content.profiles[name];
    else content.profiles[name] = profile;
    this.#guard(() => this.#replace(`${JSON.stringify(content, null, 2)}\n`));
  }

  /** Whole or not at all, also when the power fails. */
  #replace(text: string): void {
    const draft = this.#draft();
    try {
      const file = openSync(draft, 'wx', 0o600);
      try {
        writeFileSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(draft, this.#target());
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  }

  /** Of a file that is a link, what it points to, so that the link stays. */
  #target(): string {
    try {
      return realpathSync(this.path);
    } catch {
      return this.path;
    }
  }

  #draft(): string {
    const folder = dirname(this.#target());
    if (folder === this.#folder && mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined)
      chmodSync(folder, 0o700);
    return join(folder, `.${NAME}.${process.pid}.${randomBytes(6).toString('hex')}`);
  }

  #content(): Content {
    const text = this.#text();
    if (text === undefined) return { version: VERSION, profiles: {} };
    const content = parse(text);
    if (typeof content?.version === 'number' && content.version > VERSION)
      throw new CliError('failed', `${this.path} is of a newer mcpstack (format ${content.version}).`, {
        code: 'credentials-newer',
        next: 'Run "npm install -g @mcpstack/cli" to update this one.',
      });
    if (content?.version !== VERSION || !areProfiles(content.profiles))
      throw new CliError('failed', `${this.path} is damaged or cut off.`, {
        code: 'credentials-damaged',
        next: `Remove it (rm '${this.path}') and log in again.`,
      });
    return content as Content;
  }

  #text(): string | undefined {
    try {
      const stat = statSync(this.path);
      if (stat.isDirectory())
        throw new CliError('failed', `${this.path} is a folder and should be a file.`, {
          code: 'credentials-unusable',
          next: 'Move it away and log in again.',
        });
      // Windows has no such bits.
      if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0)
        throw new CliError('failed', `${this.path} can be read by others, and it holds your login.`, {
          code: 'credentials-exposed',
          next: `Run: chmod 600 '${this.path}' - and "mcpstack auth logout" if others may have read it.`,
        });
      return readFileSync(this.path, 'utf8');
    } catch (error) {
      if (error instanceof CliError) throw error;
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw new CliError('failed', `${this.path} cannot be read (${code}).`, {
        code: 'credentials-unusable',
        next: 'See whom the file and its folder belong to.',
        cause: error,
      });
    }
  }

  #guard(write: () => void): void {
    try {
      write();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new CliError('failed', `Nothing can be stored in ${this.#folder} (${code}).`, {
        code: 'credentials-unwritable',
        next: 'Name a folder that you can write to in XDG_CONFIG_HOME, or use MCPSTACK_API_KEY, which needs none.',
        cause: error,
      });
    }
  }
}

function parse(text: string): Partial<Record<keyof Content, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function areProfiles(value: unknown): value is Record<string, Profile> {
  const isObject = (one: unknown): one is Record<string, unknown> =>
    typeof one === 'object' && one !== null && !Array.isArray(one);
  const isText = (one: unknown) => one === undefined || typeof one === 'string';
  const isLogin = (one: unknown): boolean => {
    if (one === undefined) return true;
    if (!isObject(one) || (one['kind'] !== 'session' && one['kind'] !== 'key')) return false;
    if (!LOGIN_FIELDS[one['kind']].every((field) => typeof one[field] === 'string')) return false;
    const times = [one['expiresInS'], one['obtainedAtMs']];
    return one['kind'] === 'key' || times.every((time) => typeof time === 'number');
  };
  return (
    isObject(value) &&
    Object.values(value).every(
      (one) =>
        isObject(one) && isText(one['apiUrl']) && isText(one['organizationId']) && isLogin(one['login']),
    )
  );
}
