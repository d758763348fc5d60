/**
 * The fold of a whole log, for auditors: what every event of ours comes to, told once more and by other code than
 * production has. It shares with production the event codecs alone, which say what may stand in the log: neither the
 * domain's `evolve` nor the read models. A fault in one of the two is then a difference between them.
 *
 * An event that cannot be read, or cannot follow where it stands, is never skipped: its stream is not told from there
 * on, and the fold says so.
 */
import {
  codecFor,
  InvalidEventError,
  UnknownEventError,
  type Category,
  type DomainEvent,
} from '@mcpstack/domain';
import type { RecordedEvent } from '@mcpstack/event-store';
import { foldAgent, foldServer } from './agents.ts';
import { foldKey } from './keys.ts';
import { foldOrganization } from './organizations.ts';
import { emptyState, type LogState, type Streamed } from './state.ts';
import { Shared, type Step } from './step.ts';
import { markOf, noted, ToldList, toldOf } from './told.ts';
import { foldUsage, foldUser } from './users.ts';
import { foldWebhook } from './webhooks.ts';

export interface FoldOptions {
  /** Keeps also what the read models alone hold: who registered which digest first, the newest windows of use. */
  forReadModels?: boolean;
}

/** An event that could not be folded. */
export interface Fault {
  code: 'unknown-event' | 'invalid-event' | 'missing-events';
  stream: string;
  type: string;
  revision: number;
  position: number;
  /** A sentence that quotes no value of the event. */
  reason: string;
}

/** A stream that is not told from one event on. */
export interface BrokenStream {
  fault: Fault;
  /** Of its last event. */
  revision: number;
  /** Places of all its events from the fault on. */
  events: { revision: number; position: number; type: string }[];
}

interface Place {
  category: string;
  id: string;
}
type AnyFold = (step: Step<never>) => void;

/** Exhaustive: a category that is not folded does not compile. */
const FOLDS: Readonly<Record<Category, AnyFold | undefined>> = {
  organization: foldOrganization,
  user: foldUser,
  agent: foldAgent,
  server: foldServer,
  key: foldKey,
  usage: foldUsage,
  webhook: foldWebhook,
  // Evidence about the log, and no state.
  checkpoint: undefined,
};

/** Of people, of use and of checkpoints nothing is told. */
const TOLD = new Set<string>(['organization', 'agent', 'server', 'key', 'webhook'] satisfies Category[]);

/** Of one broken stream so many events are remembered. */
const MOST_REMEMBERED = 10_000;

export class LogFold {
  readonly state: LogState = emptyState();
  /** By stream. */
  readonly broken = new Map<string, BrokenStream>();
  /** How many of each type. */
  readonly types = new Map<string, number>();
  count = 0;
  /** Events beyond the first of their stream that carry no digest of the one before. */
  unchained = 0;
  first: RecordedEvent | undefined;
  last: RecordedEvent | undefined;
  readonly #shared = new Shared();
  readonly #forReadModels: boolean;

  constructor({ forReadModels = false }: FoldOptions = {}) {
    this.#forReadModels = forReadModels;
  }

  /** Of the last event, or -1. */
  get position(): number {
    return this.last ? Number(this.last.position) : -1;
  }

  /** Of the last event of a stream that holds something. */
  revisionOf(stream: string): number | undefined {
    return this.#thing(placeOf(stream))?.revision;
  }

  /** Positions of the events that are about what the stream is the stream of. */
  notedOf(stream: string): string | undefined {
    return this.#thing(placeOf(stream))?.noted;
  }

  /** The next event of the log, in its order. */
  apply(stored: RecordedEvent): void {
    this.#count(stored);
    const place = { ...placeOf(stored.stream), revision: Number(stored.revision) };
    const before = this.#thing(place);
    if (this.broken.size > 0 && this.broken.has(stored.stream)) {
      const broken = this.broken.get(stored.stream)!;
      broken.revision = place.revision;
      this.#remember(broken, stored);
    } else {
      try {
        this.#fold(stored, place, before);
      } catch (error) {
        this.#break(stored, error);
      }
    }
    const thing = before ?? this.#thing(place);
    if (thing) thing.revision = place.revision;
  }

  #count(stored: RecordedEvent): void {
    this.count += 1;
    this.first ??= stored;
    this.last = stored;
    this.types.set(stored.type, (this.types.get(stored.type) ?? 0) + 1);
    if (stored.revision > 0n && stored.metadata['previousDigest'] === undefined) this.unchained += 1;
  }

  #fold(
    stored: RecordedEvent,
    { category, id, revision }: Place & { revision: number },
    before: Streamed | undefined,
  ): void {
    const event: DomainEvent = codecFor(category).decode(stored);
    const fold = FOLDS[category as Category] as ((step: Step) => void) | undefined;
    if (!fold) return;
    const last = before?.revision ?? -1;
    if (revision !== last + 1) {
      // A person's stream may have been cut: what stood before is gone for good.
      if (category !== 'user' || revision <= last) throw new MissingEventsError(last, revision);
      const user = this.state.users.get(id);
      if (user) user.profile = undefined;
    }
    fold({
      state: this.state,
      event,
      id,
      position: Number(stored.position),
      shared: this.#shared,
      forReadModels: this.#forReadModels,
    });
    if (this.#forReadModels) this.#tell({ category, id }, stored, event);
  }

  /** Keeps what others are told of the event. */
  #tell(place: Place, stored: RecordedEvent, event: DomainEvent): void {
    const thing = this.#thing(place);
    if (!thing || !TOLD.has(place.category)) return;
    const organizationId = (thing as { organizationId?: string }).organizationId ?? place.id;
    const { told, isAboutStream } = toldOf(place, stored, event);
    const position = Number(stored.position);
    const list = this.state.told.get(organizationId) ?? new ToldList();
    list.add(position, markOf(told));
    this.state.told.set(organizationId, list);
    if (isAboutStream) thing.noted = noted(thing.noted, position);
  }

  #break(stored: RecordedEvent, error: unknown): void {
    const { stream, type, revision, position } = stored;
    const fault: Fault = {
      code: codeOf(error),
      stream,
      type,
      revision: Number(revision),
      position: Number(position),
      reason: (error as Error).message,
    };
    const broken: BrokenStream = { fault, revision: Number(revision), events: [] };
    this.broken.set(stream, broken);
    this.#remember(broken, stored);
  }

  #remember({ events }: BrokenStream, { stream, revision, position, type }: RecordedEvent): void {
    // It may be their erasure that cannot be read: of people nothing is kept then.
    const user = stream.startsWith('user-') ? this.state.users.get(placeOf(stream).id) : undefined;
    if (user) user.profile = undefined;
    if (events.length < MOST_REMEMBERED)
      events.push({ revision: Number(revision), position: Number(position), type });
  }

  /** What the stream is the stream of. */
  #thing({ category, id }: Place): Streamed | undefined {
    const { organizations, users, agents, servers, keys, usage, webhooks } = this.state;
    switch (category) {
      case 'organization':
        return organizations.get(id);
      case 'user':
        return users.get(id);
      case 'agent':
        return agents.get(id);
      case 'server':
        return servers.get(id);
      case 'key':
        return keys.get(id);
      case 'usage':
        return usage.get(id);
      case 'webhook':
        return webhooks.get(id);
      default:
        return undefined;
    }
  }
}

class MissingEventsError extends Error {
  override readonly name = 'MissingEventsError';
  constructor(before: number, revision: number) {
    super(`revision ${revision} follows ${before < 0 ? 'nothing' : `revision ${before}`}`);
  }
}

/** Anything else is a fault of this code. */
function codeOf(error: unknown): Fault['code'] {
  if (error instanceof UnknownEventError) return 'unknown-event';
  if (error instanceof InvalidEventError) return 'invalid-event';
  if (error instanceof MissingEventsError) return 'missing-events';
  throw error;
}

function placeOf(stream: string): Place {
  const dash = stream.indexOf('-');
  return { category: stream.slice(0, Math.max(dash, 0)), id: stream.slice(dash + 1) };
}
