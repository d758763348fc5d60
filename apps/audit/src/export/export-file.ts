/**
 * The file that an export writes. What stands there already is compared with what the export writes at that place, and
 * the export goes on where the file's last whole line ends: so that nothing is kept beside the file, and an interrupted
 * export is one like any other. Each byte has its place, so that two exports into one file write the same.
 */
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { AuditError } from '../errors.ts';

/** So much is written at once. */
const CHUNK_BYTES = 128 * 1024;
/** A line is shorter than an append to the log may be, with room for its spelling. */
const LONGEST_LINE_BYTES = 8 * 1024 * 1024;
/** Names and what happened to whom: for whoever exported it. */
const MODE = 0o600;

export interface Written {
  bytes: number;
  /** Of the whole file; not known when only its last line was looked at. */
  sha256: string | undefined;
  /** Lines that stood there already. */
  keptLines: number;
}

export interface LastLines {
  last: { text: string; /** Where it begins. */ offset: number };
  before: string | undefined;
}

export class ExportFile {
  #pending: string[] = [];
  #pendingBytes = 0;
  /** Where the next byte goes. */
  #offset = 0;
  #lines = 0;
  #keptLines = 0;
  #hash: Hash | undefined = createHash('sha256');

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    /** Bytes of whole lines that stand there. */
    private readonly kept: number,
    /** Not so for a device such as /dev/full. */
    private readonly isRegular: boolean,
  ) {}

  /** @throws AuditError when it is there and is not to be resumed, or cannot be written. */
  static async open(path: string, { resume = false } = {}): Promise<ExportFile> {
    try {
      const flags = resume ? constants.O_RDWR | constants.O_CREAT : 'wx+';
      const handle = await open(path, flags, MODE).catch((error: NodeJS.ErrnoException) => {
        // A device is there before it is written to.
        if (error.code === 'EEXIST' && path.startsWith('/dev/')) return open(path, 'w');
        throw error;
      });
      const stats = await handle.stat();
      const isRegular = stats.isFile();
      const kept = isRegular ? await endOfLines(handle, stats.size) : 0;
      return new ExportFile(path, handle, kept, isRegular);
    } catch (error) {
      throw fileError(path, error as NodeJS.ErrnoException);
    }
  }

  /** The last whole lines that stand there. */
  async lastLines(): Promise<LastLines | undefined> {
    if (this.kept === 0) return undefined;
    const offset = await endOfLines(this.handle, this.kept - 1);
    const text = (await this.#stored(offset, this.kept - offset)).toString('utf8');
    if (offset === 0) return { last: { text, offset }, before: undefined };
    const start = await endOfLines(this.handle, offset - 1);
    return { last: { text, offset }, before: (await this.#stored(start, offset - start)).toString('utf8') };
  }

  /** Nothing before this place is compared or written. */
  skipTo(offset: number): void {
    this.#offset = offset;
    this.#hash = undefined;
  }

  /** Takes whole lines. @throws AuditError when something else stands at their place. */
  async put(lines: string): Promise<void> {
    this.#pending.push(lines);
    this.#pendingBytes += lines.length;
    if (this.#pendingBytes >= CHUNK_BYTES) await this.#flush();
  }

  /** @param what differs, such as a line. */
  differs(what: string): AuditError {
    return differs(
      `${what} of ${this.path} is not what this export writes there.`,
      'It was exported from another log or with other options (--format, --organization, --from, --to, --type, --usage, --personal-data), or it was changed since. Nothing was written: name the options that it was exported with, or write another file.',
    );
  }

  /** @throws AuditError when the file goes on where the export ends. */
  async end(): Promise<Written> {
    await this.#flush();
    if (this.#offset < this.kept) {
      throw differs(
        `${this.path} goes on ${this.#hash ? `after line ${this.#lines}, ` : ''}where this export ends.`,
        'It was exported up to a later time or position, or something was added to it. Leave --to and --until-position out, or write another file.',
      );
    }
    try {
      if (this.isRegular) {
        await this.handle.truncate(this.#offset);
        await this.handle.sync();
      }
    } catch (error) {
      throw fileError(this.path, error as NodeJS.ErrnoException);
    }
    return { bytes: this.#offset, sha256: this.#hash?.digest('hex'), keptLines: this.#keptLines };
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  async #flush(): Promise<void> {
    const text = this.#pending.join('');
    const chunk = Buffer.from(text, 'utf8');
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#hash?.update(chunk);
    const standing = Math.min(chunk.length, Math.max(0, this.kept - this.#offset));
    if (standing > 0) await this.#compare(chunk.subarray(0, standing));
    await this.#write(chunk.subarray(standing), this.#offset + standing);
    this.#offset += chunk.length;
    this.#lines += linesIn(chunk);
  }

  async #compare(wanted: Buffer): Promise<void> {
    const found = await this.#stored(this.#offset, wanted.length);
    if (found.equals(wanted)) {
      this.#keptLines += linesIn(wanted);
      return;
    }
    const at = wanted.findIndex((byte, index) => byte !== found[index]);
    const line = this.#hash ? `Line ${this.#lines + linesIn(wanted.subarray(0, at)) + 1}` : 'The last line';
    throw this.differs(line);
  }

  async #write(chunk: Buffer, offset: number): Promise<void> {
    try {
      for (let done = 0; done < chunk.length;) {
        const place = this.isRegular ? offset + done : null;
        done += (await this.handle.write(chunk, done, chunk.length - done, place)).bytesWritten;
      }
    } catch (error) {
      throw fileError(this.path, error as NodeJS.ErrnoException);
    }
  }

  async #stored(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await this.handle.read(buffer, done, length - done, offset + done);
      if (bytesRead === 0)
        throw differs(`${this.path} became shorter meanwhile.`, 'Somebody else writes it.');
      done += bytesRead;
    }
    return buffer;
  }
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1;
  return lines;
}

/** The place after the last line break before `size`. */
async function endOfLines(handle: FileHandle, size: number): Promise<number> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let end = size; end > 0;) {
    if (size - end > LONGEST_LINE_BYTES) {
      throw differs(
        'The file is no export: it ends in a line that is longer than any.',
        'Write another file.',
      );
    }
    const start = Math.max(0, end - CHUNK_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, end - start, start);
    const at = buffer.subarray(0, bytesRead).lastIndexOf(10);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}

function differs(message: string, next: string): AuditError {
  return new AuditError('wrong', message, { code: 'export-differs', next });
}

const RESUME = 'What stands there is whole but for its last line: make room, and go on with --resume.';

const REASONS: Readonly<Record<string, readonly [message: string, next: string]>> = {
  EEXIST: ['is there already', 'Pass --resume to go on with it, or name another file.'],
  ENOENT: ['cannot be made: its folder is not there', 'Make the folder first.'],
  ENOTDIR: ['cannot be made: its folder is a file', 'Name another file.'],
  EISDIR: ['is a folder', 'Name a file in it.'],
  EACCES: ['may not be written', 'Name a file that you may write.'],
  EPERM: ['may not be written', 'Name a file that you may write.'],
  EROFS: ['may not be written: the disk is read-only', 'Name a file elsewhere.'],
};

/** What went wrong with a file, and what to do. */
export function fileError(path: string, error: NodeJS.ErrnoException, next = RESUME): Error {
  if (error instanceof AuditError) return error;
  const known = REASONS[error.code ?? ''];
  if (known)
    return new AuditError('usage', `${path} ${known[0]}.`, {
      code: 'output-file',
      next: known[1],
      cause: error,
    });
  const isFull = error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'EFBIG';
  return new AuditError(
    'unknown',
    `${path} could not be written${isFull ? ': there is no room left' : ` (${error.code})`}.`,
    {
      code: 'output-file',
      next,
      cause: error,
    },
  );
}
