/** What the projection is doing, for health and for people. */
import type { Generation } from '@mcpstack/read-models';

export interface StatusReport {
  role: 'standby' | 'active';
  generation?: string;
  position?: string;
  /** How many log positions the read models are behind; absent when the log does not answer. */
  lag?: number;
  /** ISO 8601. */
  lastStampAt?: string;
  /** Events that could not be read, and those behind them. More than none is an alarm. */
  parked: number;
}

export class Status {
  #role: 'standby' | 'active' = 'standby';
  #generation: Generation | undefined;
  #position: bigint | undefined;
  #lastStampAt: Date | undefined;
  #parked = 0;
  #isLive = false;

  became(role: 'standby' | 'active'): void {
    this.#role = role;
  }
  sessionBegan(generation: Generation, parked: number): void {
    this.switched(generation, parked);
  }
  sessionEnded(): void {
    this.#isLive = false;
  }
  switched(generation: Generation, parked: number): void {
    this.#generation = generation;
    this.#parked = parked;
  }
  applied(position: bigint): void {
    this.#position = position;
  }
  parked(more: number): void {
    this.#parked += more;
  }
  stamped(): void {
    this.#isLive = true;
    this.#lastStampAt = new Date();
  }

  /** A standby is ready to take over; an active one must have its read models live. */
  whyNotReady(): string | undefined {
    if (this.#role === 'standby' || this.#isLive) return undefined;
    return 'active, but the read models are not live yet';
  }

  report(): StatusReport {
    return {
      role: this.#role,
      ...(this.#generation && { generation: this.#generation }),
      ...(this.#position !== undefined && { position: `${this.#position}` }),
      ...(this.#lastStampAt && { lastStampAt: this.#lastStampAt.toISOString() }),
      parked: this.#parked,
    };
  }
}
