/** Password hashing: Argon2id, a few at a time, with a short queue. */
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { TooManyAttempts } from './login-limits.ts';

/** OWASP's first choice for Argon2id; the library's algorithm is Argon2id when none is named. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Each takes 19 MiB and a core for tens of milliseconds. */
const MAX_RUNNING = 2;
const MAX_WAITING = 32;

export function hashPassword(password: string): Promise<string> {
  return hash(password, COST);
}

export class Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  private constructor(private readonly dummyHash: string) {}

  static async create(): Promise<Passwords> {
    return new Passwords(await hashPassword(randomBytes(32).toString('base64')));
  }

  /**
   * Whether the password fits. Without a hash (nobody has this e-mail) the same work is done, so that the
   * time does not tell.
   * @throws TooManyAttempts when too many wait already.
   */
  async fits(password: string, passwordHash: string | undefined): Promise<boolean> {
    await this.enter();
    try {
      const fits = await verify(passwordHash ?? this.dummyHash, password);
      return fits && passwordHash !== undefined;
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<void> {
    if (this.running < MAX_RUNNING) {
      this.running += 1;
      return;
    }
    if (this.waiting.length >= MAX_WAITING) throw new TooManyAttempts(2);
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Hands its place on to who waits longest. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running -= 1;
  }
}
