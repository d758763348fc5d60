import { createWriteStream, mkdirSync, openSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';

/** A log file that never grows past two times `maxBytes`: the full one is set aside as `<path>.1`. */
export class LogFile {
  readonly path: string;
  readonly #maxBytes: number;
  #stream: WriteStream;
  #bytes: number;

  constructor(path: string, maxBytes = 10 * 1024 * 1024) {
    this.path = path;
    this.#maxBytes = maxBytes;
    mkdirSync(dirname(path), { recursive: true });
    this.#bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (this.#bytes > maxBytes / 2) this.#setAside();
    this.#stream = this.#open();
  }

  write(text: string | Buffer): void {
    this.#bytes += text.length;
    this.#stream.write(text);
    if (this.#bytes > this.#maxBytes) this.#rotate();
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#stream.end(resolve));
  }

  /** A disk that is full, or a folder that is gone, must not take the supervised service down with it. */
  #rotate(): void {
    try {
      this.#setAside();
      const next = this.#open();
      this.#stream.end();
      this.#stream = next;
    } catch {
      this.#bytes = 0;
    }
  }

  #setAside(): void {
    renameSync(this.path, `${this.path}.1`);
    this.#bytes = 0;
  }

  /** Opened at once: a stream that opens later could find its file renamed, or write into the next one. */
  #open(): WriteStream {
    const stream = createWriteStream(this.path, { fd: openSync(this.path, 'a', 0o600) });
    stream.on('error', () => undefined);
    return stream;
  }
}
