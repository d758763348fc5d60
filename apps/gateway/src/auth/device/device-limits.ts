/** How often devices and people may ask, counted in bounded memory by each process. */
import { createHmac, randomBytes } from 'node:crypto';
import { networkOf } from '@mcpstack/service-kit';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { HttpProblem } from '../../http/problem-response.ts';
import { AddressLimit, type AddressLimitSettings } from '../../leaks/address-limit.ts';

export interface DeviceLimitSettings {
  /** Devices that ask to be let in. */
  begin: AddressLimitSettings;
  /** Polls and refreshes: those of a whole office may come from one address. */
  token: AddressLimitSettings;
  /** Typed codes that are none, before the answer is 429 until the window ends. */
  wrongCodes: { perSession: number; perAddress: number; windowS: number };
}

export const DEFAULT_DEVICE_LIMITS: DeviceLimitSettings = {
  begin: { perAddress: 120, windowS: 60 },
  token: { perAddress: 1_200, windowS: 60 },
  wrongCodes: { perSession: 10, perAddress: 50, windowS: 15 * 60 },
};

/** Who types a code: a person, by session, at an address. */
export interface Asker {
  sessionId: string;
  address: string;
}

export class DeviceLimits {
  readonly begin: AddressLimit;
  readonly token: AddressLimit;
  readonly wrongCodes: WrongCodes;

  constructor(settings: DeviceLimitSettings = DEFAULT_DEVICE_LIMITS) {
    this.begin = new AddressLimit(settings.begin);
    this.token = new AddressLimit(settings.token);
    this.wrongCodes = new WrongCodes(settings.wrongCodes);
  }
}

/** Attempts are counted before they are looked at, and given back where the code was right. */
export class WrongCodes {
  /** Hashed into 2^16 slots: memory is bounded, and no address is kept. */
  private readonly slotKey = randomBytes(32);
  private readonly session: RateLimiterMemory;
  private readonly address: RateLimiterMemory;

  constructor({ perSession, perAddress, windowS }: DeviceLimitSettings['wrongCodes']) {
    this.session = new RateLimiterMemory({ points: perSession, duration: windowS });
    this.address = new RateLimiterMemory({ points: perAddress, duration: windowS });
  }

  /** @throws HttpProblem `too-many-requests` with `Retry-After`. */
  async take({ sessionId, address }: Asker): Promise<void> {
    try {
      await this.session.consume(this.slot(sessionId));
      await this.address.consume(this.slot(networkOf(address)));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      throw new HttpProblem('too-many-requests', 'Too many codes that are none. Try again later.', {
        'Retry-After': String(seconds),
      });
    }
  }

  async giveBack({ sessionId, address }: Asker): Promise<void> {
    await this.session.reward(this.slot(sessionId));
    await this.address.reward(this.slot(networkOf(address)));
  }

  private slot(text: string): string {
    return String(createHmac('sha256', this.slotKey).update(text).digest().readUInt16BE(0));
  }
}

/** What a device is told to wait between two polls. Seconds. */
export const INTERVAL_S = 5;
/** How much more after each poll that came too early (RFC 8628, section 3.5). */
const SLOW_DOWN_S = 5;
/** Timers and networks are no better than this: a poll that is early by less is in time. */
const EARLY_MS = 500;
const MAX_POLLING = 20_000;

interface Pace {
  lastMs: number;
  intervalS: number;
}

/** When each device asked last. Seen by this process alone: with several, a device may ask each as often. */
export class Paces {
  private readonly paces: LRUCache<string, Pace>;

  constructor(
    lifeMs: number,
    private readonly nowMs: () => number,
  ) {
    this.paces = new LRUCache({ max: MAX_POLLING, ttl: lifeMs });
  }

  /**
   * Takes one poll, and answers how long to wait until the next.
   * @throws HttpProblem `slow-down` for one that came too early; from then on the device has to wait longer.
   */
  take(digest: string): number {
    const nowMs = this.nowMs();
    const { lastMs, intervalS } = this.paces.get(digest) ?? { lastMs: -Infinity, intervalS: INTERVAL_S };
    const isEarly = nowMs < lastMs + intervalS * 1000 - EARLY_MS;
    const next = { lastMs: nowMs, intervalS: isEarly ? intervalS + SLOW_DOWN_S : intervalS };
    this.paces.set(digest, next);
    if (!isEarly) return intervalS;
    throw new HttpProblem('slow-down', `Wait ${next.intervalS} seconds between two requests.`, {
      'Retry-After': String(next.intervalS),
    });
  }

  forget(digest: string): void {
    this.paces.delete(digest);
  }
}
