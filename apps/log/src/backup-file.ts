/**
 * The file of a backup: lines of JSON. The first says of which log it is, each further one is an event, and the last says
 * how many there are and what the SHA-256 of all bytes before it is. So a file that was cut off, or in which anything was
 * changed, is refused. (Whoever can write the file can compute the sum anew: what shows that is the signed checkpoints
 * among the events.)
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { RecordedEvent } from '@mcpstack/event-store';
import type { Erased } from './erased.ts';
import { CommandError } from './errors.ts';
import { textOf, type Source } from './source.ts';

export const FORMAT = 'mcpstack-log';
const VERSION = 1;
/** An event holds a MiB at the most. */
const MOST_LINE_BYTES = 8 * 1024 * 1024;

export interface Header {
  format: typeof FORMAT;
  version: number;
  /** Which log. */
  log: string;
  /** The position that it goes on after, of an incremental one; `-1`: it begins with the log. */
  after: string;
  /** The sum of the file that it goes on from. */
  previous?: string;
  /** When it was begun; ISO 8601. */
  at: string;
}

export interface Trailer {
  count: number;
  /** Position of the last event; that of `after` if there is none. */
  last: string;
  sha256: string;
}

/** Makes the lines of a file, each with its end. */
export class Lines {
  readonly #hash = createHash('sha256');
  #count = 0;
  #last: string;

  constructor(private readonly head: Omit<Header, 'format' | 'version'>) {
    this.#last = head.after;
  }

  header(): string {
    return this.#summed(JSON.stringify({ format: FORMAT, version: VERSION, ...this.head }));
  }

  event(event: RecordedEvent): string {
    this.#count += 1;
    this.#last = `${event.position}`;
    return this.#summed(textOf(event));
  }

  end(): { line: string; trailer: Trailer } {
    const trailer = { count: this.#count, last: this.#last, sha256: this.#hash.digest('hex') };
    return { line: `${JSON.stringify({ trailer })}\n`, trailer };
  }

  #summed(text: string): string {
    this.#hash.update(text).update('\n');
    return `${text}\n`;
  }
}

/** A file that was read through once, and found whole. */
export interface BackupFile {
  file: string;
  header: Header;
  trailer: Trailer;
}

/** Reads a file through. @param onEvent told of each event. @throws CommandError for one that is not whole. */
export async function checkFile(file: string, onEvent?: (event: RecordedEvent) => void): Promise<BackupFile> {
  const reading = readFile(file);
  for (;;) {
    const { done, value } = await reading.next();
    if (done) return value;
    onEvent?.(value);
  }
}

/** The events, and at the end what the file says of itself. */
async function* readFile(file: string): AsyncGenerator<RecordedEvent, BackupFile> {
  const hash = createHash('sha256');
  let header: Header | undefined;
  let count = 0;
  let last = -1n;
  const lines = linesOf(file);
  for await (const line of lines) {
    const value = parsed(line, file);
    if (!header) {
      header = headerIn(value, file);
      last = BigInt(header.after);
    } else if ('trailer' in value) {
      const trailer = value['trailer'] as Trailer;
      if (trailer.count !== count || trailer.last !== `${last}` || trailer.sha256 !== sumOf(hash))
        throw damaged(file);
      if (!(await lines.next()).done) throw damaged(file);
      return { file, header, trailer };
    } else {
      const event = eventIn(value, file);
      if (event.position <= last) throw damaged(file);
      last = event.position;
      count += 1;
      hash.update(line).update('\n');
      yield event;
      continue;
    }
    hash.update(line).update('\n');
  }
  throw new CommandError('wrong', `${file} is not whole: its end is missing.`);
}

const sumOf = (hash: Hash): string => hash.copy().digest('hex');

/** Lines that end; what stands after the last end is no line. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        const end = chunk.subarray(from, at);
        yield rest.length > 0 ? Buffer.concat([...rest, end]).toString() : end.toString();
        [rest, restBytes, from] = [[], 0, at + 1];
      }
      rest.push(chunk.subarray(from));
      restBytes += chunk.length - from;
      if (restBytes > MOST_LINE_BYTES) throw damaged(file);
    }
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    throw new CommandError('usage', `${file} cannot be read (${code ?? 'unknown'}).`, { cause });
  }
  if (restBytes > 0) throw new CommandError('wrong', `${file} is not whole: its end is missing.`);
}

function parsed(line: string, file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw damaged(file);
}

function headerIn(value: Record<string, unknown>, file: string): Header {
  const header = value as unknown as Header;
  if (header.format !== FORMAT) throw new CommandError('wrong', `${file} is no backup of a log.`);
  if (header.version !== VERSION)
    throw new CommandError(
      'failed',
      `${file} has version ${header.version} of the format: use a newer mcpstack-log.`,
    );
  if (typeof header.log !== 'string' || !/^(-1|\d{1,16})$/.test(header.after)) throw damaged(file);
  return header;
}

function eventIn(value: Record<string, unknown>, file: string): RecordedEvent {
  const { stream, revision, position, id, type, data, metadata } = value as Record<string, string>;
  if (![revision, position].every((number) => /^\d{1,19}$/.test(String(number)))) throw damaged(file);
  return {
    ...{ stream: stream!, id: id!, type: type!, revision: BigInt(revision!), position: BigInt(position!) },
    data: data as unknown as Record<string, unknown>,
    metadata: metadata as unknown as Record<string, unknown>,
  };
}

function damaged(file: string): CommandError {
  return new CommandError('wrong', `${file} is damaged: it does not hold what was written to it.`);
}

/**
 * Files that go on from each other, as one log.
 * @throws CommandError for one that is not whole, or goes on from another one.
 */
export async function sourceOfFiles(files: readonly string[], erased: Erased): Promise<Source> {
  const read: BackupFile[] = [];
  for (const file of files) {
    const next = await checkFile(file, (event) => erased.learn(event));
    const before = read.at(-1);
    const { log, after, previous } = next.header;
    if (before ? previous !== before.trailer.sha256 || log !== before.header.log : after !== '-1')
      throw new CommandError(
        'usage',
        before
          ? `${file} does not go on from ${before.file}: give the files in the order in which they were made.`
          : `${file} goes on from an earlier file: give that one first.`,
      );
    read.push(next);
  }
  const head = BigInt(read.at(-1)!.trailer.last);
  return {
    name: files.length === 1 ? files[0]! : `${files[0]} and ${files.length - 1} more`,
    originId: read[0]!.header.log,
    head: () => Promise.resolve(head),
    learnErased: () => Promise.resolve(),
    async *events(after, until) {
      for (const { file, trailer } of read) {
        if (BigInt(trailer.last) <= after) continue;
        for await (const event of readFile(file)) {
          if (event.position > until) return;
          if (event.position > after) yield event;
        }
      }
    },
  };
}
