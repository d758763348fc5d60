/**
 * The one writer of the read models, within one session on one connection (G4). Every step proves in the
 * script itself that server and data set are still this session's; a refusal ends the session.
 */
import { randomBytes } from 'node:crypto';
import type { Actor, RedisPlace } from '@mcpstack/contracts';
import type { Connection, Reply } from './connection.ts';
import { Connector } from './connector.ts';
import { ReadModelsUnavailableError, SessionEndedError } from './errors.ts';
import { generationOf, isGeneration, names, PREFIX, SCHEMA, type Generation } from './namespace.ts';
import type { PartName, Write } from './read-model.ts';
import type { Script } from './script.ts';
import { WRITE_SCRIPTS } from './write-scripts.ts';

/** How many names one step of dropping a generation removes. */
const DROP_BATCH = 512;

/** What stands in a stream's main record. Revision -1: nothing. */
export interface StoredRecord {
  revision: bigint;
  data: string | undefined;
  parked: string | undefined;
}

/** A stream's main record and all that changes with it, guarded by the revision that must stand there. */
export interface Change {
  name: string;
  expected: bigint;
  revision: bigint;
  writes: readonly Write[];
}

/** Which event of the log was handled last. */
export interface LastEvent {
  position: bigint;
  stream: string;
  revision: bigint;
  id: string;
}

/** What `begin` found in the data set. */
export interface FoundGeneration {
  generation: Generation;
  position: bigint;
  /** Absent where nothing was handled yet, or by a version that did not note it. */
  last: LastEvent | undefined;
  logId: string;
  /** The generation was written by another version of the read models: rebuild it. */
  outdated: boolean;
}

export interface WriterOptions extends RedisPlace {
  /** Of every step. 2000 by default. Milliseconds. */
  timeoutMs?: number;
  name?: string;
}

/** Makes sessions, one after the other. */
export class ReadModelWriter {
  readonly #connector: Connector;

  constructor({ timeoutMs = 2_000, name = 'mcpstack-projection', ...place }: WriterOptions) {
    this.#connector = new Connector({ ...place, timeoutMs, name, scripts: Object.values(WRITE_SCRIPTS) });
  }

  /**
   * Connects to the primary and takes the data set: from now on every other session's writes are refused.
   * @throws ReadModelsUnavailableError, SessionEndedError when the server is no primary.
   */
  async begin(): Promise<WriteSession> {
    const connection = await this.#connector.connect();
    try {
      return await WriteSession.begin(connection);
    } catch (error) {
      connection.drop(error as Error);
      throw error;
    }
  }
}

export class WriteSession {
  readonly id: string;
  readonly found: FoundGeneration | undefined;
  readonly #connection: Connection;
  readonly #proof: readonly string[];
  /** Stamps that were sent, and those of them that were answered. */
  #sent = 0;
  #counter = 0;

  private constructor(connection: Connection, id: string, identity: string, found?: FoundGeneration) {
    this.#connection = connection;
    this.id = id;
    this.#proof = [id, identity];
    this.found = found;
  }

  static async begin(connection: Connection): Promise<WriteSession> {
    const id = randomBytes(16).toString('hex');
    const answer = (await connection.run(WRITE_SCRIPTS.begin, [id])) as (string | null)[];
    const [status, identity, active, , position, logId, schema, last] = answer;
    if (status !== 'ok') throw new SessionEndedError(`Redis refused the session: ${identity}`);
    const isUsable = isGeneration(active) && typeof position === 'string' && typeof logId === 'string';
    const found = isUsable
      ? {
          generation: active,
          position: BigInt(position),
          last: lastEventOf(last),
          logId,
          outdated: schema !== SCHEMA,
        }
      : undefined;
    return new WriteSession(connection, id, identity!, found);
  }

  /** Settles with the cause when the connection is over. */
  get ended(): Promise<Error> {
    return this.#connection.ended;
  }

  /** Writes the next stamp. The caller checks its lease after the previous one was answered. */
  async stamp(): Promise<void> {
    this.#sent += 1;
    await this.#step(WRITE_SCRIPTS.stamp, [`${this.#sent}`]);
    this.#counter += 1;
  }

  /** How many stamps are on their way, or were lost there. */
  get unansweredStamps(): number {
    return this.#sent - this.#counter;
  }

  /** The main records of these names. */
  async load(generation: Generation, names: readonly string[]): Promise<StoredRecord[]> {
    if (names.length === 0) return [];
    const [, rows] = await this.#step(WRITE_SCRIPTS.load, [generation, ...names]);
    return (rows as (string | null)[][]).map(([revision, data, parked]) => ({
      revision: typeof revision === 'string' ? BigInt(revision) : -1n,
      data: data ?? undefined,
      parked: parked ?? undefined,
    }));
  }

  /** One part of a record, as it stands; the record's revision guards it too. */
  async part(generation: Generation, { name, field }: PartName): Promise<string | undefined> {
    const [, data] = await this.#step(WRITE_SCRIPTS.part, [generation, name, field]);
    return (data as string | null) ?? undefined;
  }

  /**
   * Applies each change whose guard fits, skips those that stand already, and moves the position up to
   * `last` unless a change met a record that is neither: those are answered, by name.
   * `superseded`: the generation is neither in force nor being built any more; nothing was written.
   */
  async apply(
    generation: Generation,
    changes: readonly Change[],
    last: LastEvent,
  ): Promise<'superseded' | { conflicts: string[] }> {
    const words: string[] = [];
    for (const { name, expected, revision, writes } of changes) {
      words.push(name, expected < 0n ? '' : `${expected}`, `${revision}`, `${writes.length}`);
      for (const write of writes) words.push(`${write.length}`, ...write);
    }
    const [status, conflicts] = await this.#step(WRITE_SCRIPTS.apply, [
      generation,
      `${last.position}`,
      noteOf(last),
      ...words,
    ]);
    if (status === 'superseded') return 'superseded';
    return { conflicts: (conflicts as number[]).map((place) => changes[place - 1]!.name) };
  }

  /** Begins a generation beside the live one; one that was being built is given up. */
  async build(logId: string): Promise<Generation> {
    const [, name] = await this.#step(WRITE_SCRIPTS.build, [logId, SCHEMA]);
    if (!isGeneration(name)) throw new Error('Redis named a generation that is none');
    return name;
  }

  /** Puts the built generation in force; `behind` when the live one is further. */
  async switchTo(generation: Generation): Promise<'ok' | 'behind' | 'superseded'> {
    const [status] = await this.#step(WRITE_SCRIPTS.switch, [generation]);
    return status as 'ok' | 'behind' | 'superseded';
  }

  /** Takes what is in force out of force: it is not of this log. */
  async discard(): Promise<void> {
    await this.#step(WRITE_SCRIPTS.discard, []);
  }

  /**
   * Service keys in force that `maker` made, oldest first, and those that have ended but made keys themselves, in
   * one step with the proof that this session still writes the data set. `too-many`: there are more than `limit`.
   * `superseded`: the generation is not in force.
   */
  async keysOfMaker(
    generation: Generation,
    { organizationId, maker, limit }: { organizationId: string; maker: Actor; limit: number },
  ): Promise<readonly string[] | 'too-many' | 'superseded'> {
    const [status, count, inForce, ended] = await this.#step(WRITE_SCRIPTS.keysOfMaker, [
      generation,
      names.keysOfMaker(organizationId, maker),
      names.endedKeysOfMaker(organizationId, maker),
      names.makingKeysOf(organizationId),
      `${limit}`,
    ]);
    if (status === 'superseded') return 'superseded';
    const keyIds = [...(inForce as string[]), ...(ended as string[])];
    return (count as number) + (ended as string[]).length > limit ? 'too-many' : keyIds;
  }

  /** How many events are parked. */
  async parkedCount(generation: Generation): Promise<number> {
    const [, count] = await this.#step(WRITE_SCRIPTS.parked, [generation]);
    return count as number;
  }

  /** Removes every generation that is neither in force nor being built, in bounded steps. */
  async dropOld(): Promise<number> {
    let cursor = '0';
    let removed = 0;
    do {
      const [next, found] = (await this.#connection.command([
        'SCAN',
        cursor,
        'MATCH',
        // A pattern with braces in it is fine: SCAN's patterns know * ? [ ] and \ only.
        `${PREFIX}g-*`,
        'COUNT',
        `${DROP_BATCH}`,
      ])) as [string, string[]];
      cursor = next;
      const old = found.filter((name) => generationOf(name) !== undefined);
      for (let from = 0; from < old.length; from += DROP_BATCH) {
        const [, count] = await this.#step(WRITE_SCRIPTS.drop, old.slice(from, from + DROP_BATCH));
        removed += count as number;
      }
    } while (cursor !== '0');
    return removed;
  }

  /** What `maxmemory-policy` says; `undefined` where the server does not tell. */
  async evictionPolicy(): Promise<string | undefined> {
    const text = await this.#connection.command(['INFO', 'memory']);
    return typeof text === 'string' ? /maxmemory_policy:(\S+)/.exec(text)?.[1] : undefined;
  }

  /** Ends the session; calls under way reject. */
  end(cause: Error = new ReadModelsUnavailableError('closed', 'the session was ended')): void {
    this.#connection.drop(cause);
  }

  async #step(script: Script, args: readonly string[]): Promise<Reply[]> {
    const reply = (await this.#connection.run(script, [...this.#proof, ...args])) as Reply[];
    if (reply[0] !== 'refused') return reply;
    const error = new SessionEndedError(`Redis refused to ${script.name}: ${String(reply[1])}`);
    this.end(error);
    throw error;
  }
}

/** As it stands in Redis: position, revision, id, stream. */
function noteOf({ position, stream, revision, id }: LastEvent): string {
  return `${position} ${revision} ${id} ${stream}`;
}

function lastEventOf(note: string | null | undefined): LastEvent | undefined {
  const [, position, revision, id, stream] = /^(\d+) (\d+) (\S+) (.+)$/s.exec(note ?? '') ?? [];
  if (stream === undefined) return undefined;
  return { position: BigInt(position!), revision: BigInt(revision!), id: id!, stream };
}
