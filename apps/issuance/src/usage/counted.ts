/**
 * Which uses a stream holds already. Each of its events says, for every authorizer that has added to the stream, up
 * to which of its batches that went: so that the newest event alone tells whether a batch was recorded before, however
 * often, how late and through which instance it comes again. Pure; stored in events (G10): never edit, add.
 */
import { z } from 'zod';

const COUNTED = z.object({
  /** By whom, up to which number, and when that was recorded; the newest last. */
  by: z.array(z.tuple([z.string(), z.int().min(1), z.iso.datetime()])),
  /** Of the authorizers that are not remembered any more none recorded anything after this. */
  forgottenUntil: z.iso.datetime().optional(),
});
export type Counted = z.infer<typeof COUNTED>;

export interface Batch {
  source: string;
  number: number;
}

/** More authorizers than this add to one stream in `REMEMBERED_MS` hardly ever. */
const MOST_SOURCES = 64;
/** An authorizer that ended long ago is forgotten. One whose batch waits for longer than this is too late. */
const REMEMBERED_MS = 24 * 60 * 60_000;
/** How far the clocks of authorizers and of this service may be apart. */
const CLOCKS_APART_MS = 2 * 60_000;

/** What an event's metadata says. @throws ZodError when it cannot be read: then nothing is added either. */
export function countedIn(metadata: Record<string, unknown>): Counted {
  const { counted } = metadata;
  return counted === undefined ? { by: [] } : COUNTED.parse(counted);
}

/**
 * Whether the batch is recorded. `too-late`: that cannot be told any more, since it may be of an authorizer that was
 * forgotten. Uses that came after all that was forgotten are of none of them.
 */
export function standing(
  { by, forgottenUntil }: Counted,
  { source, number }: Batch,
  lastUsedAt: string,
): 'new' | 'recorded' | 'too-late' {
  const known = by.find(([name]) => name === source);
  if (known) return number <= known[1] ? 'recorded' : 'new';
  if (forgottenUntil === undefined) return 'new';
  return Date.parse(lastUsedAt) - CLOCKS_APART_MS > Date.parse(forgottenUntil) ? 'new' : 'too-late';
}

/** With this batch, recorded now. */
export function countedWith({ by, forgottenUntil }: Counted, { source, number }: Batch, at: string): Counted {
  const others = by.filter(([name]) => name !== source);
  const oldestMs = Date.parse(at) - REMEMBERED_MS;
  const remembered = others.slice(1 - MOST_SOURCES).filter(([, , then]) => Date.parse(then) > oldestMs);
  const forgotten = others.filter((one) => !remembered.includes(one)).map(([, , then]) => then);
  const until = [...forgotten, ...(forgottenUntil === undefined ? [] : [forgottenUntil])].sort().at(-1);
  return {
    by: [...remembered, [source, number, at]],
    ...(until !== undefined && { forgottenUntil: until }),
  };
}
