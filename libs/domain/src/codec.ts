/** Event codecs: a strict schema per version of every event, older versions upcast on read (G10). */
import { z } from 'zod';
import type { DomainEvent, EncodedEvent, EventCodec } from './decider.ts';
import { InvalidEventError, UnknownEventError } from './errors.ts';

type Read<Data> = { success: true; data: Data } | { success: false; error: z.ZodError };

/** All versions of one event. Version 1 is the first; the last one is current and the only one written. */
export interface EventHistory<Data> {
  readonly currentVersion: number;
  readonly schema: z.ZodType<Data>;
  /** Validates data of this version with its own schema, then lifts it version by version. */
  read(version: number, data: unknown): Read<Data> | undefined;
}

/** An event that has had one shape only. */
export function firstVersion<Data>(schema: z.ZodType<Data>): EventHistory<Data> {
  return {
    currentVersion: 1,
    schema,
    read: (version, data) => (version === 1 ? schema.safeParse(data) : undefined),
  };
}

/** The next shape of an event: its schema, and how data of the version before becomes one of it. */
export function nextVersion<Older, Data>(
  older: EventHistory<Older>,
  schema: z.ZodType<Data>,
  upcast: (data: Older) => Data,
): EventHistory<Data> {
  const currentVersion = older.currentVersion + 1;
  return {
    currentVersion,
    schema,
    read(version, data) {
      if (version === currentVersion) return schema.safeParse(data);
      const read = older.read(version, data);
      // What comes out of an upcast is checked too: a wrong upcast must not get past the codec.
      return read?.success ? schema.safeParse(upcast(read.data)) : read;
    },
  };
}

type Histories<Event extends DomainEvent> = {
  readonly [Type in Event['type']]: EventHistory<Extract<Event, { type: Type }>['data']>;
};

/** A codec that can also say what it knows, for the golden files. */
export interface DescribedCodec<Event extends DomainEvent> extends EventCodec<Event> {
  /** Event type → its current schema version. */
  readonly versions: Readonly<Record<Event['type'], number>>;
}

/** What decoding needs of the metadata. Other keys are free: chains and traces add their own. */
const METADATA = z.looseObject({
  schemaVersion: z.int().min(1),
  at: z.iso.datetime(),
  actor: z.strictObject({ type: z.enum(['user', 'key', 'system']), id: z.string().min(1) }),
});

/** The codec of one aggregate. */
export function eventCodec<Event extends DomainEvent>(histories: Histories<Event>): DescribedCodec<Event> {
  const find = (type: string): EventHistory<unknown> => {
    if (!Object.hasOwn(histories, type))
      throw new UnknownEventError(`no event of ours is named ${quote(type)}`);
    return histories[type as Event['type']];
  };
  const versions = Object.fromEntries(
    Object.keys(histories).map((type) => [type, find(type).currentVersion]),
  ) as Record<Event['type'], number>;

  return {
    versions,
    encode(event): EncodedEvent {
      const { currentVersion, schema } = find(event.type);
      // Validated on the way out too: an event that cannot be read again must never be written.
      const parsed = schema.safeParse(event.data);
      if (!parsed.success) throw invalid(event.type, 'data', parsed.error);
      return {
        type: event.type,
        schemaVersion: currentVersion,
        data: parsed.data as Record<string, unknown>,
      };
    },
    decode(stored): Event {
      const history = find(stored.type);
      const metadata = METADATA.safeParse(stored.metadata);
      if (!metadata.success) throw invalid(stored.type, 'metadata', metadata.error);
      const { schemaVersion, at, actor } = metadata.data;
      const read = history.read(schemaVersion, stored.data);
      if (!read)
        throw new UnknownEventError(`${stored.type} has no version ${schemaVersion} that is known here`);
      if (!read.success) throw invalid(stored.type, 'data', read.error);
      return { type: stored.type, data: read.data, at, actor } as Event;
    },
  };
}

/** A type off the log is shown in full only when it looks like a name. */
function quote(type: string): string {
  return /^[A-Za-z]{1,64}$/.test(type) ? type : 'so (not a name)';
}

/** Names the field and the rule. Neither zod's message nor its error is kept: both may quote the data. */
function invalid(type: string, part: 'data' | 'metadata', error: z.ZodError): InvalidEventError {
  const places = error.issues
    .slice(0, 5)
    .map((issue) => `${[part, ...issue.path].join('.')} (${issue.code})`);
  return new InvalidEventError(`${type} does not fit its schema at ${places.join(', ')}`);
}
