/**
 * Brings events into a log that is empty, or holds their beginning: in their order, with their revisions and positions.
 * What stands there is compared before anything is added, so that whatever was interrupted is started again.
 */
import { uuidFrom } from '@mcpstack/contracts';
import { baseAfter, type RecordedEvent, type RestorableLog } from '@mcpstack/event-store';
import { changedIn, compare, placeOf } from './compare.ts';
import type { Erased } from './erased.ts';
import { CommandError } from './errors.ts';
import type { Progress } from './progress.ts';
import { sourceOf, standing, type Source } from './source.ts';

const BRING_TIMEOUT_MS = 60_000;
/** It may overwrite 2,000 messages one by one. */
const TRUNCATE_TIMEOUT_MS = 120_000;
/** In one append. */
const MOST_FILLED = 250;

export class Bringing {
  /** Stream → the revision that comes next in the target. */
  readonly #next = new Map<string, bigint>();
  /** Stream whose beginning is not there → its first revision. */
  readonly #filled = new Map<string, bigint>();
  #last = -1n;
  #brought = 0;

  private constructor(
    private readonly source: Source,
    private readonly target: RestorableLog,
    private readonly erased: Erased,
    private readonly progress: Progress,
  ) {}

  /** Position of the last event that is there. */
  get last(): bigint {
    return this.#last;
  }

  /** Events that this call has added. */
  get brought(): number {
    return this.#brought;
  }

  /**
   * Begins, or finds what an earlier call has brought to be the beginning of the source.
   * @throws CommandError for a target that holds anything else.
   */
  static async begin(
    source: Source,
    target: RestorableLog,
    erased: Erased,
    progress: Progress,
  ): Promise<Bringing> {
    const bringing = new Bringing(source, target, erased, progress);
    const head = await source.head();
    const origin = target.origin();
    if (!origin) {
      await target.begin({ originId: source.originId, base: baseAfter(head) });
      return bringing;
    }
    if (origin.originId !== source.originId)
      throw new CommandError(
        'wrong',
        `The target holds a part of another log: ${origin.originId}, not ${source.originId}. Take an empty one.`,
      );
    if (origin.sealed)
      throw new CommandError(
        'wrong',
        'The target is complete, and may be in use: nothing is brought into it any more. See with "compare" whether it is the same; take an empty one for another restore.',
      );
    if (origin.base <= head)
      throw new CommandError(
        'wrong',
        'The source was moved itself since this was begun. Take an empty target.',
      );
    await bringing.#resume();
    return bringing;
  }

  async #resume(): Promise<void> {
    const { source, target, erased } = this;
    const there = await sourceOf(target, 'the target');
    await there.learnErased(erased);
    const head = await there.head();
    const end = await source.head();
    // What the target holds beyond the end of the source is not waited for there.
    const wanted = standing(source, erased, -1n, head < end ? head : end);
    for await (const event of there.events(-1n, head)) {
      this.#stands(event);
      // It was brought before it was erased.
      if (erased.has(event)) continue;
      const same = await wanted.next();
      const what = same.done ? ['all'] : changedIn(same.value, event);
      if (what.length > 0)
        throw new CommandError(
          'wrong',
          `The target holds other events: the first is ${placeOf(event)} at position ${event.position} (it differs in ${what.join(', ')}). Take an empty one.`,
        );
    }
    await wanted.return(undefined);
    this.progress.say(`the target holds all up to position ${this.#last} already`);
  }

  /** Up to a position, inclusive. */
  async upTo(until: bigint): Promise<void> {
    for await (const event of standing(this.source, this.erased, this.#last, until)) {
      await this.#bring(event);
      this.progress.step(event.position);
    }
  }

  async #bring(event: RecordedEvent): Promise<void> {
    const { stream, revision } = event;
    const next = this.#next.get(stream) ?? 0n;
    if (revision > next) await this.#fill(event, next);
    await this.target.bring(event, { timeoutMs: BRING_TIMEOUT_MS });
    this.#stands(event);
    this.#brought += 1;
  }

  #stands({ stream, revision, position }: RecordedEvent): void {
    if (revision > 0n && !this.#next.has(stream)) this.#filled.set(stream, revision);
    this.#next.set(stream, revision + 1n);
    this.#last = position;
  }

  /** Revisions go on: what stood before and was erased leaves its place behind. */
  async #fill(event: RecordedEvent, next: bigint): Promise<void> {
    const { stream, revision } = event;
    // Of what was brought and erased since the record tells; of a beginning, that it is one.
    if (next > 0n && (this.erased.last.get(stream) ?? -1n) < revision - 1n)
      throw new CommandError(
        'wrong',
        `The log is not whole: ${stream} goes from revision ${next - 1n} on to ${revision}. See mcpstack-audit verify.`,
      );
    for (let at = next; at < revision;) {
      const count = Number(revision - at < MOST_FILLED ? revision - at : BigInt(MOST_FILLED));
      const events = Array.from({ length: count }, (_, index) => ({
        id: uuidFrom(`erased ${stream}@${at + BigInt(index)}`),
        ...{ type: 'Erased', data: {}, metadata: {} },
      }));
      await this.target.fill(stream, at - 1n, events);
      at += BigInt(count);
    }
  }

  /**
   * Compares all, removes what was erased, and makes the target a log that services take.
   * @throws CommandError when it is not the same.
   */
  async finish(): Promise<void> {
    const there = await sourceOf(this.target, 'the target');
    const { source: one, erased, progress } = this;
    const { differences, told } = await compare({ one, other: there, erased, progress });
    if (differences > 0)
      throw new CommandError(
        'wrong',
        `The target is not the same in ${differences} places: ${told[0]!.message}`,
      );
    for (const [stream, last] of this.erased.last)
      if ((this.#next.get(stream) ?? 0n) > last + 1n) this.#filled.set(stream, last + 1n);
    for (const [stream, before] of this.#filled)
      await this.target.truncate(stream, before, { timeoutMs: TRUNCATE_TIMEOUT_MS });
    await this.target.seal(this.#last);
  }
}
