/**
 * The freshness rules (G3, G4): why no VALID is answered to a request that began after a restriction returned.
 * Pure; issuance, projection, reader, authorizer and SDK all decide by this file, and a model walks it against
 * pauses, delays, drifting clocks and fail-over (test/freshness-model; ADR 0012 says what it showed).
 *
 * **Time, not membership (G3).** A restriction is durable, then confirmed (at time C): whatever read begins after C
 * shows its effect, or began on a data set that is not trusted. Its command answers at C + Δ and a margin at the
 * earliest (`finalWaitMs`), and so does its repetition: that the event stands there already says nothing of C. A VALID
 * rests on a read that *began* while its data set was trusted and at most Δ before the answer is decided
 * (`decidableUntilMs`). Many checks may be decided on one reading, as each is asked before it is decided.
 * What is left of Δ travels with the answer as `freshForMs`. It may be given to every check that began before its
 * question was *sent* plus that (`reusableUntilMs`, `mayReuse`), whether it waited for the answer (it joined) or came
 * later (it reuses): the sending is before the decision, so what is added to it ends before the read's Δ does.
 * So a request that begins after the command answered is decided on a read that began after C.
 *
 * **Which Redis (G4).** C means something only if readers read what the projection wrote to. An identity is a run
 * id with a replication id; every read and write learns it in its own atomic step. A projection holds the lease
 * from the *sending* of a renewal for L at most (`leaseGoodUntilMs`); a taker has itself watched no renewal for L
 * and a margin (`StandStill`). Each take-over and each connection begins a session, and a session ends with the lease:
 * one that went on would stamp what it brought up to date before another's restrictions. A session reads the log's
 * head after it began, brings its primary up to it, and then stamps it with counters 1, 2, …, each after the one
 * before was answered and the lease was then found good (`mayStamp`). So with a stamp from 1 on stands whatever any
 * session confirmed earlier. It confirms nothing as final before it is T and a margin old, nor without the lease
 * (`mayConfirm`). So it is enough that a reader trusts a data set only until T after *an instant at which the session
 * that stamps it still held the lease*: a read that began while it trusted an earlier session's data set began
 * before C. That Δ then outlasts the trust does no harm: Δ is what every restriction waits for after C.
 *
 * **Finding such an instant.** Let R be a read whose reply did not yet show counter c-1 of the session, and let a
 * later read on the same connection show c. Redis executes one connection's commands in the order sent, so c-1
 * was executed after R was, hence after R began; the lease was checked after c-1 was answered, and only then c
 * was sent. So the lease was good at an instant after R began: trust until R's beginning + T (`ConnectionTrust`).
 * A read that did not show c itself would not do: c may have been sent long ago, and be delayed in the network or
 * in a paused projection. When the reply that first showed c came says even less. Counter 0 is written before the
 * data set is brought up to date: it is good for nothing, and takes nothing away either. The trust that the session
 * before had earned on this connection stays good for its time, as the new session confirms nothing earlier: so a
 * change of the active projection fails no check.
 *
 * **One door, several locks.** That c-1 and c were executed where R was needs one server all the time. A stamp counts
 * only when it names the identity that the same step showed; another identity, a new connection, a counter that goes
 * back, or replies out of order start anew, from nothing; and no write is made under an identity that is not the
 * session's. Any one of these may fail alone without harm; not the comparison together with the binding, nor the
 * binding together with the proof in writes. One lock has no second: no write is made for a session that another one
 * has followed there, or its last stamp, delayed in the network, would pass for a proof that it still held the lease.
 *
 * Needed besides, and not shown here: the head of the log is that of whoever decides on appends, not of a follower;
 * clocks differ in rate by less than the margin. Not covered: an operator who loads an old data set into a running
 * primary by hand; a machine whose monotonic clock stands still while it is suspended; the loss of the lease's
 * JetStream data during a split of Redis.
 */

const NEVER = Number.NEGATIVE_INFINITY;

/** The time settings that readers and writers of the read models share. */
export interface FreshnessSettings {
  /** Δ: a VALID answer derives from a read that began at most this long before it is decided. */
  deltaMs: number;
  /** T: how long a stamp is good for. A stamp is written every T/5. */
  stampLifeMs: number;
  /** L: how long the projection's lease is good for, from when its renewal was sent. */
  leaseLifeMs: number;
}

type Delta = Pick<FreshnessSettings, 'deltaMs'>;
type StampLife = Pick<FreshnessSettings, 'stampLifeMs'>;
type LeaseLife = Pick<FreshnessSettings, 'leaseLifeMs'>;

export const DEFAULT_FRESHNESS: FreshnessSettings = { deltaMs: 250, stampLifeMs: 5_000, leaseLifeMs: 3_000 };

/**
 * The wait that covers `ms` on another machine's clock: monotonic clocks may differ in rate, and 1 % is
 * twenty times what a healthy one shows; 5 ms cover timer resolution.
 */
export function withMargin(ms: number): number {
  return Math.ceil(ms * 1.01) + 5;
}

/** Issuance: how long a restricting command waits after the projection confirmed it as final. */
export function finalWaitMs({ deltaMs }: Delta): number {
  return withMargin(deltaMs);
}

/**
 * Reader: until when a VALID may be decided on a read, on the reader's monotonic clock. What counts is that the read
 * began while its data set was trusted: then it shows whatever was confirmed before, and Δ runs from there.
 */
export function decidableUntilMs(readBeganAtMs: number, trustedUntilMs: number, { deltaMs }: Delta): number {
  return readBeganAtMs < trustedUntilMs ? readBeganAtMs + deltaMs : NEVER;
}

/** Authorizer: for how long the one who asked may reuse a VALID that is decided at `nowMs`; whole milliseconds. */
export function reusableForMs(
  readBeganAtMs: number,
  trustedUntilMs: number,
  nowMs: number,
  settings: Delta,
): number {
  return Math.max(0, Math.floor(decidableUntilMs(readBeganAtMs, trustedUntilMs, settings) - nowMs));
}

/**
 * SDK: until when checks may begin that have the VALID answer to a question that they did not ask themselves, on its
 * own clock. 0 ms: no other check may; the answer is the asker's alone.
 */
export function reusableUntilMs(sentAtMs: number, freshForMs: number): number {
  return freshForMs > 0 ? sentAtMs + freshForMs : NEVER;
}

/** SDK: whether a check may have that answer, be it that it joined the question or that it came later. */
export function mayReuse(beganAtMs: number, untilMs: number): boolean {
  return beganAtMs < untilMs;
}

/** Projection: until when the lease is held, from when its renewal was *sent*. */
export function leaseGoodUntilMs(renewalSentAtMs: number, { leaseLifeMs }: LeaseLife): number {
  return renewalSentAtMs + leaseLifeMs;
}

/** A taker's watch over the lease: how long it has itself seen the entry stand still. */
export class StandStill {
  readonly #longEnoughMs: number;
  #revision: number | undefined;
  #sinceMs = Number.POSITIVE_INFINITY;

  constructor({ leaseLifeMs }: LeaseLife) {
    this.#longEnoughMs = withMargin(leaseLifeMs);
  }

  /** Whether the lease may be taken. `nowMs` is after the answer that showed the revision. */
  mayTake(revision: number | undefined, nowMs: number): boolean {
    if (revision !== this.#revision) {
      this.#revision = revision;
      this.#sinceMs = nowMs;
    }
    return nowMs - this.#sinceMs >= this.#longEnoughMs;
  }
}

/** Projection: whether the next stamp may be sent. The lease is looked at after the stamp before was answered. */
export function mayStamp({ unanswered, leaseHeld }: { unanswered: number; leaseHeld: boolean }): boolean {
  return unanswered === 0 && leaseHeld;
}

/** Projection: how old a session must be before it may call anything final. */
export function finalAfterMs({ stampLifeMs }: StampLife): number {
  return withMargin(stampLifeMs);
}

/** Projection: whether it may say now that a restriction is final, which Redis has answered that it holds. */
export function mayConfirm(
  { sessionBeganAtMs, nowMs, leaseHeld }: { sessionBeganAtMs: number; nowMs: number; leaseHeld: boolean },
  settings: StampLife,
): boolean {
  return leaseHeld && nowMs - sessionBeganAtMs >= finalAfterMs(settings);
}

/** What one read showed. Told in the order in which the reads were sent, which is that of the replies. */
export interface Observation {
  /** When the read was sent, on this process's monotonic clock. */
  beganAtMs: number;
  /** Run id and replication id of the server, from the same atomic step. */
  identity: string;
  /** The stamp that stands there, if any, and the identity that it names. */
  stamp?: { session: string; counter: number; identity: string } | undefined;
}

/** Reader: the trust in one connection. A new connection needs a new one. */
export class ConnectionTrust {
  readonly #stampLifeMs: number;
  #identity: string | undefined;
  /** The stamp shown last; session undefined: none. */
  #session: string | undefined;
  #counter = -1;
  /** When the last read that showed this stamp began. */
  #shownAtMs = NEVER;
  /** When the last read that did not yet show this stamp began. */
  #beforeAtMs = NEVER;
  /** When the last read that did not yet show the stamp before this one began. */
  #anchorAtMs = NEVER;
  /** Until when what the sessions before this one had shown is good. */
  #carriedUntilMs = NEVER;

  constructor({ stampLifeMs }: StampLife) {
    this.#stampLifeMs = stampLifeMs;
  }

  observe({ beganAtMs, identity, stamp: shown }: Observation): void {
    // One that names another identity was copied here with the data: it says nothing about this server.
    const stamp = shown?.identity === identity ? shown : undefined;
    const session = stamp?.session;
    const counter = stamp?.counter ?? -1;
    const wentBack = session !== undefined && session === this.#session && counter < this.#counter;
    if (identity !== this.#identity || wentBack || beganAtMs < this.#shownAtMs) this.#startAnew(identity);
    // A successor confirms nothing before the trust in its predecessors has run out, so they are trusted till then.
    if (session !== this.#session) this.#carriedUntilMs = session === undefined ? NEVER : this.trustedUntilMs;
    if (session !== this.#session || counter !== this.#counter) this.#advance(session, counter);
    this.#shownAtMs = beganAtMs;
  }

  /** Until when a VALID may be decided. `-Infinity` when nothing is proven. */
  get trustedUntilMs(): number {
    const ownUntilMs =
      this.#session === undefined || this.#counter < 1 ? NEVER : this.#anchorAtMs + this.#stampLifeMs;
    return Math.max(ownUntilMs, this.#carriedUntilMs);
  }

  /** Why the connection is not trusted at `nowMs`, or `undefined` when it is. */
  whyNot(nowMs: number): string | undefined {
    if (nowMs < this.trustedUntilMs) return undefined;
    if (this.#identity === undefined) return 'nothing was read yet';
    if (this.#session === undefined) return 'the data set bears no stamp of this server';
    if (this.#counter < 1) return 'the projection is still bringing the data set up to date';
    return this.#anchorAtMs === NEVER ? 'too few stamps were seen yet' : 'the stamps have run out';
  }

  #advance(session: string | undefined, counter: number): void {
    const isNext = session !== undefined && session === this.#session && counter === this.#counter + 1;
    // The stamp before this one is the one shown last, or one that no read has shown.
    this.#anchorAtMs = isNext ? this.#beforeAtMs : this.#shownAtMs;
    this.#beforeAtMs = this.#shownAtMs;
    this.#session = session;
    this.#counter = counter;
  }

  #startAnew(identity: string): void {
    this.#identity = identity;
    this.#session = undefined;
    this.#counter = -1;
    this.#shownAtMs = NEVER;
    this.#beforeAtMs = NEVER;
    this.#anchorAtMs = NEVER;
    this.#carriedUntilMs = NEVER;
  }
}
