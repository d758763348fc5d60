/**
 * Until when a reader may trust a connection to Redis (G3, G4). Pure: it is told what each read showed.
 *
 * What is to be shown: a reader answers VALID from a data set only while no other projection can have
 * confirmed a restriction that this data set lacks. A projection confirms no restriction before T (and a
 * margin) after its session began, and its session begins after every other's lease has run out. So it is
 * enough to trust a data set until T after *an instant at which its own projection still held the lease*.
 *
 * The projection stamps its data set with counters 0, 1, 2, … of a random session. Stamp c is sent only
 * after stamp c-1 was answered and the lease was checked once more after that answer. Let R be a read on
 * this connection whose reply did not yet show c-1, and let a later read show c. Redis executes one
 * connection's commands in the order sent, so c-1 was executed after R was, hence after R began; the lease
 * was checked after c-1 was answered, hence after R began. So when R began is such an instant, or earlier
 * than one, measured on our own clock. It is the anchor: trusted until anchor + T.
 *
 * A read that did not show c itself would not do: stamp c may have been sent long ago and be delayed, in
 * the network or in a paused projection. When the reply that first showed c arrived says even less.
 * Counter 0 is written before the data set is brought up to the log's head: it is good for nothing.
 *
 * All this needs the data set to be one that nobody else wrote to in between. A stamp counts only when it
 * is bound to the identity (run id, replication id) that the same atomic step showed; another identity, a
 * new connection, a counter that goes back, or replies out of order start anew, from nothing.
 */

/** What one read showed. Told in the order in which the reads were sent, which is that of the replies. */
export interface Observation {
  /** When the read was sent, on this process's monotonic clock. */
  beganAtMs: number;
  /** Run id and replication id of the server, from the same atomic step. */
  identity: string;
  /** The stamp, if there is one and it is bound to this identity. */
  stamp?: { session: string; counter: number } | undefined;
}

const NEVER = Number.NEGATIVE_INFINITY;

/** The trust in one connection. A new connection needs a new one. */
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

  constructor(stampLifeMs: number) {
    this.#stampLifeMs = stampLifeMs;
  }

  observe({ beganAtMs, identity, stamp }: Observation): void {
    const session = stamp?.session;
    const counter = stamp?.counter ?? -1;
    const wentBack = session !== undefined && session === this.#session && counter < this.#counter;
    if (identity !== this.#identity || wentBack || beganAtMs < this.#shownAtMs) this.#startAnew(identity);
    if (session !== this.#session || counter !== this.#counter) this.#advance(session, counter);
    this.#shownAtMs = beganAtMs;
  }

  /** Until when a VALID may be decided. `-Infinity` when nothing is proven. */
  get trustedUntilMs(): number {
    return this.#session === undefined || this.#counter < 1 ? NEVER : this.#anchorAtMs + this.#stampLifeMs;
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
  }
}
