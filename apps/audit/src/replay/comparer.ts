/**
 * Compares the fold of the log with all that stands in one generation. Each step reads from Redis together with the
 * position that Redis had reached, and the fold is brought to that very position before it is compared: both may grow
 * meanwhile. First everything that the log says is looked up in Redis, then everything in Redis in the log.
 */
import { type AskedName, type Cells, type FoundField, type GenerationReader } from '@mcpstack/read-models';
import { expectedNames, expectedValue, isLogName, type LogFold } from '@mcpstack/replay';
import { AuditError } from '../errors.ts';
import { type AuditedLog } from '../log.ts';
import { type Steps } from '../progress.ts';
import { emptyAsNone, FIELDS_A_STEP, inSteps, KINDS, valueIn } from './cells.ts';
import { differencesIn, type Difference } from './differences.ts';

export interface Comparison {
  generation: string;
  /** That Redis had reached at the end. */
  position: string;
  /** Of records and lists that the log speaks of; one with very many fields counts several times. */
  names: number;
  cells: number;
  differences: number;
  /** The first of them. */
  listed: readonly Difference[];
}

/** So many differences are listed. */
const MOST_LISTED = 100;
/** So many are looked at once more; with more than that there is no doubt. */
const MOST_DOUBTS = 10_000;
/** So many steps are on their way at once. */
const STEPS_AHEAD = 4;
interface Step {
  asked: readonly AskedName[];
  read: Promise<{ position: bigint; value: readonly Cells[] }>;
}

export class Comparer {
  #names = 0;
  #cells = 0;
  #position = -1n;
  /** What differed at the first look. */
  readonly #doubts = new Map<string, AskedName>();
  #beyondDoubt = 0;

  constructor(
    private readonly fold: LogFold,
    private readonly log: AuditedLog,
    private readonly reader: GenerationReader,
    private readonly steps: Steps,
  ) {}

  async run(): Promise<Comparison> {
    await this.#lookUpAll(expectedNames(this.fold), (asked, field, found) => {
      if (found.length > 0) this.#doubt(asked, field);
    });
    await this.#findExtra();
    const listed: Difference[] = [];
    let differences = this.#beyondDoubt;
    // Once more: a step that was repeated by the projection may have been seen half done.
    await this.#lookUpAll(this.#doubts.values(), (_asked, _field, found) => {
      differences += found.length;
      listed.push(...found.slice(0, MOST_LISTED - listed.length));
    });
    return {
      generation: this.reader.head.generation,
      position: this.#position.toString(),
      names: this.#names - this.#doubts.size,
      cells: this.#cells - this.#doubts.size,
      differences,
      listed,
    };
  }

  /** Several steps are on their way at once; they are answered in their order. */
  async #lookUpAll(
    names: Iterable<AskedName>,
    onField: (asked: AskedName, field: string, found: Difference[]) => void,
  ): Promise<void> {
    const waiting: Step[] = [];
    for (const asked of inSteps(names)) {
      const read = this.reader.cells(asked);
      read.catch(() => undefined);
      waiting.push({ asked, read });
      if (waiting.length >= STEPS_AHEAD) await this.#look(waiting.shift()!, onField);
    }
    for (const step of waiting) await this.#look(step, onField);
  }

  async #look(
    { asked, read }: Step,
    onField: (asked: AskedName, field: string, found: Difference[]) => void,
  ): Promise<void> {
    const { position, value } = await read;
    await this.#advance(position);
    for (const [index, one] of asked.entries()) {
      const cells = value[index]!;
      this.#names += 1;
      this.steps.step(() => this.#share());
      for (const [place, field] of one.fields.entries()) {
        this.#cells += 1;
        const expected = expectedValue(this.fold, one.name, field);
        const stands = cells === 'other-type' ? 'a value of another type' : valueIn(one.kind, cells[place]);
        onField(one, field, differencesIn({ name: one.name, field }, emptyAsNone(expected), stands));
      }
    }
  }

  /** Everything in Redis that the log does not say. */
  async #findExtra(): Promise<void> {
    let cursor = '0';
    do {
      const page = await this.reader.names(cursor);
      cursor = page.cursor;
      const names = page.names.filter((name) => name !== 'meta');
      for (let from = 0; from < names.length; from += FIELDS_A_STEP)
        await this.#findExtraIn(names.slice(from, from + FIELDS_A_STEP));
    } while (cursor !== '0');
  }

  async #findExtraIn(names: readonly string[]): Promise<void> {
    const { position, value } = await this.reader.fields(names);
    await this.#advance(position);
    for (const [index, { type, fields }] of value.entries()) {
      const name = names[index]!;
      const kind = type === 'zset' && isLogName(name) ? 'log' : KINDS[type];
      // It is gone since.
      if (type === 'none') continue;
      if (!kind) this.#doubt({ name, kind: 'string', fields: [''] }, '');
      else if (kind === 'string' || kind === 'list') this.#checkField({ name, kind }, '');
      else if (fields) this.#checkFields({ name, kind }, fields);
      else await this.#scan(name, type, kind);
    }
  }

  async #scan(name: string, type: string, kind: AskedName['kind']): Promise<void> {
    let cursor = '0';
    do {
      const { position, value } = await this.reader.scan(name, type, cursor);
      await this.#advance(position);
      cursor = value.cursor;
      this.#checkFields({ name, kind }, value.fields);
    } while (cursor !== '0');
  }

  #checkFields(at: Pick<AskedName, 'name' | 'kind'>, fields: readonly FoundField[]): void {
    for (const { field, value } of fields) this.#checkField(at, at.kind === 'log' ? value! : field);
  }

  #checkField({ name, kind }: Pick<AskedName, 'name' | 'kind'>, field: string): void {
    if (expectedValue(this.fold, name, field) === undefined)
      this.#doubt({ name, kind, fields: [field] }, field);
  }

  #doubt({ name, kind }: AskedName, field: string): void {
    if (this.#doubts.size < MOST_DOUBTS)
      this.#doubts.set(`${name}\n${field}`, { name, kind, fields: [field] });
    else if (!this.#doubts.has(`${name}\n${field}`)) this.#beyondDoubt += 1;
  }

  /** Reads the log on to where Redis was when it was read. */
  async #advance(position: bigint): Promise<void> {
    if (position < this.#position)
      throw new AuditError(
        'unknown',
        `Redis went back from position ${this.#position} to ${position} while it was compared.`,
        {
          code: 'redis-went-back',
          next: 'It was restored, or failed over: compare again once it is steady.',
        },
      );
    this.#position = position;
    const after = this.fold.position;
    if (position <= BigInt(after)) return;
    const read = after < 0 ? { until: position } : { after: BigInt(after), until: position };
    for await (const event of this.log.events(read)) this.fold.apply(event);
  }

  /** About: so many names a key, and so many a used key, stand for all. */
  #share(): number {
    const { organizations, users, agents, servers, keys, usage, claims } = this.fold.state;
    const few = organizations.size * 4 + users.size + agents.size * 3 + servers.size * 2;
    return Math.min(0.99, this.#names / (keys.size * 4 + usage.size * 2 + claims.size + few + 1));
  }
}
