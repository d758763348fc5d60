/**
 * One witness: is sent each checkpoint, and vouches that the log only ever grew. What it answers, or that it does not,
 * never holds up the signing.
 */
import { pause, type Log } from '@mcpstack/service-kit';
import { consistencyFromFrontier, type Verifier } from '@mcpstack/tlog';
import { addCheckpoint, cosignaturesOf, type Submission, type WitnessAnswer } from './add-checkpoint.ts';
import { Changes } from './changes.ts';
import type { CheckpointHistory } from './checkpoint-history.ts';
import type { SignedCheckpoint } from './signed-checkpoint.ts';

const TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Steps and surprises on the way to one checkpoint. A witness that is a million events behind takes ten steps. */
const MOST_REQUESTS = 1_000;

export interface WitnessOptions {
  url: string;
  verifiers: readonly Verifier[];
  history: CheckpointHistory;
  onCosigned: (note: string, lines: readonly string[]) => void;
  log: Log;
  firstPauseMs?: number;
  timeoutMs?: number;
}

export interface WitnessStatus {
  url: string;
  /** The largest size that it has cosigned, as far as is known here. */
  cosignedSize: number;
  trouble: string | undefined;
}

/** The witness has seen what the log does not hold. */
class ForkError extends Error {
  override readonly name = 'ForkError';
}

export class Witness {
  readonly #options: WitnessOptions;
  /** Times that it did not sign what it was sent. */
  failures = 0;
  readonly #changes = new Changes();
  readonly #stopping = new AbortController();
  #newest: SignedCheckpoint | undefined;
  #cosignedSize = 0;
  #trouble: string | undefined;
  #alarm: string | undefined;
  #running: Promise<void> | undefined;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  submit(checkpoint: SignedCheckpoint): void {
    this.#newest = checkpoint;
    this.#changes.tell();
  }

  /** Whether it holds evidence against this log. That it cannot be reached is no alarm. */
  alarm(): string | undefined {
    return this.#alarm;
  }

  status(): WitnessStatus {
    return {
      url: this.#options.url,
      cosignedSize: this.#cosignedSize,
      trouble: this.#alarm ?? this.#trouble,
    };
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { log, firstPauseMs = FIRST_PAUSE_MS } = this.#options;
    let pauseMs = firstPauseMs;
    let done: SignedCheckpoint | undefined;
    while (!signal.aborted) {
      const newest = this.#newest;
      if (newest === done) {
        await this.#changes.next(signal);
        continue;
      }
      try {
        await this.#bringTo(newest!, signal);
        done = newest;
        this.#trouble = this.#alarm = undefined;
        pauseMs = firstPauseMs;
        continue;
      } catch (error) {
        if (!signal.aborted) this.failures += 1;
        const why = error instanceof Error ? error.message : String(error);
        if (error instanceof ForkError) {
          if (this.#alarm !== why)
            log.error('a witness vouches for another log than this one', { err: error });
          this.#alarm = why;
        } else if (this.#trouble !== why && !signal.aborted)
          log.warn('a witness did not sign; it is asked again', { err: error });
        this.#trouble = why;
      }
      await pause(pauseMs, signal);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  /** Has the witness sign this checkpoint, from wherever it is. */
  async #bringTo(target: SignedCheckpoint, signal: AbortSignal): Promise<void> {
    for (let request = 0; request < MOST_REQUESTS && !signal.aborted; request += 1) {
      const sent = await this.#next(target);
      const answer = await this.#ask(sent);
      if (answer.kind === 'signed') {
        const lines = cosignaturesOf(sent.to.note, answer.lines, this.#options.verifiers);
        this.#cosignedSize = sent.to.size;
        this.#options.onCosigned(sent.to.note, lines);
        if (sent.to.size >= target.size) return;
      } else if (answer.kind === 'stands-at') {
        if (answer.size === sent.oldSize)
          throw new Error(`it wants a proof from ${answer.size}, and does not take one from there`);
        // Whoever else submits may be ahead of this one.
        if (answer.size > target.size) return this.#ahead(answer.size);
        this.#cosignedSize = answer.size;
      } else throw refused(answer.status, sent.oldSize);
    }
  }

  /** What to send from the size that it has. */
  async #next(
    target: SignedCheckpoint,
  ): Promise<Pick<Submission, 'oldSize' | 'proof'> & { to: SignedCheckpoint }> {
    const oldSize = this.#cosignedSize;
    // From nothing, and to where it is, nothing has to be proven.
    if (oldSize === 0 || oldSize === target.size) return { oldSize, proof: [], to: target };
    const step = await this.#options.history.stepFrom(oldSize, target.end.revision);
    if (!step)
      throw new ForkError(
        `it has signed a checkpoint of ${oldSize} events, and the log holds none of that size`,
      );
    const { from, to, leaves } = step;
    return { oldSize, proof: consistencyFromFrontier(from.frontier, from.size, leaves), to };
  }

  async #ahead(size: number): Promise<void> {
    const newest = await this.#options.history.newest();
    if (newest && newest.size >= size) {
      this.#cosignedSize = size;
      this.#newest = newest;
      return;
    }
    throw new ForkError(
      `it has signed a checkpoint of ${size} events, and the last one in the log is of ${newest?.size ?? 0}: the log has lost its end`,
    );
  }

  #ask(sent: { oldSize: number; proof: readonly Buffer[]; to: SignedCheckpoint }): Promise<WitnessAnswer> {
    const { url, timeoutMs = TIMEOUT_MS } = this.#options;
    return addCheckpoint({ url, oldSize: sent.oldSize, proof: sent.proof, note: sent.to.note, timeoutMs });
  }
}

function refused(status: number, oldSize: number): Error {
  switch (status) {
    case 403:
      return new Error(
        'it does not know the key of this log (403): have it take the vkeys of CHECKPOINT_VKEY_FILE',
      );
    case 404:
      return new Error('it does not know the origin of this log (404): have it take the log');
    case 422:
      return new ForkError(
        `it does not find the log consistent with what it signed of ${oldSize} events (422)`,
      );
    default:
      return new Error(`it answered ${status}`);
  }
}
