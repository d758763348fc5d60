/**
 * Reads all that stands in the generation in force, as it stands: for whoever compares it with the log. In bounded
 * steps, each of which tells the position that the read models had reached when it read. It writes nothing.
 */
import { AUDIT_SCRIPTS } from './audit-scripts.ts';
import { type Connection, type Reply } from './connection.ts';
import { Connector } from './connector.ts';
import { ReadModelsUnavailableError } from './errors.ts';
import { isGeneration, PREFIX, type Generation } from './namespace.ts';
import type { Script } from './script.ts';

export interface GenerationHead {
  generation: Generation;
  /** Of the last event that was applied; -1 for none. */
  position: bigint;
  /** The log that it was built from. */
  logId: string;
  /** Of the records: another one means other shapes. */
  schema: string;
}

/**
 * Some fields of one name. Of what is neither hash nor set, the one field ''. `log`: a sorted set of texts by position,
 * whose fields are positions, ascending.
 */
export interface AskedName {
  name: string;
  kind: 'hash' | 'sorted-set' | 'set' | 'list' | 'string' | 'log';
  fields: readonly string[];
}

export interface ReadStep<Value> {
  position: bigint;
  value: Value;
}

/**
 * The values of the fields, in their order: texts, scores as texts, 1 and 0 for members of sets, a list of texts, or
 * null for what is not there. `other-type`: the name holds something else.
 */
export type Cells = readonly (Reply | null)[] | 'other-type';

/** A field, or a member of a set; with its score or value where that comes with it. */
export interface FoundField {
  field: string;
  value?: string;
}

/** The generation is in force no more: begin anew with the one that is. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
  readonly code = 'superseded';
}

export interface GenerationReaderOptions {
  url: string;
  /** Of every step. 10000 by default. Milliseconds. */
  timeoutMs?: number;
  name?: string;
}

/** Names that one step of `names` looks at, about. */
const NAMES_A_STEP = 1_000;

export class GenerationReader {
  readonly head: GenerationHead;
  readonly #connection: Connection;

  private constructor(connection: Connection, head: GenerationHead) {
    this.#connection = connection;
    this.head = head;
  }

  /** @throws ReadModelsUnavailableError when Redis does not answer, or no generation is in force there. */
  static async open(options: GenerationReaderOptions): Promise<GenerationReader> {
    const { url, timeoutMs = 10_000, name = 'mcpstack-audit' } = options;
    const connector = new Connector({ url, timeoutMs, name, scripts: Object.values(AUDIT_SCRIPTS) });
    for (let attempt = 1; ; attempt += 1) {
      const connection = await connector.connect();
      try {
        return new GenerationReader(connection, await headOf(connection));
      } catch (error) {
        connection.drop(error as Error);
        // A node of a cluster may have named the one that has them.
        const isMoved = error instanceof ReadModelsUnavailableError && error.reason === 'server-error';
        if (!isMoved || attempt > 1) throw error;
        await connection.ended;
      }
    }
  }

  /** @throws SupersededError, ReadModelsUnavailableError */
  async cells(asked: readonly AskedName[]): Promise<ReadStep<readonly Cells[]>> {
    const words = asked.flatMap(({ name, kind, fields }) => {
      const wanted = kind === 'list' || kind === 'string' ? [] : fields;
      return [kind, name, `${wanted.length}`, ...wanted];
    });
    const { position, value } = await this.#step(AUDIT_SCRIPTS.cells, words);
    return {
      position,
      value: (value as Reply[]).map((found, index) => cellsIn(asked[index]!, found)),
    };
  }

  /** Some names of the generation, from a cursor on: '0' first, and '0' again after the last. They may come twice. */
  async names(cursor: string): Promise<{ cursor: string; names: readonly string[] }> {
    const prefix = `${PREFIX}${this.head.generation}:`;
    const words = ['SCAN', cursor, 'MATCH', `${prefix}*`, 'COUNT', `${NAMES_A_STEP}`];
    const [next, found] = (await this.#connection.command(words)) as [string, string[]];
    return { cursor: next, names: found.map((full) => full.slice(prefix.length)) };
  }

  /** The fields of each of these names; a text or a list has none, and one with very many is `undefined`. */
  async fields(
    names: readonly string[],
  ): Promise<ReadStep<readonly { type: string; fields: readonly FoundField[] | undefined }[]>> {
    const { position, value } = await this.#step(AUDIT_SCRIPTS.fields, names);
    const found = (value as [string, string[] | null][]).map(([type, fields]) => ({
      type,
      fields: fields === null ? undefined : type === 'zset' ? inPairs(fields) : fields.map(alone),
    }));
    return { position, value: found };
  }

  /** The fields of a name with very many, piece by piece, from cursor '0' until it is '0' again. */
  async scan(
    name: string,
    type: string,
    cursor: string,
  ): Promise<ReadStep<{ cursor: string; fields: readonly FoundField[] }>> {
    const { position, value } = await this.#step(AUDIT_SCRIPTS.scan, [name, type, cursor]);
    const [next, found] = value as [string, string[]];
    const fields = type === 'set' ? found.map(alone) : inPairs(found);
    return { position, value: { cursor: next, fields } };
  }

  close(): void {
    this.#connection.drop(new ReadModelsUnavailableError('closed', 'the reader was closed'));
  }

  async #step(script: Script, args: readonly string[]): Promise<ReadStep<Reply>> {
    const { generation } = this.head;
    const reply = (await this.#connection.run(script, [generation, ...args])) as Reply[];
    if (reply[0] === 'superseded') throw new SupersededError(`${generation} is in force no more`);
    return { position: BigInt(reply[1] as string), value: reply[2]! };
  }
}

function cellsIn({ kind, fields }: AskedName, found: Reply): Cells {
  if (found === 'other') return 'other-type';
  if (kind !== 'log') return found as Cells;
  const byScore = new Map(inPairs(found as string[]).map(({ field, value }) => [value, field]));
  return fields.map((position) => byScore.get(position) ?? null);
}

function alone(field: string): FoundField {
  return { field };
}

function inPairs(flat: readonly string[]): FoundField[] {
  return flat.flatMap((field, index) => (index % 2 === 0 ? [{ field, value: flat[index + 1]! }] : []));
}

async function headOf(connection: Connection): Promise<GenerationHead> {
  const [, generation, position, logId, schema] = (await connection.run(AUDIT_SCRIPTS.head, [])) as (
    string | null
  )[];
  if (!isGeneration(generation) || typeof position !== 'string' || typeof logId !== 'string')
    throw new ReadModelsUnavailableError('not-built', 'no read models are in force');
  return { generation, position: BigInt(position), logId, schema: schema ?? '' };
}
