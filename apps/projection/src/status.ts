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
  #isLogLive: boolean | undefined;
  #sessionBeganAtMs: number | undefined;
  #rebuildPosition: bigint | undefined;
  /** Since this process began. */
  readonly counts = { sessions: 0, applied: 0, rebuilds: 0, failedRebuilds: 0 };

  became(role: 'standby' | 'active'): void {
    this.#role = role;
    // Another one goes on from here: what this one knew is old when it comes back.
    if (role === 'standby') this.#position = undefined;
  }
  /** A session has a primary of its own, and begins to bring it up to date. */
  sessionBegan(): void {
    this.counts.sessions += 1;
    this.#sessionBeganAtMs = performance.now();
  }
  sessionEnded(): void {
    this.#isLive = false;
    this.#sessionBeganAtMs = undefined;
    this.#isLogLive = undefined;
    this.#rebuildPosition = undefined;
  }
  switched(generation: Generation, parked: number): void {
    this.#generation = generation;
    this.#parked = parked;
  }
  applied(position: bigint): void {
    this.#position = position;
  }
  followed(events: number, parked: number): void {
    this.counts.applied += events;
    this.#parked += parked;
  }
  /** How far a generation is that is built; `undefined` once none is. */
  building(position: bigint | undefined): void {
    this.#rebuildPosition = position;
  }
  logIs(state: 'live' | 'interrupted'): void {
    this.#isLogLive = state === 'live';
  }
  stamped(): void {
    this.#isLive = true;
    this.#lastStampAt = new Date();
  }

  get isActive(): boolean {
    return this.#role === 'active';
  }
  /** Whether stamps are written, so that readers may believe what stands in Redis. */
  get isLive(): boolean {
    return this.#isLive;
  }
  get position(): bigint | undefined {
    return this.#position;
  }
  get parkedEvents(): number {
    return this.#parked;
  }
  get lastStampAtMs(): number | undefined {
    return this.#lastStampAt?.getTime();
  }
  get sessionAgeMs(): number | undefined {
    return this.#sessionBeganAtMs === undefined ? undefined : performance.now() - this.#sessionBeganAtMs;
  }
  get isLogLive(): boolean | undefined {
    return this.#isLogLive;
  }
  get rebuildPosition(): bigint | undefined {
    return this.#rebuildPosition;
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
