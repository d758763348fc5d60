/**
 * Sends what the authorizer has seen to issuance, as often as it takes. Nothing that a check answers waits for
 * it. A command keeps its id through all its tries, so that issuance carries it out once.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandContracts, ProblemCode } from '@mcpstack/contracts';
import type { CommandClient } from '@mcpstack/service-kit';

type Report = 'recordUsage' | 'recordSecretSeen';

export interface DeliveryOptions {
  client: Pick<CommandClient, 'send'>;
  /** Told of a command that issuance refused: it is not sent again. */
  onRefused: (error: unknown) => void;
  /** How long one try may take; 5,000 by default. Milliseconds. */
  tryMs?: number;
  /** The pause after the first try that failed, doubled with each further one; 100 by default. Milliseconds. */
  firstPauseMs?: number;
}

const TRY_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** While stopping, a try and a pause are short: another instance may answer at once. */
const HURRIED_TRY_MS = 1_000;
const HURRIED_PAUSE_MS = 100;
const LONGEST_STOP_MS = 20_000;
/** A command that trips issuance up again and again must not stand in the way of all others for ever. */
const MAX_TRIPS = 20;

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #hurry = new AbortController();
  readonly #giveUp = new AbortController();
  #quiet: NodeJS.Timeout | undefined;
  readonly #underWay = new Set<Promise<boolean>>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /**
   * Sends a command until issuance has taken or refused it, or `giveUpAfter` ends it. Never rejects.
   * @param commandId made once for this input.
   * @returns whether issuance took it.
   */
  deliver<Name extends Report>(
    name: Name,
    commandId: string,
    input: CommandContracts[Name]['input'],
  ): Promise<boolean> {
    const task = this.#deliver(name, commandId, input).finally(() => this.#underWay.delete(task));
    this.#underWay.add(task);
    return task;
  }

  /**
   * From now on tries quickly, what is waiting at once; and gives up the rest when nothing is taken for this long, or
   * after `LONGEST_STOP_MS`: a million windows go on being taken for minutes.
   */
  giveUpAfter(quietMs: number): void {
    this.#hurry.abort();
    this.#quiet = setTimeout(() => this.#giveUp.abort(), quietMs).unref();
    setTimeout(() => this.#giveUp.abort(), Math.max(quietMs, LONGEST_STOP_MS)).unref();
  }

  /** Resolves once nothing is under way. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #deliver<Name extends Report>(
    name: Name,
    commandId: string,
    input: CommandContracts[Name]['input'],
  ): Promise<boolean> {
    const envelope = {
      commandId,
      requestId: commandId,
      actor: { type: 'system', id: 'authorizer' } as const,
      requestDigest: createHash('sha256')
        .update(JSON.stringify([name, input]))
        .digest('hex'),
      input,
    };
    let trips = 0;
    for (let tries = 1; !this.#giveUp.signal.aborted; tries += 1) {
      const error = await this.#try(() =>
        this.#options.client.send<Name>(name, envelope, { timeoutMs: this.#tryMs() }),
      );
      if (error === undefined) {
        this.#quiet?.refresh();
        return true;
      }
      const kind = kindOf(error);
      if (kind === 'trip') trips += 1;
      if (kind === 'refusal' || trips >= MAX_TRIPS) {
        this.#options.onRefused(error);
        return false;
      }
      await this.#pause(tries);
    }
    return false;
  }

  /** What went wrong; `unavailable` too when `giveUpAfter` cut the try short. */
  async #try(send: () => Promise<unknown>): Promise<unknown> {
    const signal = this.#hurry.signal.aborted ? this.#giveUp.signal : this.#hurry.signal;
    let cutShort!: () => void;
    const cut = new Promise<unknown>((resolve) => (cutShort = () => resolve({ code: 'unavailable' })));
    signal.addEventListener('abort', cutShort, { once: true });
    try {
      const sent = send().then(
        () => undefined,
        (error: unknown) => error ?? new Error('nothing was thrown'),
      );
      return await Promise.race([sent, cut]);
    } catch (error) {
      return error;
    } finally {
      signal.removeEventListener('abort', cutShort);
    }
  }

  #tryMs(): number {
    return this.#hurry.signal.aborted ? HURRIED_TRY_MS : (this.#options.tryMs ?? TRY_MS);
  }

  async #pause(tries: number): Promise<void> {
    const isHurried = this.#hurry.signal.aborted;
    const signal = isHurried ? this.#giveUp.signal : this.#hurry.signal;
    const { firstPauseMs = FIRST_PAUSE_MS } = this.#options;
    const longMs = Math.min(LONGEST_PAUSE_MS, firstPauseMs * 2 ** Math.min(tries - 1, 16));
    // Half of it by chance, so that authorizers that lost issuance together do not come back together.
    const ms = isHurried ? HURRIED_PAUSE_MS : longMs * (0.5 + Math.random() / 2);
    await delay(ms, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * `passing`: issuance is away or busy. `trip`: it tripped over the command. `refusal`: of what the command says,
 * which stays as it is.
 */
function kindOf(error: unknown): 'passing' | 'trip' | 'refusal' {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string' || code === 'internal') return 'trip';
  return PASSING.has(code) ? 'passing' : 'refusal';
}

const PASSING: ReadonlySet<string> = new Set<ProblemCode>([
  'unavailable',
  'not-final',
  'conflict',
  'too-many-requests',
]);
