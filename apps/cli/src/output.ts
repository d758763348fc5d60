/**
 * What a command shows. Results alone go to stdout: a table or lines for people, JSON with --json, ids with
 * --quiet. Everything else goes to stderr.
 */
import { CliError } from './errors.ts';
import { type Progress } from './progress.ts';
import { makeTable, painter, plain, type Column, type Paint, type Sink } from '@mcpstack/terminal';

export interface OutputSettings {
  json?: boolean;
  quiet?: boolean;
  color?: boolean;
  stdout: Sink;
  stderr: Sink;
  env: NodeJS.ProcessEnv;
  progress: Progress;
}

/** A line of `item`; the same shape as a column. */
export type Field<Item> = Pick<Column<Item>, 'title' | 'of'>;

export interface SecretOptions<Value> {
  /** What it is: `The key ci-smoke-prod`. */
  label: string;
  /** What to do with it now. */
  next: string;
  /** What makes another one, for whom this one is lost: `mcpstack api-keys rotate key_…`. */
  another: string;
  /** Where it stands in the value; `secret` if absent. */
  of?: (value: Value) => string | undefined;
}

export class Output {
  readonly #settings: OutputSettings;
  readonly #paint: Paint;
  readonly #note: Paint;

  constructor(settings: OutputSettings) {
    this.#settings = settings;
    this.#paint = painter(settings.stdout, settings.env, settings.color);
    this.#note = painter(settings.stderr, settings.env, settings.color);
  }

  get isJson(): boolean {
    return Boolean(this.#settings.json);
  }

  /**
   * A list with all its pages; `items` of the API client gives them.
   * @param options.empty said where there is none.
   * @param options.id what --quiet prints of each; its `id` if absent.
   */
  async list<Item>(
    items: Iterable<Item> | AsyncIterable<Item>,
    columns: readonly Column<Item>[],
    { empty, id = idOf }: { empty: string; id?: (item: Item) => string | undefined },
  ): Promise<void> {
    const all: Item[] = [];
    for await (const item of items) all.push(item);
    const { json, quiet, stdout } = this.#settings;
    if (json) return this.#json({ data: all });
    if (quiet) return this.#lines(all.flatMap((item) => plain(id(item) ?? '') || []));
    if (all.length === 0) return this.note(empty);
    const width = stdout.isTTY ? stdout.columns : undefined;
    const { lines, hidden } = makeTable(all, columns, { columns: width, paint: this.#paint });
    this.#lines(lines);
    if (hidden.length > 0)
      this.note(this.#note('dim', `Not shown for lack of room: ${hidden.join(', ').toLowerCase()}.`));
  }

  /** One thing, a field a line; fields without a value are left out. */
  item<Item>(value: Item, fields: readonly Field<Item>[]): void {
    const { json, quiet } = this.#settings;
    if (json) return this.#json(value);
    if (quiet) return this.#lines([plain(idOf(value) ?? '')]);
    const shown = fields.flatMap(({ title, of }) => {
      const text = of(value);
      return text === undefined || text === '' ? [] : [{ title: `${title}:`, text: plain(text) }];
    });
    const width = Math.max(0, ...shown.map(({ title }) => title.length)) + 1;
    this.#lines(shown.map(({ title, text }) => this.#paint('dim', title.padEnd(width)) + text));
  }

  /** What was done, in a sentence. `value` is what --json prints; only the id if absent. */
  done(sentence: string, { id, value }: { id?: string | undefined; value?: unknown } = {}): void {
    const { json, quiet } = this.#settings;
    if (json) return this.#json(value ?? (id === undefined ? {} : { id }));
    if (quiet) return this.#lines(id === undefined ? [] : [plain(id)]);
    this.#lines([`${this.#paint('green', '✓')} ${plain(sentence)}`]);
  }

  /**
   * A secret that is shown this once: alone on stdout, so that `KEY=$(mcpstack …)` has it; what it is and what to
   * do with it on stderr. With --json the whole value is printed; with --quiet the id, and no secret anywhere.
   * @param value the secret, or what holds it as `secret`.
   * @throws CliError when there is none in the value.
   */
  secret<Value>(value: Value, { label, next, another, of = secretOf }: SecretOptions<Value>): void {
    const { json, quiet } = this.#settings;
    const secret = of(value);
    if (secret === undefined) throw new CliError('failed', `${label} came without its secret.`);
    if (json) return this.#json(typeof value === 'string' ? { secret } : value);
    if (!quiet) {
      this.note(`${label}. It is shown this once:`);
      this.#lines([secret]);
      return this.note(next);
    }
    this.#lines([plain(idOf(value) ?? '')]);
    // Said in spite of --quiet, as it is not what everybody expects.
    this.#say(`${plain(label)} was not printed, as --quiet asks, and is lost. For another: ${another}`);
  }

  /** A remark, on stderr; none with --quiet, nor with --json unless somebody sits there. */
  note(text: string): void {
    if (!this.#settings.quiet) this.#say(text);
  }

  /** Something to look after, on stderr, also with --quiet. */
  warn(text: string): void {
    this.#say(`${this.#note('yellow', 'Warning:')} ${text}`);
  }

  #say(text: string): void {
    // Whoever reads stderr then reads one line of JSON: the error.
    if (this.isJson && !this.#settings.stderr.isTTY) return;
    this.#settings.progress.clear();
    this.#settings.stderr.write(`${text}\n`);
  }

  #json(value: unknown): void {
    this.#lines([JSON.stringify(value, null, 2)]);
  }

  #lines(lines: readonly string[]): void {
    this.#settings.progress.clear();
    if (lines.length > 0) this.#settings.stdout.write(`${lines.join('\n')}\n`);
  }
}

function idOf(value: unknown): string | undefined {
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : undefined;
}

function secretOf(value: unknown): string | undefined {
  const secret = typeof value === 'string' ? value : (value as { secret?: unknown } | null)?.secret;
  return typeof secret === 'string' ? secret : undefined;
}
