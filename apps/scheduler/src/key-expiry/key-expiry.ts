/**
 * Has what is due by a key's clock written down: KeyExpiring before its expiry, KeyExpired at the time.
 *
 * Each notice is written exactly once, though several schedulers ask for it, replies get lost and processes
 * restart; and that rests on the decision alone. Issuance folds the key's stream, writes only what the stream
 * does not hold yet, and appends at the revision that it folded: of two rivals one fails there, folds again and
 * finds nothing left to do. Hence every try has a command id of its own. An id that were a function of the key
 * would be wrong: issuance answers a known id with the events of the first time, so the notice of 30 days would
 * swallow that of 7. An id made of what is due would be right, but it would have to be known here, by the read
 * model, which may be behind the log or hold two due notices where the log takes both in one command.
 */
import { MAX_PAGE_SIZE, type ReadModels } from '@mcpstack/read-models';
import { inSteps, type Log } from '@mcpstack/service-kit';
import { isRefusal, type SystemCommands } from '../system-commands.ts';
import { trusted } from '../trusted.ts';
import { BackOff } from './back-off.ts';

const BATCH = 100;
const AT_ONCE = 8;
const COMMAND_TIMEOUT_MS = 5_000;
/** So many that are not answered in one poll say that issuance is away, not that something is wrong with a key. */
const MOST_FAILURES = 8;

export interface KeyExpiryOptions {
  models: Pick<ReadModels, 'listDueKeys'>;
  commands: SystemCommands;
  log: Log;
  /** Told what came of each key. */
  onTried?: (outcome: ExpiryOutcome) => void;
  nowMs?: () => number;
  backOff?: BackOff;
}

export type ExpiryOutcome = 'recorded' | 'refused' | 'failed';

export class KeyExpiry {
  readonly #options: KeyExpiryOptions;
  readonly #backOff: BackOff;
  /** Not answered at the last poll: they come last in the next, so that they hold up nobody. */
  #failed: ReadonlySet<string> = new Set();

  constructor(options: KeyExpiryOptions) {
    this.#options = options;
    this.#backOff = options.backOff ?? new BackOff();
  }

  /**
   * Asks once for what is due, and sends it. Answers whether there may be more.
   * @throws when nothing can be read, or issuance does not answer: all of it is due again at the next poll.
   */
  async poll(signal: AbortSignal): Promise<boolean> {
    const { models, nowMs = Date.now } = this.#options;
    // Those that are left alone for now are listed too; they must not crowd out the others.
    const limit = Math.min(BATCH + this.#backOff.size, MAX_PAGE_SIZE);
    const due = trusted(await models.listDueKeys(nowMs(), limit));
    if (due.length < limit) this.#backOff.keepOnly(new Set(due.map(({ keyId }) => keyId)));
    const now = due
      .filter(({ keyId }) => this.#backOff.mayTry(keyId))
      .sort((a, b) => Number(this.#failed.has(a.keyId)) - Number(this.#failed.has(b.keyId)))
      .slice(0, BATCH);
    const failures = new Map<string, unknown>();
    const record = async (key: (typeof now)[number]) => {
      if (signal.aborted || failures.size >= MOST_FAILURES) return;
      await this.#record(key).catch((error: unknown) => failures.set(key.keyId, error));
    };
    await inSteps(now, record, AT_ONCE);
    this.#failed = new Set(failures.keys());
    for (const error of failures.values()) throw error;
    return now.length === BATCH && !signal.aborted;
  }

  async #record({ organizationId, keyId }: { organizationId: string; keyId: string }): Promise<void> {
    const { commands, log, onTried } = this.#options;
    let outcome: ExpiryOutcome = 'recorded';
    try {
      await commands.send('recordKeyExpiry', { organizationId, keyId }, { timeoutMs: COMMAND_TIMEOUT_MS });
    } catch (error) {
      outcome = isRefusal(error) ? 'refused' : 'failed';
      if (outcome === 'failed') throw error;
      log.warn('what is due of a key was refused', { keyId, orgId: organizationId, err: error });
    } finally {
      onTried?.(outcome);
    }
    // Recorded or refused: listed again before the read models know, it would be asked for in vain.
    this.#backOff.tried(keyId);
  }
}
