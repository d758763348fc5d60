/**
 * A witness as C2SP tlog-witness describes one, small, with code of its own for proofs and signatures: it remembers the
 * last checkpoint that it signed, and signs only what goes on from it.
 */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSignedBy } from './oracle.ts';

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const node = (left: Buffer, right: Buffer) => sha256(Buffer.from([1]), left, right);

/** The two roots that a proof (RFC 6962, 2.1.2) leads to, taken apart as it is defined; consumes the proof. */
function roots(from: number, to: number, proof: Buffer[], known: Buffer, isOld = true): [Buffer, Buffer] {
  if (from === to) {
    const hash = isOld ? known : proof.pop()!;
    return [hash, hash];
  }
  let split = 1;
  while (split * 2 < to) split *= 2;
  const other = proof.pop()!;
  if (from <= split) {
    const [older, newer] = roots(from, split, proof, known, isOld);
    return [older, node(newer, other)];
  }
  const [older, newer] = roots(from - split, to - split, proof, known, false);
  return [node(other, older), node(other, newer)];
}

/** Whether the tree of the second size and root begins with that of the first. */
export function isConsistent(
  from: number,
  to: number,
  sent: readonly Buffer[],
  [old, next]: [Buffer, Buffer],
): boolean {
  if (from === 0) return sent.length === 0;
  const proof = [...sent];
  try {
    const [older, newer] = roots(from, to, proof, old);
    return proof.length === 0 && older.equals(old) && newer.equals(next);
  } catch {
    return false;
  }
}

interface Answer {
  status: number;
  body?: string;
}

export class SmallWitness {
  readonly vkey: string;
  /** Of the origin, the last checkpoint that it signed. */
  size = 0;
  root: Buffer = sha256();
  /** `old`, size and status of each request. */
  readonly asked: string[] = [];
  /** Answers in its place. `undefined` is silence. */
  instead: (() => Answer | undefined) | undefined;
  readonly #key: KeyObject;
  readonly #hash: Buffer;
  readonly #name = 'witness.example.com/w1';
  readonly #server: Server;

  private constructor(
    /** Whose checkpoints it takes. */
    readonly origin: string,
    readonly logVkeys: readonly string[],
  ) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    this.#key = privateKey;
    this.#hash = sha256(Buffer.from(`${this.#name}\n`), Buffer.from([4]), raw).subarray(0, 4);
    this.vkey = `${this.#name}+${this.#hash.toString('hex')}+${Buffer.concat([Buffer.from([4]), raw]).toString('base64')}`;
    this.#server = createServer((request, response) => {
      void this.#answer(request).then((answer) => {
        if (answer)
          response.writeHead(answer.status, { 'content-type': 'text/plain' }).end(answer.body ?? '');
      });
    });
  }

  static async start(origin: string, logVkeys: readonly string[]): Promise<SmallWitness> {
    const witness = new SmallWitness(origin, logVkeys);
    await new Promise<void>((resolve) => witness.#server.listen(0, '127.0.0.1', resolve));
    return witness;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage): Promise<Answer | undefined> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const answer = this.instead ? this.instead() : this.#judge(`${request.method} ${request.url}`, body);
    const [old, size] = [body.split('\n')[0], body.slice(body.indexOf('\n\n') + 2).split('\n')[1]];
    this.asked.push(`${old} → ${size}: ${answer?.status ?? 'silence'}`);
    return answer;
  }

  #judge(request: string, body: string): Answer {
    const [head, ...rest] = body.split('\n\n');
    const [first, ...proof] = head!.split('\n');
    const note = rest.join('\n\n');
    const [origin, decimal, base64] = note.split('\n');
    const old = Number(/^old (0|[1-9][0-9]*)$/.exec(first!)?.[1] ?? NaN);
    const [size, root] = [Number(decimal), Buffer.from(base64 ?? '', 'base64')];
    if (request !== 'POST /add-checkpoint' || Number.isNaN(old) || !Number.isSafeInteger(size))
      return { status: 400 };
    if (origin !== this.origin) return { status: 404 };
    if (!this.logVkeys.some((vkey) => isSignedBy(note, vkey))) return { status: 403 };
    if (old > size) return { status: 400 };
    if (old !== this.size) return { status: 409, body: `${this.size}\n` };
    if (size === old && !root.equals(this.root)) return { status: 409, body: `${this.size}\n` };
    const hashes = proof.map((line) => Buffer.from(line, 'base64'));
    if (!isConsistent(old, size, hashes, [this.root, root])) return { status: 422 };
    this.size = size;
    this.root = root;
    return { status: 200, body: this.cosign(note) };
  }

  cosign(note: string, key = this.#key): string {
    const seconds = Math.floor(Date.now() / 1_000);
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const timestamp = Buffer.alloc(8);
    timestamp.writeBigUInt64BE(BigInt(seconds));
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`), key);
    return `\u2014 ${this.#name} ${Buffer.concat([this.#hash, timestamp, signature]).toString('base64')}\n`;
  }
}
