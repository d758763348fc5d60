/** What a command shows. Results alone go to stdout: lines for people, JSON with --json. Everything else to stderr. */
import { makeTable, painter, plain, type Column, type Paint, type Sink } from '@mcpstack/terminal';
import { type Progress } from './progress.ts';

export interface OutputSettings {
  json: boolean;
  color: boolean;
  stdout: Sink;
  stderr: Sink;
  env: NodeJS.ProcessEnv;
  progress: Progress;
}

export class Output {
  readonly paint: Paint;
  readonly #settings: OutputSettings;
  readonly #note: Paint;

  constructor(settings: OutputSettings) {
    this.#settings = settings;
    this.paint = painter(settings.stdout, settings.env, settings.color);
    this.#note = painter(settings.stderr, settings.env, settings.color);
  }

  get isJson(): boolean {
    return this.#settings.json;
  }

  /** The whole result of a command, for a program; nothing without --json. */
  json(value: unknown): void {
    if (this.#settings.json) this.#write([JSON.stringify(value, spelled, 2)]);
  }

  /** Lines for people; nothing with --json. Texts from the log are cleared of what would steer a terminal. */
  lines(...lines: readonly string[]): void {
    if (!this.#settings.json) this.#write(lines);
  }

  /** A table for people, as wide as the terminal; nothing with --json. */
  table<Item>(items: readonly Item[], columns: readonly Column<Item>[]): void {
    const { stdout } = this.#settings;
    const width = stdout.isTTY ? stdout.columns : undefined;
    this.lines(...makeTable(items, columns, { columns: width, paint: this.paint }).lines);
  }

  /** Fields of one thing, a line each; those without a value are left out. */
  fields(fields: readonly (readonly [title: string, text: string | undefined])[]): void {
    const shown = fields.filter(([, text]) => text !== undefined && text !== '');
    const width = Math.max(0, ...shown.map(([title]) => title.length)) + 2;
    this.lines(...shown.map(([title, text]) => this.paint('dim', `${title}:`.padEnd(width)) + plain(text!)));
  }

  /** Bytes as they are, such as an export. */
  raw(text: string): void {
    this.#settings.progress.clear();
    this.#settings.stdout.write(text);
  }

  /** A remark, on stderr; none with --json unless somebody sits there. */
  note(text: string): void {
    const { json, stderr, progress } = this.#settings;
    if (json && !stderr.isTTY) return;
    progress.clear();
    stderr.write(`${text}\n`);
  }

  warn(text: string): void {
    this.note(`${this.#note('yellow', 'Warning:')} ${text}`);
  }

  #write(lines: readonly string[]): void {
    this.#settings.progress.clear();
    if (lines.length > 0) this.#settings.stdout.write(`${lines.join('\n')}\n`);
  }
}

/** Positions and revisions are strings, as everywhere on the wire. */
function spelled(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
