/** Checkpoints in files: the newest one, whole at any moment, and all of them one after the other. */
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Log } from '@mcpstack/service-kit';
import { parseCheckpoint, parseNote, verifyNote, type Verifier } from '@mcpstack/tlog';

export interface PublicationOptions {
  /** The newest checkpoint. */
  file?: string | undefined;
  /** Every checkpoint, with a blank line after each. */
  historyFile?: string | undefined;
  log: Log;
}

export class Publication {
  readonly #options: PublicationOptions;
  #newest: string | undefined;
  #trouble: string | undefined;

  constructor(options: PublicationOptions) {
    this.#options = options;
  }

  /** Why the files are not what they should be. */
  trouble(): string | undefined {
    return this.#trouble;
  }

  /** How many events the checkpoint in the file covers; 0 where there is none of this log that these keys signed. */
  publishedSize(origin: string, verifiers: readonly Verifier[]): number {
    const note = this.#read();
    if (note === undefined) return 0;
    try {
      const checkpoint = parseCheckpoint(verifyNote(note, verifiers).text);
      return checkpoint.origin === origin ? checkpoint.size : 0;
    } catch (error) {
      this.#options.log.warn('CHECKPOINT_FILE holds no checkpoint of this service, and is written anew', {
        err: error,
      });
      return 0;
    }
  }

  publish(note: string): void {
    if (note === this.#newest) return;
    const standing = this.#read();
    this.#newest = note;
    // At a start the file may hold the same checkpoint with the signatures of witnesses.
    if (standing !== undefined && isSame(standing, note)) this.#newest = standing;
    else this.#write(note);
  }

  /** The checkpoint, once witnesses have signed it too: each line as it stands in a note. */
  cosigned(note: string, lines: readonly string[]): void {
    const newest = this.#newest !== undefined && isSame(this.#newest, note) ? this.#newest : undefined;
    const before = newest ?? note;
    const known = new Set(parseNote(before).signatures.map(({ line }) => line));
    const added = lines.filter((line) => !known.has(line)).map((line) => `${line}\n`);
    if (added.length === 0) return;
    const whole = before + added.join('');
    if (newest !== undefined) {
      this.#newest = whole;
      this.#write(whole);
    } else this.#remember(whole);
  }

  #write(note: string): void {
    const { file } = this.#options;
    this.#carefully(() => {
      if (file === undefined) return;
      const draft = `${file}.${process.pid}.tmp`;
      writeFileSync(draft, note);
      renameSync(draft, file);
    });
    this.#remember(note);
  }

  #remember(note: string): void {
    const { historyFile } = this.#options;
    if (historyFile !== undefined) this.#carefully(() => appendFileSync(historyFile, `${note}\n`));
  }

  #read(): string | undefined {
    const { file } = this.#options;
    if (file === undefined) return undefined;
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return undefined;
    }
  }

  /** A file that cannot be written stops no signing. */
  #carefully(write: () => void): void {
    try {
      write();
      this.#trouble = undefined;
    } catch (error) {
      if (this.#trouble === undefined)
        this.#options.log.error('a checkpoint could not be written to a file', { err: error });
      this.#trouble = `the file of checkpoints cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
    }
  }
}

/** Whether two notes are of one checkpoint, whoever else has signed either of them. */
function isSame(one: string, other: string): boolean {
  try {
    return parseNote(one).text === parseNote(other).text;
  } catch {
    return false;
  }
}
