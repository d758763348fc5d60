/** How often one address may do something that needs no login, counted in bounded memory by each process. */
import { createHmac, randomBytes } from 'node:crypto';
import { networkOf } from '@mcpstack/service-kit';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { HttpProblem } from '../http/problem-response.ts';

export interface AddressLimitSettings {
  /** Units within a window, after which the answer is 429 until the window ends. */
  perAddress: number;
  windowS: number;
}

export class AddressLimit {
  /** Addresses are hashed into 2^16 slots: memory is bounded, and none is kept. */
  private readonly slotKey = randomBytes(32);
  private readonly limiter: RateLimiterMemory;

  constructor({ perAddress, windowS }: AddressLimitSettings) {
    this.limiter = new RateLimiterMemory({ points: perAddress, duration: windowS });
  }

  /** @throws HttpProblem `too-many-requests` with `Retry-After`. */
  async take(address: string): Promise<void> {
    try {
      await this.limiter.consume(this.slot(address));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      throw new HttpProblem('too-many-requests', 'Too many requests from this address. Try again later.', {
        'Retry-After': String(seconds),
      });
    }
  }

  private slot(address: string): string {
    const digest = createHmac('sha256', this.slotKey).update(networkOf(address)).digest();
    return String(digest.readUInt16BE(0));
  }
}
