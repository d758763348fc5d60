/** Limits on attempts to log in, kept in bounded memory. Each gateway process counts for itself. */
import { createHmac, randomBytes } from 'node:crypto';
import { networkOf } from '@mcpstack/service-kit';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { HttpProblem } from '../http/problem-response.ts';

/** Attempts within a window, after which the answer is 429 until the window ends. */
export interface LoginLimitSettings {
  perEmailAndAddress: number;
  perAddress: number;
  /** Against guessing from many addresses; high, because it also lets strangers lock somebody out. */
  perEmail: number;
  windowS: number;
}

export const DEFAULT_LOGIN_LIMITS: LoginLimitSettings = {
  perEmailAndAddress: 10,
  perAddress: 60,
  perEmail: 100,
  windowS: 15 * 60,
};

export class LoginLimits {
  /** Who counts is hashed into 2^16 slots: memory is bounded, and neither e-mail nor address is kept. */
  private readonly slotKey = randomBytes(32);
  private readonly pair: RateLimiterMemory;
  private readonly address: RateLimiterMemory;
  private readonly email: RateLimiterMemory;

  constructor(settings: LoginLimitSettings = DEFAULT_LOGIN_LIMITS) {
    const limiter = (points: number): RateLimiterMemory =>
      new RateLimiterMemory({ points, duration: settings.windowS });
    this.pair = limiter(settings.perEmailAndAddress);
    this.address = limiter(settings.perAddress);
    this.email = limiter(settings.perEmail);
  }

  /** Counts one attempt. @throws HttpProblem `too-many-requests` with `Retry-After`. */
  async take(email: string, address: string): Promise<void> {
    const network = networkOf(address);
    try {
      // In this order: what one address alone used up does not count against the e-mail.
      await this.address.consume(this.slot(network));
      await this.pair.consume(this.slot(email, network));
      await this.email.consume(this.slot(email));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      throw new HttpProblem('too-many-requests', 'Too many attempts to log in. Try again later.', {
        'Retry-After': String(seconds),
      });
    }
  }

  /** After a success: who knows the password is not guessing. */
  async forgive(email: string, address: string): Promise<void> {
    const network = networkOf(address);
    await this.pair.delete(this.slot(email, network));
    await this.address.reward(this.slot(network));
    await this.email.reward(this.slot(email));
  }

  private slot(...parts: readonly string[]): string {
    const digest = createHmac('sha256', this.slotKey).update(JSON.stringify(parts)).digest();
    return String(digest.readUInt16BE(0));
  }
}
