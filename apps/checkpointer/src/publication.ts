/** Checkpoints in files: the newest one, whole at any moment, and all of them one after the other. */
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Log } from '@mcpstack/service-kit';
import { parseCheckpoint, parseNote, TlogError, verifyNote, type Verifier } from '@mcpstack/tlog';
import { RefusalError } from './errors.ts';

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

  /**
   * How many events the checkpoint in the file covers; 0 where there is no file, or nothing in it.
   * @throws RefusalError when it holds anything else than a checkpoint of this log by these keys. It may be all that shows
   *   that the log is another one than before, so that it is never written over.
   */
  publishedSize(origin: string, verifiers: readonly Verifier[]): number {
    const note = this.#standing();
    if (note.trim() === '') return 0;
    try {
      const checkpoint = parseCheckpoint(verifyNote(note, verifiers).text);
      if (checkpoint.origin === origin) return checkpoint.size;
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      throw foreignFile(originOf(note) ?? 'nobody knows which log', origin, error.message);
    }
    throw foreignFile(originOf(note)!, origin);
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

  /** @throws RefusalError when nobody can tell whether there is a checkpoint. */
  #standing(): string {
    const { file } = this.#options;
    try {
      return file === undefined ? '' : readFileSync(file, 'utf8');
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      if (code === 'ENOENT') return '';
      throw new RefusalError(
        'foreign-file',
        `CHECKPOINT_FILE cannot be read (${code}), so that what was published from here is not known. Let this service read it, or move it away.`,
      );
    }
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

function foreignFile(of: string, origin: string, why?: string): RefusalError {
  return new RefusalError(
    'foreign-file',
    `CHECKPOINT_FILE holds no checkpoint of this log (${origin}) by its keys, but one of ${of}${why === undefined ? '' : `: ${why}`}. The log may have been made anew, be another copy, or its keys were replaced. Find out which. If it is known and accepted, keep the file as evidence under another name: signing then goes on.`,
  );
}

/** What the first line says, if it is a name at all. */
const originOf = (note: string): string | undefined => /^[!-~]{1,200}(?=\n)/.exec(note)?.[0];

/** Whether two notes are of one checkpoint, whoever else has signed either of them. */
function isSame(one: string, other: string): boolean {
  try {
    return parseNote(one).text === parseNote(other).text;
  } catch {
    return false;
  }
}
